import type { BatchResult } from '@rollcall/contract/users.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { expectError, expectIssues } from './support/errors.ts';
import { storedEvents, storedRows } from './support/rows.ts';
import { startTestServer } from './support/test-server.ts';
import { readPage, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const UPSERT = '/v1/users/batch-upsert';
const DEACTIVATE = '/v1/users/batch-deactivate';
const DAY_MS = 24 * 60 * 60 * 1000;

const batch = { users: [{ remoteId: 'E1', firstName: 'Ann' }, { email: 'no address' }] };
const withKey = (key: string) => ({ 'idempotency-key': key });

describe('a repeated Idempotency-Key', () => {
  test.each([UPSERT, DEACTIVATE])('gives the first answer of %s again, byte for byte, and says so', async (path) => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, { remoteId: 'E1', firstName: 'Before' });
    const body = { users: [{ remoteId: 'E1' }, { remoteId: 'E2', email: 'x' }] };
    const first = await acme.post(path, body, withKey('k'));
    await upsertUsers(acme, { remoteId: 'E1', firstName: 'Meanwhile', active: true }, { remoteId: 'E3' });
    const stored = await storedRows(server, acme);
    const again = await acme.post(path, body, withKey('k'));
    expect(first.status).toBe(200);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(again.status).toBe(200);
    expect(again.bytes.equals(first.bytes)).toBe(true);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    expect(await storedRows(server, acme)).toEqual(stored);
  });

  test('with another body is refused with 422 and writes nothing', async () => {
    const acme = await server.createOrganization();
    await acme.post(UPSERT, batch, withKey('k'));
    const reply = await acme.post(UPSERT, { users: [{ remoteId: 'E2' }] }, withKey('k'));
    expect(reply.status).toBe(422);
    expectError(reply, 'idempotency_key_reused');
    expect((await readPage(acme)).items).toMatchObject([{ remoteId: 'E1' }]);
    expect((await acme.post(UPSERT, batch, withKey('k'))).headers['idempotency-replayed']).toBe('true');
  });

  test('with another operation is refused with 422, also where the body is the same', async () => {
    const acme = await server.createOrganization();
    const body = { users: [{ remoteId: 'E1' }] };
    await acme.post(UPSERT, body, withKey('k'));
    expectError(await acme.post(DEACTIVATE, body, withKey('k')), 'idempotency_key_reused');
    expect((await readPage(acme, 'active=true')).total).toBe(1);
  });

  test('of another organization is a key of its own', async () => {
    const acme = await server.createOrganization();
    const other = await server.createOrganization();
    await acme.post(UPSERT, batch, withKey('k'));
    const reply = await other.post(UPSERT, { users: [{ remoteId: 'X' }] }, withKey('k'));
    expect(reply.json<BatchResult>().data.success).toMatchObject([{ remoteId: 'X' }]);
    expect(reply.headers['idempotency-replayed']).toBeUndefined();
  });

  test('counts for the organization, whichever of its keys sends it', async () => {
    const acme = await server.createOrganization();
    const second = await acme.createKey();
    const first = await acme.post(UPSERT, batch, withKey('k'));
    const again = await server.request(UPSERT, { method: 'POST', key: second.key, body: batch, headers: withKey('k') });
    expect(again.text).toBe(first.text);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  test('is forgotten after 24 hours, not before', async () => {
    const acme = await server.createOrganization();
    const first = await acme.post(UPSERT, batch, withKey('k'));
    server.clock.advance(DAY_MS - 1);
    const within = await acme.post(UPSERT, batch, withKey('k'));
    expect(within.headers['idempotency-replayed']).toBe('true');
    expect(within.text).toBe(first.text);
    server.clock.advance(1);
    const later = await acme.post(UPSERT, { users: [{ remoteId: 'E2' }] }, withKey('k'));
    expect(later.status).toBe(200);
    expect(later.headers['idempotency-replayed']).toBeUndefined();
    expect((await readPage(acme)).total).toBe(2);
  });
});

describe('the same batch sent at once from several connections', () => {
  test('is written once, and all get the same answer', async () => {
    const acme = await server.createOrganization();
    const users = Array.from({ length: 50 }, (_, index) => ({ remoteId: `E${index}` }));
    const send = () => acme.post(UPSERT, { users }, { ...withKey('k'), connection: 'close' });
    const replies = await Promise.all(Array.from({ length: 10 }, send));
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    expect(replies.filter((reply) => reply.headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    expect((await readPage(acme)).total).toBe(50);
    expect(await storedEvents(server, acme)).toEqual([[1, 'users.created']]);
  });

  test('but with two bodies under one key is written once and refused once', async () => {
    const acme = await server.createOrganization();
    const send = (remoteId: string) => acme.post(UPSERT, { users: [{ remoteId }] }, withKey('k'));
    const replies = await Promise.all([send('E1'), send('E2')]);
    expect(replies.map((reply) => reply.status).sort()).toEqual([200, 422]);
    expect((await readPage(acme)).total).toBe(1);
  });
});

describe('only an answer that was a success is kept', () => {
  test('so that a refused body can be put right under the same key', async () => {
    const acme = await server.createOrganization();
    expectIssues(await acme.post(UPSERT, { users: [{ remoteId: 1 }] }, withKey('k')));
    const reply = await acme.post(UPSERT, batch, withKey('k'));
    expect(reply.status).toBe(200);
    expect(reply.headers['idempotency-replayed']).toBeUndefined();
  });
});

describe('the form of an Idempotency-Key', () => {
  test.each(['550e8400-e29b-41d4-a716-446655440000', '"quoted"', 'a'.repeat(255), '~!#$%'])(
    'may be %s',
    async (key) => {
      const acme = await server.createOrganization();
      await acme.post(UPSERT, batch, withKey(key));
      expect((await acme.post(UPSERT, batch, withKey(key))).headers['idempotency-replayed']).toBe('true');
    },
  );

  test.each(['', 'two words', 'a'.repeat(256), 'caf\u00e9'])('may not be %j', async (key) => {
    const acme = await server.createOrganization();
    expect(expectIssues(await acme.post(UPSERT, batch, withKey(key)))).toEqual([
      'Idempotency-Key: must be 1 to 255 visible ASCII characters, for example a UUID',
    ]);
    expect((await readPage(acme)).total).toBe(0);
  });

  test('in capitals is another key', async () => {
    const acme = await server.createOrganization();
    await acme.post(UPSERT, batch, withKey('k'));
    expect((await acme.post(UPSERT, batch, withKey('K'))).headers['idempotency-replayed']).toBeUndefined();
  });
});

test('without an Idempotency-Key nothing is remembered and nothing replayed', async () => {
  const acme = await server.createOrganization();
  await acme.post(UPSERT, batch);
  const again = await acme.post(UPSERT, batch);
  expect(again.headers['idempotency-replayed']).toBeUndefined();
  expect((await storedRows(server, acme)).idempotency_keys).toEqual([]);
});
