import { randomUUID } from 'node:crypto';
import { accountOperations } from '@rollcall/contract/account.ts';
import type { Operation } from '@rollcall/contract/operation.ts';
import { accountScopes, allScopes } from '@rollcall/contract/scopes.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { expectError } from './support/errors.ts';
import type { Reply, RequestOptions } from './support/request.ts';
import { newApiKey, startTestServer } from './support/test-server.ts';
import { createUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const HOUR_MS = 3_600_000;

/** A well-formed request of an operation, but for the key; what its path names is not there. */
function call(operation: Operation, options: RequestOptions = {}): Promise<Reply> {
  const { method, path, bodyExamples } = operation;
  const [example] = Object.values(bodyExamples ?? {});
  const body = example && { body: example.value };
  return server.request(path.replace('{runId}', randomUUID()), { method, ...body, ...options });
}

/** Checks a 401, which must name the way in, and answers its message. */
function expectUnauthorized(reply: Reply): string {
  expect(reply.headers['www-authenticate']).toBe('Bearer realm="Rollcall"');
  return expectError(reply, 'unauthorized').message;
}

const withHeader = (authorization: string) => server.request('/v1/users', { headers: { authorization } });

describe.each(accountOperations)('$id', (operation) => {
  test('needs a key: without one it is 401 and says how to send it', async () => {
    expect(expectUnauthorized(await call(operation))).toBe(
      'This operation needs a server API key. Send it as "Authorization: Bearer rck_…" or as "X-API-Key: rck_…".',
    );
  });

  test('needs its scope and no other', async () => {
    const acme = await server.createOrganization();
    const { key } = await acme.createKey({ scopes: [operation.scope] });
    expect([200, 201, 404]).toContain((await call(operation, { key })).status);
    const others = await acme.createKey({ scopes: allScopes.filter((scope) => scope !== operation.scope) });
    const { message, metadata } = expectError(await call(operation, { key: others.key }), 'forbidden');
    expect(message).toContain(`"${operation.scope}"`);
    expect(metadata).toMatchObject({ scope: operation.scope });
  });

  test('is refused to a key without any scope', async () => {
    const acme = await server.createOrganization();
    const { key } = await acme.createKey({ scopes: [] });
    expectError(await call(operation, { key }), 'forbidden');
  });
});

describe('a key', () => {
  test('is taken from either header, whatever the case of its name and of "Bearer"', async () => {
    const { key } = await server.createOrganization();
    for (const headers of [
      { authorization: `Bearer ${key}` },
      { Authorization: `bearer   ${key} ` },
      { AUTHORIZATION: `BEARER ${key}` },
      { 'X-API-Key': key },
      { 'x-api-key': ` ${key} ` },
    ]) {
      expect((await server.request('/v1/users', { headers })).status).toBe(200);
    }
  });

  test('decides the organization', async () => {
    const acme = await server.createOrganization();
    const other = await server.createOrganization();
    await createUsers(acme, 3);
    expect((await acme.get('/v1/users')).text).toContain('"total":3');
    expect((await other.get('/v1/users')).text).toContain('"total":0');
  });

  test('is not taken from the URL', async () => {
    const { key } = await server.createOrganization();
    for (const name of ['key', 'api_key', 'access_token']) {
      expectUnauthorized(await server.request(`/v1/users?${name}=${key}`));
    }
  });

  test('in both headers must be the same', async () => {
    const acme = await server.createOrganization();
    const second = await acme.createKey();
    const send = (own: string, bearer: string) =>
      server.request('/v1/users', { headers: { 'x-api-key': own, authorization: `Bearer ${bearer}` } });
    expect((await send(acme.key, acme.key)).status).toBe(200);
    expect(expectUnauthorized(await send(second.key, acme.key))).toContain('different keys');
    expectUnauthorized(await send('', acme.key));
    expectUnauthorized(await send(acme.key, newApiKey()));
  });

  test('that stands beside another scheme is not enough', async () => {
    const { key } = await server.createOrganization();
    const headers = { 'x-api-key': key, authorization: 'Basic dXNlcjpwYXNz' };
    expectUnauthorized(await server.request('/v1/users', { headers }));
  });

  test('sent twice in one header is refused', async () => {
    const { key } = await server.createOrganization();
    expectUnauthorized(await server.request('/v1/users', { headers: { 'x-api-key': [key, key] } }));
  });
});

describe('a key that is not right', () => {
  test.each(['Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz', 'Digest username="x"', 'Token abc', 'Bearer a b', ''])(
    'in its header is 401: "%s"',
    async (authorization) => {
      expectUnauthorized(await withHeader(authorization));
    },
  );

  test.each([
    'secret',
    'rck_',
    'rck_short',
    `rck_${'a'.repeat(35)}`,
    `rck_${'a'.repeat(37)}`,
    `rck-${'a'.repeat(36)}`,
    `rck_${'ä'.repeat(36)}`,
    `sk_${'a'.repeat(37)}`,
    "' or 1=1 --",
  ])('in its form is 401 and told to be no key: "%s"', async (key) => {
    const message = expectUnauthorized(
      await server.request('/v1/users', { headers: { 'x-api-key': Buffer.from(key).toString('latin1') } }),
    );
    expect(message).toContain('is not a server API key: those begin with "rck_"');
  });

  test('in one character is 401 and told to be mistyped, not unknown', async () => {
    const { key } = await server.createOrganization();
    for (const at of [4, 20, 33, 34, 39]) {
      const other = key[at] === 'x' ? 'y' : 'x';
      const mistyped = key.slice(0, at) + other + key.slice(at + 1);
      expect(expectUnauthorized(await withHeader(`Bearer ${mistyped}`))).toContain('is mistyped');
    }
  });

  test('in the order of two characters is told to be mistyped', async () => {
    const { key } = await server.createOrganization();
    const at = [...key].findIndex((character, index) => index > 4 && character !== key[index - 1]);
    const swapped = key.slice(0, at - 1) + key.charAt(at) + key.charAt(at - 1) + key.slice(at + 1);
    expect(expectUnauthorized(await withHeader(`Bearer ${swapped}`))).toContain('is mistyped');
  });

  test('that nobody made is 401 and told to be unknown', async () => {
    expect(expectUnauthorized(await withHeader(`Bearer ${newApiKey()}`))).toContain('is not known here');
  });

  test('is never repeated in the answer', async () => {
    const key = newApiKey();
    expect((await withHeader(`Bearer ${key}`)).text).not.toContain(key.slice(4, 20));
  });
});

describe('a revoked key', () => {
  test('is refused at once, also on a connection that it has used, and the others go on', async () => {
    const acme = await server.createOrganization();
    const { id, key } = await acme.createKey();
    expect((await server.request('/v1/users', { key })).status).toBe(200);
    await acme.revokeKey(id);
    for (const operation of accountOperations) {
      expect(expectUnauthorized(await call(operation, { key }))).toContain('has been revoked');
    }
    expect((await acme.get('/v1/users')).status).toBe(200);
  });

  test('writes nothing any more', async () => {
    const acme = await server.createOrganization();
    const { id, key } = await acme.createKey();
    await acme.revokeKey(id);
    await server.request('/v1/users/batch-upsert', { method: 'POST', key, body: { users: [{ remoteId: 'E1' }] } });
    expect((await acme.get('/v1/users')).text).toContain('"total":0');
  });

  test('does not get a 304 for a list that it has seen', async () => {
    const acme = await server.createOrganization();
    const { id, key } = await acme.createKey();
    const { etag } = (await server.request('/v1/users', { key })).headers;
    await acme.revokeKey(id);
    expectUnauthorized(await server.request('/v1/users', { key, headers: { 'if-none-match': etag } }));
  });
});

describe('a key that expires', () => {
  test('works until that moment and not from it on', async () => {
    const acme = await server.createOrganization();
    const { key } = await acme.createKey({ expiresAt: server.clock.now() + HOUR_MS });
    server.clock.advance(HOUR_MS - 1);
    expect((await server.request('/v1/users', { key })).status).toBe(200);
    server.clock.advance(1);
    expect(expectUnauthorized(await server.request('/v1/users', { key }))).toContain('has expired');
  });
});

test('a key is judged before the rest of the request: no fault of it is told to strangers', async () => {
  expectUnauthorized(await server.request('/v1/users?page=x&unknown=1'));
  const acme = await server.createOrganization();
  const { key } = await acme.createKey({ scopes: ['clusters:read'] });
  expectError(await server.request('/v1/users?page=x', { key }), 'forbidden');
});

test('the scopes of the Account API are those of its operations', () => {
  expect(new Set(accountOperations.map((operation) => operation.scope))).toEqual(new Set(accountScopes));
});
