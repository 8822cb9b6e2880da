import { afterAll, describe, expect, test } from 'vitest';
import { USER_SCHEMA } from '../domain/scim/schemas.ts';
import { storedRows } from './support/rows.ts';
import { createScimClient, fault, type ScimError, type ScimUserResource } from './support/scim.ts';
import { startTestServer } from './support/test-server.ts';
import { deactivateUsers, readPage, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const ANN = {
  schemas: [USER_SCHEMA, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
  externalId: 'E1',
  userName: 'Ann@Example.com',
  name: { givenName: 'Ann', familyName: 'Lee', formatted: 'Ann Lee' },
  displayName: 'Ann Lee',
  active: true,
  emails: [{ primary: true, type: 'work', value: 'Ann@Example.com' }],
  title: 'Engineer',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'R&D' },
};

describe('a person', () => {
  test('is made, read, and is the same user as in the Account API', async () => {
    const { send, get, organization } = await createScimClient(server);
    const reply = await send('POST', '/Users', ANN);
    expect(reply.status).toBe(201);
    expect(reply.headers['content-type']).toMatch(/^application\/scim\+json/);
    const user = reply.json<ScimUserResource>();
    const at = new Date(server.clock.now()).toISOString();
    expect(user).toEqual({
      schemas: [USER_SCHEMA],
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      externalId: 'E1',
      userName: 'Ann@Example.com',
      name: { formatted: 'Ann Lee', givenName: 'Ann', familyName: 'Lee' },
      displayName: 'Ann Lee',
      active: true,
      emails: [{ value: 'ann@example.com', type: 'work', primary: true }],
      meta: {
        resourceType: 'User',
        created: at,
        lastModified: at,
        location: `${server.address}/scim/v2/Users/${user.id}`,
        version: reply.headers.etag,
      },
    });
    expect(reply.headers.location).toBe(user.meta.location);
    expect(await get(`/Users/${user.id}`)).toEqual(user);
    expect((await readPage(organization)).items).toEqual([
      { id: user.id, firstName: 'Ann', lastName: 'Lee', email: 'ann@example.com', active: true, remoteId: 'E1' },
    ]);
  });

  test('who came by a batch is there for SCIM too', async () => {
    const { organization, get, find } = await createScimClient(server);
    const [user] = (await upsertUsers(organization, { remoteId: 'E1', email: 'ann@example.com' })).success;
    expect(await get(`/Users/${user?.id}`)).toMatchObject({ userName: 'ann@example.com', externalId: 'E1' });
    await upsertUsers(organization, { remoteId: 'E2' });
    expect(await find('userName eq "E2"')).toEqual(['E2']);
  });

  test('is not missed by a roster that never had them', async () => {
    const { organization, createUser } = await createScimClient(server);
    await createUser(ANN);
    const { users = [] } = await storedRows(server, organization);
    expect(users.map(({ synced }) => Number(synced))).toEqual([0]);
  });

  test('may sign in under a name that is no address, and is found by it', async () => {
    const { createUser, find, get } = await createScimClient(server);
    const user = await createUser({ userName: 'LeeA', emails: [{ value: 'ann@example.com' }] });
    expect(user).toMatchObject({ userName: 'LeeA', emails: [{ value: 'ann@example.com' }] });
    expect(await find('userName eq "leea"')).toEqual(['LeeA']);
    expect(await find('userName eq "ann@example.com"')).toEqual([]);
    expect(await get(`/Users/${user.id}`)).toEqual(user);
  });

  test('needs a userName, and an address or an externalId', async () => {
    const { send } = await createScimClient(server);
    const schemas = [USER_SCHEMA];
    expect(fault(await send('POST', '/Users', { schemas }))).toEqual([400, 'invalidValue']);
    expect(fault(await send('POST', '/Users', { schemas, userName: 'leea' }))).toEqual([400, 'invalidValue']);
    expect(fault(await send('POST', '/Users', { userName: 'a@example.com' }))).toEqual([400, 'invalidSyntax']);
    expect(fault(await send('POST', '/Users', { schemas, userName: 7 }))).toEqual([400, 'invalidValue']);
    expect(
      fault(await send('POST', '/Users', { schemas, userName: 'a@example.com', emails: [{ value: 'x' }] })),
    ).toEqual([400, 'invalidValue']);
    expect((await send('POST', '/Users', { schemas, userName: 'leea', externalId: 'E1' })).status).toBe(201);
  });

  test('cannot be made twice: userName, email and externalId belong to one', async () => {
    const { createUser, send } = await createScimClient(server);
    await createUser(ANN);
    const again = (changes: object) => send('POST', '/Users', { ...ANN, ...changes });
    expect(fault(await again({}))).toEqual([409, 'uniqueness']);
    expect(fault(await again({ externalId: 'E2' }))).toEqual([409, 'uniqueness']);
    const other = { userName: 'bob', emails: [{ value: 'bob@example.com' }] };
    expect(fault(await again(other))).toEqual([409, 'uniqueness']);
    expect(fault(await again({ ...other, externalId: 'E2', emails: ANN.emails }))).toEqual([409, 'uniqueness']);
    expect((await again({ ...other, externalId: 'E2' })).status).toBe(201);
    expect(fault(await again({ userName: 'BOB', externalId: 'E3', emails: [{ value: 'c@example.com' }] }))).toEqual([
      409,
      'uniqueness',
    ]);
  });

  test('outside the trusted domains is neither made nor changed, but may always be deactivated', async () => {
    const client = await createScimClient(server, { trustedDomains: ['acme.example'] });
    const reply = await client.send('POST', '/Users', ANN);
    expect(fault(reply)).toEqual([400, 'invalidValue']);
    expect(reply.json<ScimError>().detail).toContain('acme.example');
    const user = await client.createUser({ userName: 'ann@acme.example' });
    const replaced = await client.patch(`/Users/${user.id}`, {
      op: 'replace',
      path: 'userName',
      value: 'a@other.example',
    });
    expect(fault(replaced)).toEqual([400, 'invalidValue']);
    expect((await client.patch(`/Users/${user.id}`, { op: 'replace', path: 'active', value: false })).status).toBe(200);
  });
});

describe('PUT', () => {
  test('replaces what it names, leaves what it does not, and takes away what is null', async () => {
    const { createUser, send } = await createScimClient(server);
    const { id } = await createUser(ANN);
    const put = { schemas: [USER_SCHEMA], userName: 'ann@example.com', name: { familyName: 'Ray' }, externalId: null };
    const reply = await send('PUT', `/Users/${id}`, put);
    expect(reply.status).toBe(200);
    const user = reply.json<ScimUserResource>();
    expect(user).toMatchObject({
      userName: 'ann@example.com',
      name: { givenName: 'Ann', familyName: 'Ray' },
      active: true,
    });
    expect(user).not.toHaveProperty('externalId');
    expect(fault(await send('PUT', `/Users/${id}`, { schemas: [USER_SCHEMA] }))).toEqual([400, 'invalidValue']);
    expect(fault(await send('PUT', `/Users/${'0'.repeat(64)}`, put))).toEqual([404, undefined]);
  });

  test('of the same changes nothing, not even the version', async () => {
    const { createUser, send } = await createScimClient(server);
    const user = await createUser(ANN);
    server.clock.advance(1_000);
    const reply = await send('PUT', `/Users/${user.id}`, ANN);
    expect(reply.json()).toEqual(user);
  });
});

describe('DELETE', () => {
  test('deactivates and hides; a POST of the same userName brings the same person back', async () => {
    const { createUser, send, get, find, organization } = await createScimClient(server);
    const { id } = await createUser(ANN);
    await createUser({ userName: 'bob@example.com' });
    expect((await send('DELETE', `/Users/${id}`)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect(fault(await send(method, `/Users/${id}`))).toEqual([404, undefined]);
    expect(await find('userName eq "ann@example.com"')).toEqual([]);
    expect(await get('/Users')).toMatchObject({ totalResults: 1, Resources: [{ userName: 'bob@example.com' }] });
    expect((await readPage(organization, 'active=false')).items.map((user) => user.id)).toEqual([id]);

    const back = await createUser({ ...ANN, active: undefined, name: { givenName: 'Anna' } });
    expect(back).toMatchObject({ id, active: true, name: { givenName: 'Anna', familyName: 'Lee' } });
    expect(await get('/Users')).toMatchObject({ totalResults: 2 });
  });

  test('of somebody inactive hides them, until they are active again elsewhere', async () => {
    const { createUser, send, get, organization } = await createScimClient(server);
    const { id } = await createUser({ ...ANN, active: false });
    expect(await get('/Users')).toMatchObject({ totalResults: 1 });
    await send('DELETE', `/Users/${id}`);
    expect(await get('/Users')).toMatchObject({ totalResults: 0 });
    await upsertUsers(organization, { remoteId: 'E1', active: true });
    expect(await get('/Users')).toMatchObject({ totalResults: 1, Resources: [{ id }] });
  });

  test('is not what `active: false` does: who is deactivated stays readable', async () => {
    const { createUser, patch, get, find, organization } = await createScimClient(server);
    const { id } = await createUser(ANN);
    await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false });
    expect(await get(`/Users/${id}`)).toMatchObject({ active: false });
    expect(await find('userName eq "ann@example.com" and active eq false')).toEqual(['Ann@Example.com']);
    await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: true });
    await deactivateUsers(organization, { id });
    expect(await get(`/Users/${id}`)).toMatchObject({ active: false });
  });
});

describe('versions', () => {
  test('a read with the version that is there is answered 304', async () => {
    const { createUser, send } = await createScimClient(server);
    const { id, meta } = await createUser(ANN);
    const path = `/Users/${id}`;
    const cached = await send('GET', path, undefined, { 'if-none-match': meta.version });
    expect([cached.status, cached.text, cached.headers.etag]).toEqual([304, '', meta.version]);
    expect((await send('GET', path, undefined, { 'if-none-match': 'W/"other"' })).status).toBe(200);
  });

  test('a write for another version than the one that is there is refused', async () => {
    const { createUser, send } = await createScimClient(server);
    const { id, meta } = await createUser(ANN);
    const path = `/Users/${id}`;
    const stale = { 'if-match': meta.version };
    const renamed = { ...ANN, name: { familyName: 'Ray' } };
    expect((await send('PUT', path, renamed, stale)).status).toBe(200);
    for (const [method, body] of [
      ['PUT', ANN],
      ['DELETE', undefined],
    ] as const) {
      const refused = await send(method, path, body, stale);
      expect(fault(refused)).toEqual([412, undefined]);
    }
    const { headers } = await send('GET', path);
    expect((await send('DELETE', path, undefined, { 'if-match': `"x", ${headers.etag}` })).status).toBe(204);
  });
});

describe('every request', () => {
  test('needs a key with the scope scim, and is refused in SCIM’s own form', async () => {
    const { organization, send } = await createScimClient(server);
    for (const path of ['/scim/v2/Users', '/scim/v2/ServiceProviderConfig', '/scim/v2/nothing']) {
      const reply = await server.request(path);
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toContain('Bearer');
      expect(reply.json()).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '401' });
    }
    expect((await organization.get('/scim/v2/Users')).status).toBe(403);
    expect(fault(await send('GET', '/nothing'))).toEqual([404, undefined]);
    expect(fault(await send('GET', '/Me'))).toEqual([501, undefined]);
    const refused = await send('PUT', '/Users', ANN);
    expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, POST']);
  });

  test('takes JSON under both names, and nothing else', async () => {
    const { send } = await createScimClient(server);
    const sendAs = (type: string, body: unknown) => send('POST', '/Users', body, { 'content-type': type });
    expect((await sendAs('application/json', ANN)).status).toBe(201);
    expect(fault(await sendAs('text/plain', 'x'))).toEqual([415, undefined]);
    expect(fault(await sendAs('application/scim+json', '{"a"'))).toEqual([400, 'invalidSyntax']);
    expect(fault(await sendAs('application/scim+json', '[]'))).toEqual([400, 'invalidSyntax']);
    expect(fault(await sendAs('application/scim+json', Buffer.from([0x22, 0xff, 0x22])))).toEqual([
      400,
      'invalidSyntax',
    ]);
  });

  test('that is too large is refused with the limit', async () => {
    const { send } = await createScimClient(server);
    const reply = await send('POST', '/Users', { ...ANN, title: 'x'.repeat(5_000_000) });
    expect([reply.status, reply.json<ScimError>().detail]).toEqual([413, expect.stringContaining('4194304')]);
  });
});

test('what the server can do, its resources and their attributes are told', async () => {
  const { get, send } = await createScimClient(server);
  expect(await get('/ServiceProviderConfig')).toMatchObject({
    patch: { supported: true },
    bulk: { supported: true, maxOperations: 1_000, maxPayloadSize: 4_194_304 },
    filter: { supported: true, maxResults: 200 },
    sort: { supported: true },
    etag: { supported: true },
  });
  expect(await get('/ResourceTypes')).toMatchObject({ totalResults: 2, Resources: [{ id: 'User' }, { id: 'Group' }] });
  expect(await get('/ResourceTypes/User')).toMatchObject({ endpoint: '/Users', schema: USER_SCHEMA });
  expect(await get('/Schemas')).toMatchObject({ totalResults: 2 });
  const { attributes } = await get<{ attributes: { name: string }[] }>(`/Schemas/${USER_SCHEMA}`);
  expect(attributes.map(({ name }) => name)).toEqual([
    'userName',
    'externalId',
    'name',
    'displayName',
    'active',
    'emails',
  ]);
  expect(fault(await send('GET', '/Schemas/urn:other'))).toEqual([404, undefined]);
  expect(fault(await send('GET', '/Schemas?filter=id%20pr'))).toEqual([403, undefined]);
});
