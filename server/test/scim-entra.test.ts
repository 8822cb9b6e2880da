import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { GROUP_SCHEMA, USER_SCHEMA } from '../domain/scim/schemas.ts';
import {
  createScimClient,
  fault,
  type ScimGroupResource,
  type ScimList,
  type ScimUserResource,
} from './support/scim.ts';
import { startTestServer } from './support/test-server.ts';
import { readPage } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GROUP_2 = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';
const empty = { totalResults: 0, itemsPerPage: 0, Resources: [] };
const query = (filter: string) => `filter=${encodeURIComponent(filter)}`;

/** What Microsoft Entra sends for a new person with its usual mapping. */
function entraUser(name: string) {
  return {
    schemas: [USER_SCHEMA, ENTERPRISE],
    externalId: randomUUID(),
    userName: `${name}@contoso.example`,
    active: true,
    displayName: 'Given Family',
    emails: [{ primary: true, type: 'work', value: `${name}@contoso.example` }],
    meta: { resourceType: 'User' },
    name: { formatted: 'Given Family', familyName: 'Family', givenName: 'Given' },
    title: 'Manager',
    preferredLanguage: 'en',
    [`${ENTERPRISE}`]: { department: 'Sales', manager: { value: 'x' } },
    roles: [],
  };
}

describe('Microsoft Entra', () => {
  test('tests the connection', async () => {
    const { get } = await createScimClient(server);
    expect(await get(`/Users?${query(`userName eq "${randomUUID()}"`)}`)).toMatchObject(empty);
    expect(await get(`/Users?aadOptscim062020&${query(`userName eq "${randomUUID()}"`)}`)).toMatchObject(empty);
    expect(await get(`/Groups?excludedAttributes=members&${query(`displayName eq "${randomUUID()}"`)}`)).toMatchObject(
      empty,
    );
  });

  test('provisions, changes, deactivates, brings back and deletes a person', async () => {
    const { get, send, patch, organization } = await createScimClient(server);
    const person = entraUser('jane');
    const matching = `/Users?${query(`userName eq "${person.userName}"`)}`;
    expect(await get(matching)).toMatchObject(empty);
    const made = await send('POST', '/Users', person);
    expect(made.status).toBe(201);
    const { id } = made.json<ScimUserResource>();
    expect(await get(matching)).toMatchObject({ totalResults: 1, Resources: [{ id, externalId: person.externalId }] });
    expect(await get(`/Users?${query(`externalId eq "${person.externalId}"`)}`)).toMatchObject({ totalResults: 1 });
    expect(await get(`/Users?${query(`emails[type eq "work"].value eq "${person.userName}"`)}`)).toMatchObject({
      totalResults: 1,
    });

    const changed = await patch(
      `/Users/${id}`,
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'updated@contoso.example' },
      { op: 'Replace', path: 'name.familyName', value: 'Updated' },
      { op: 'Add', path: 'title', value: 'Director' },
      { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Marketing' },
      { op: 'Replace', path: 'displayName', value: 'Given Updated' },
    );
    expect(changed.json()).toMatchObject({
      userName: person.userName,
      emails: [{ value: 'updated@contoso.example' }],
      displayName: 'Given Updated',
    });
    await patch(`/Users/${id}`, { op: 'Replace', path: 'userName', value: '5b50642d@contoso.example' });
    expect(await get(`/Users/${id}`)).toMatchObject({
      userName: '5b50642d@contoso.example',
      emails: [{ value: 'updated@contoso.example' }],
    });

    const off = await patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'False' });
    expect(off.json()).toMatchObject({ active: false });
    expect((await readPage(organization, 'active=true')).total).toBe(0);
    await patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'True' });
    expect((await readPage(organization, 'active=true')).total).toBe(1);

    expect((await send('DELETE', `/Users/${id}`)).status).toBe(204);
    expect(fault(await send('GET', `/Users/${id}`))).toEqual([404, undefined]);
    expect((await send('POST', '/Users', person)).json()).toMatchObject({ active: true });
  });

  test('is told that a person is there already', async () => {
    const { send } = await createScimClient(server);
    const person = entraUser('twice');
    await send('POST', '/Users', person);
    expect(fault(await send('POST', '/Users', person))).toEqual([409, 'uniqueness']);
  });

  test('provisions a group, asks who is in it, and changes its members one by one', async () => {
    const { get, send, patch } = await createScimClient(server);
    const people: string[] = [];
    for (const name of ['a', 'b']) {
      people.push((await send('POST', '/Users', entraUser(name))).json<ScimUserResource>().id);
    }
    const [a, b] = people;
    const group = {
      schemas: [GROUP_SCHEMA, GROUP_2],
      externalId: randomUUID(),
      displayName: 'Sales',
      meta: { resourceType: 'Group' },
    };
    const { id } = (await send('POST', '/Groups', group)).json<ScimGroupResource>();
    const path = `/Groups/${id}`;
    expect(await get(`/Groups?excludedAttributes=members&${query('displayName eq "Sales"')}`)).toMatchObject({
      totalResults: 1,
      Resources: [{ id, externalId: group.externalId }],
    });
    expect(await get(`${path}?excludedAttributes=members`)).not.toHaveProperty('members');

    const add = (...ids: (string | undefined)[]) =>
      patch(path, { op: 'Add', path: 'members', value: ids.map((value) => ({ $ref: null, value })) });
    expect((await add(a)).status).toBe(204);
    expect((await add(b)).status).toBe(204);
    const isMember = async (member = '') =>
      (await get<ScimList<ScimGroupResource>>(`/Groups?${query(`id eq "${id}" and members eq "${member}"`)}`))
        .totalResults;
    expect([await isMember(a), await isMember(b)]).toEqual([1, 1]);
    expect((await patch(path, { op: 'Remove', path: 'members', value: [{ $ref: null, value: a }] })).status).toBe(204);
    expect((await patch(path, { op: 'Remove', path: `members[value eq "${b}"]` })).status).toBe(204);
    expect([await isMember(a), await isMember(b)]).toEqual([0, 0]);
    expect((await patch(path, { op: 'Replace', path: 'displayName', value: 'Sales 2' })).status).toBe(204);
    expect((await send('DELETE', path)).status).toBe(204);
  });
});
