import { randomUUID } from 'node:crypto';
import { accountOperations } from '@rollcall/contract/account.ts';
import type { Operation } from '@rollcall/contract/operation.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { expectError } from './support/errors.ts';
import { startTestServer } from './support/test-server.ts';
import { createUsers, readPage } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const UPSERT = '/v1/users/batch-upsert';
const BODY_BYTES_MAX = 1_048_576;

describe('an address at which there is nothing', () => {
  test.each([
    '/',
    '/v1',
    '/v1/',
    '/v1/user',
    '/v1/users/',
    '/V1/users',
    '/v1/users/E1',
    '/v2/users',
    '/v1//users',
    '/v1/users%2F',
    '/.env',
    '/v1/%F0%9F%98%80',
  ])('is 404: %s', async (path) => {
    const acme = await server.createOrganization();
    expectError(await acme.get(path), 'not_found');
    expectError(await server.request(path), 'not_found');
  });

  test('is 404 whatever the method', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
      expectError(await server.request('/v1/nothing', { method }), 'not_found');
    }
    const head = await server.request('/v1/nothing', { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([404, '']);
  });

  test('does not come back in the answer', async () => {
    expect((await server.request('/v1/%3Cscript%3Ealert(1)%3C/script%3E')).text).not.toContain('script');
  });

  test.each(['/v1/users%', '/v1/%E0%A4%A', '/%C0%AF'])(
    'that is not valid percent-encoding is 400: %s',
    async (path) => {
      expectError(await server.request(path), 'invalid_request');
    },
  );
});

describe('an address that answers others, but has nothing at this one', () => {
  test.each(['/thumbnails/nope', '/thumbnails/nope.svg', '/thumbnails/..%2Ficon.svg'])(
    'is 404 in the envelope: %s',
    async (path) => {
      expectError(await server.request(path), 'not_found');
      expect((await server.request(path, { method: 'HEAD' })).status).toBe(404);
    },
  );
});

test('a browser at the root is led to the reference, and only a browser', async () => {
  for (const method of ['GET', 'HEAD']) {
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const reply = await server.request('/', { method, headers });
    expect([reply.status, reply.headers.location, reply.headers.vary]).toEqual([302, 'docs/', 'Accept']);
  }
  expectError(await server.request('/', { headers: { accept: '*/*' } }), 'not_found');
});

describe('a method that an address does not answer', () => {
  test.each([
    ['/v1/users', 'GET, HEAD'],
    ['/v1/clusters', 'GET, HEAD'],
    ['/v1/completions', 'GET, HEAD'],
    ['/v1/users/batch-upsert', 'POST'],
    ['/v1/users/batch-deactivate', 'POST'],
  ])('is 405 with Allow: %s answers %s', async (path, allow) => {
    const acme = await server.createOrganization();
    const refused = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].filter(
      (method) => !allow.split(', ').includes(method),
    );
    for (const method of refused) {
      const reply = await server.request(`${path}?page=1`, { method, key: acme.key });
      expectError(reply, 'method_not_allowed');
      expect(reply.headers.allow).toBe(allow);
    }
  });

  test('is 405 with a body too, of whatever type, and nothing is written', async () => {
    const acme = await server.createOrganization();
    const body = { users: [{ remoteId: 'E1' }] };
    expectError(await server.request(UPSERT, { method: 'PUT', key: acme.key, body }), 'method_not_allowed');
    const headers = { 'content-type': 'text/plain' };
    expectError(
      await server.request('/v1/users', { method: 'POST', key: acme.key, body, headers }),
      'method_not_allowed',
    );
    expect((await readPage(acme)).total).toBe(0);
  });
});

describe('a body', () => {
  test('of 1 MiB is read, and one byte more is 413 with nothing written', async () => {
    const acme = await server.createOrganization();
    const ofLength = (bytes: number) => {
      const json = '{"users":[{"remoteId":"E1"}]}';
      return json + ' '.repeat(bytes - json.length);
    };
    const reply = await acme.post(UPSERT, ofLength(BODY_BYTES_MAX + 1), { connection: 'close' });
    expect(expectError(reply, 'payload_too_large').message).toContain('larger than 1 MiB');
    expect((await readPage(acme)).total).toBe(0);
    expect((await acme.post(UPSERT, ofLength(BODY_BYTES_MAX))).status).toBe(200);
  });

  test('that does not say its length beforehand is 413 at the same limit', async () => {
    const acme = await server.createOrganization();
    const headers = { 'content-length': undefined, 'transfer-encoding': 'chunked', connection: 'close' };
    const reply = await acme.post(UPSERT, ' '.repeat(BODY_BYTES_MAX + 1), headers);
    expectError(reply, 'payload_too_large');
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonp',
    'application/problem+json',
    'text/json',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'json',
    ';',
  ])('declared as %s is 415', async (type) => {
    const acme = await server.createOrganization();
    const reply = await acme.post(UPSERT, { users: [{ remoteId: 'E1' }] }, { 'content-type': type });
    expectError(reply, 'unsupported_media_type');
    expect((await readPage(acme)).total).toBe(0);
  });

  test('not declared at all is 415', async () => {
    const acme = await server.createOrganization();
    const reply = await acme.post(UPSERT, { users: [{ remoteId: 'E1' }] }, { 'content-type': undefined });
    expectError(reply, 'unsupported_media_type');
  });

  test('that is compressed is 415', async () => {
    const acme = await server.createOrganization();
    const reply = await acme.post(UPSERT, { users: [{ remoteId: 'E1' }] }, { 'content-encoding': 'gzip' });
    expectError(reply, 'unsupported_media_type');
  });

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json ; odata=verbose',
  ])('declared as %s is read', async (type) => {
    const acme = await server.createOrganization();
    const reply = await acme.post(UPSERT, { users: [{ remoteId: 'E1' }] }, { 'content-type': type });
    expect([reply.status, reply.text]).toEqual([200, expect.stringContaining('"E1"')]);
  });

  test('of a stranger is not even read: 401 comes first', async () => {
    const reply = await server.request(UPSERT, {
      method: 'POST',
      body: ' '.repeat(BODY_BYTES_MAX + 1),
      headers: { 'content-type': 'text/plain', connection: 'close' },
    });
    expectError(reply, 'unauthorized');
  });
});

describe('X-Request-Id', () => {
  test('is on every answer, another each time, and cannot be set from outside', async () => {
    const acme = await server.createOrganization();
    const replies = [
      await acme.get('/v1/users', { 'x-request-id': 'mine' }),
      await acme.get('/v1/clusters', { 'request-id': 'mine' }),
      await acme.get('/v1/completions'),
      await acme.post(UPSERT, { users: [{ remoteId: 'E1' }] }),
      await acme.post(UPSERT, {}),
      await acme.get('/nothing'),
      await server.request('/v1/users'),
      await server.request('/healthz'),
    ];
    const ids = replies.map((reply) => reply.headers['x-request-id']);
    for (const id of ids) expect(id).toMatch(/^req_[0-9a-z]+$/);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('headers of every answer', () => {
  test('keep it out of shared caches and from being taken for another type', async () => {
    const acme = await server.createOrganization();
    const list = await acme.get('/v1/users');
    const batch = await acme.post(UPSERT, { users: [{ remoteId: 'E1' }] });
    const error = await acme.get('/v1/users?x=1');
    expect([list, batch, error].map((reply) => reply.headers['cache-control'])).toEqual([
      'private, no-cache',
      'no-store',
      'no-store',
    ]);
    for (const reply of [list, batch, error]) expect(reply.headers['x-content-type-options']).toBe('nosniff');
    for (const reply of [list, batch, error]) expect(reply.headers).not.toHaveProperty('x-powered-by');
  });
});

describe('a fault of the storage', () => {
  test('is 500 that shows nothing of the inside, on every operation and in every coding', async () => {
    await using broken = await startTestServer();
    const acme = await broken.createOrganization();
    await createUsers(acme, 30);
    await broken.database.transaction(null, async ({ kysely }) => {
      for (const table of ['visits', 'registrations', 'users', 'clusters', 'completions', 'sync_runs']) {
        await kysely.schema.alterTable(table).renameTo(`lost_${table}`).execute();
      }
    });
    for (const { method, path, bodyExamples } of accountOperations as readonly Operation[]) {
      const [example] = Object.values(bodyExamples ?? {});
      for (const coding of ['identity', 'gzip', 'br', 'zstd']) {
        const headers = { 'accept-encoding': coding };
        const request = { method, key: acme.key, headers, ...(example && { body: example.value }) };
        for (let round = 0; round < 3; round++) {
          expectError(await broken.request(path.replace('{runId}', randomUUID()), request), 'internal');
        }
      }
    }
    expect((await broken.request('/healthz')).status).toBe(200);
  });
});
