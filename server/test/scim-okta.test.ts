import { afterAll, describe, expect, test } from 'vitest';
import { GROUP_SCHEMA, USER_SCHEMA } from '../domain/scim/schemas.ts';
import { createScimClient, fault, type ScimGroupResource, type ScimUserResource } from './support/scim.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const query = (filter: string) => `filter=${encodeURIComponent(filter)}`;

/** What Okta sends for a new person. */
const PERSON = {
  schemas: [USER_SCHEMA],
  userName: 'test.user@okta.example',
  name: { givenName: 'Test', familyName: 'User' },
  emails: [{ primary: true, value: 'test.user@okta.example', type: 'work' }],
  displayName: 'Test User',
  locale: 'en-US',
  externalId: '00ujl29u0le5T6Aj10h7',
  groups: [],
  password: '1mz050nq',
  active: true,
};

describe('Okta', () => {
  test('tests the connection', async () => {
    const { get } = await createScimClient(server);
    expect(await get('/Users?startIndex=1&count=2')).toMatchObject({ totalResults: 0, startIndex: 1, itemsPerPage: 0 });
    expect(await get('/ServiceProviderConfig')).toMatchObject({ patch: { supported: true } });
    expect(await get('/Groups?startIndex=1&count=100')).toMatchObject({ totalResults: 0, Resources: [] });
  });

  test('provisions a person, changes the profile by PUT, deactivates and brings back by PATCH', async () => {
    const { get, send, patch } = await createScimClient(server);
    const matching = `/Users?${query(`userName eq "${PERSON.userName}"`)}&startIndex=1&count=100`;
    expect(await get(matching)).toMatchObject({ totalResults: 0 });
    const made = await send('POST', '/Users', PERSON, { 'content-type': 'application/scim+json; charset=utf-8' });
    expect(made.status).toBe(201);
    const user = made.json<ScimUserResource>();
    expect(user).not.toHaveProperty('password');
    const path = `/Users/${user.id}`;
    expect(await get(path)).toEqual(user);

    const put = { ...user, name: { givenName: 'Another', middleName: 'X', familyName: 'User' } };
    expect((await send('PUT', path, put)).json()).toMatchObject({
      name: { givenName: 'Another' },
      externalId: PERSON.externalId,
    });
    const off = await patch(path, { op: 'replace', value: { active: false } });
    expect([off.status, off.json<ScimUserResource>().active]).toEqual([200, false]);
    expect(await get(matching)).toMatchObject({ totalResults: 1, Resources: [{ active: false }] });
    const on = await patch(path, { op: 'replace', value: { active: true } });
    expect(on.json()).toMatchObject({ active: true });
    expect((await send('PUT', path, { ...put, active: false })).json()).toMatchObject({ active: false });
    expect(fault(await send('POST', '/Users', PERSON))).toEqual([409, 'uniqueness']);
  });

  test('is told with 404 of a person who is not there', async () => {
    const { send } = await createScimClient(server);
    expect(fault(await send('GET', '/Users/010101001010101011001010101011'))).toEqual([404, undefined]);
    expect(fault(await send('GET', `/Users/${encodeURIComponent('\u0000')}`))).toEqual([404, undefined]);
  });

  test('pushes a group, with its members and its name', async () => {
    const { get, send, patch } = await createScimClient(server);
    const { id: user } = (await send('POST', '/Users', PERSON)).json<ScimUserResource>();
    const pushed = await send('POST', '/Groups', { schemas: [GROUP_SCHEMA], displayName: 'Test SCIMv2', members: [] });
    const group = pushed.json<ScimGroupResource>();
    const path = `/Groups/${group.id}`;
    expect(await get(`/Groups?${query('displayName eq "Test SCIMv2"')}&startIndex=1&count=100`)).toMatchObject({
      totalResults: 1,
      Resources: [group],
    });
    const member = { value: user, display: PERSON.userName };
    expect((await patch(path, { op: 'add', path: 'members', value: [member] })).status).toBe(204);
    expect((await patch(path, { op: 'replace', value: { id: group.id, displayName: 'Renamed' } })).status).toBe(204);
    expect(await get(path)).toMatchObject({ displayName: 'Renamed', members: [{ value: user }] });
    await patch(
      path,
      { op: 'remove', path: `members[value eq "${user}"]` },
      { op: 'add', path: 'members', value: [member] },
    );
    expect((await get<ScimGroupResource>(path)).members).toHaveLength(1);
    const put = { schemas: [GROUP_SCHEMA], id: group.id, displayName: 'Again', members: [] };
    expect((await send('PUT', path, put)).json()).toMatchObject({ displayName: 'Again', members: [] });
    expect((await send('DELETE', path)).status).toBe(204);
  });
});
