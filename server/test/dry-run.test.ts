import type { BatchResult, UserTemplate } from '@rollcall/contract/users.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { storedRows } from './support/rows.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { createUsers, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const UPSERT = '/v1/users/batch-upsert';
const DEACTIVATE = '/v1/users/batch-deactivate';

/** Creations, changes, a link, a swap and a failure at once. */
const everything: UserTemplate[] = [
  { remoteId: 'new', firstName: 'New' },
  { remoteId: 'E0', lastName: 'Changed', active: false },
  { remoteId: 'E1', email: 'e1@example.com' },
  { remoteId: 'linked', email: 'signed.up@example.com' },
  { remoteId: 'clash', email: 'e1@example.com' },
];

async function organizationWithUsers(): Promise<TestOrganization> {
  const acme = await server.createOrganization();
  await createUsers(acme, 2);
  await upsertUsers(acme, { email: 'signed.up@example.com' });
  return acme;
}

describe('dryRun=true', () => {
  test('writes nothing: no user, event, version, counter or remembered answer', async () => {
    const acme = await organizationWithUsers();
    const before = await storedRows(server, acme);
    const etag = (await acme.get('/v1/users')).headers.etag;
    server.clock.advance(60_000);
    await acme.post(`${UPSERT}?dryRun=true`, { users: everything });
    await acme.post(`${UPSERT}?dryRun=true`, { users: everything }, { 'idempotency-key': 'dry' });
    await acme.post(`${DEACTIVATE}?dryRun=true`, { users: [{ remoteId: 'E0' }, { remoteId: 'no' }] });
    expect(await storedRows(server, acme)).toEqual(before);
    expect((await acme.get('/v1/users')).headers.etag).toBe(etag);
  });

  test('answers as the same upsert then does, but for the ids of users still to be created', async () => {
    const acme = await organizationWithUsers();
    const dry = await acme.post(`${UPSERT}?dryRun=true`, { users: everything });
    const real = await acme.post(UPSERT, { users: everything });
    expect(dry.status).toBe(200);
    const withoutNewId = ({ data }: BatchResult) => ({
      ...data,
      success: [{ ...data.success[0], id: '' }, ...data.success.slice(1)],
    });
    expect(withoutNewId(dry.json())).toEqual(withoutNewId(real.json()));
    expect(dry.json<BatchResult>().data.success[0]?.id).toMatch(/^[0-9a-f]{64}$/);
    expect(dry.json<BatchResult>().data.failed).toHaveLength(1);
  });

  test('answers as the same deactivation then does, to the letter', async () => {
    const acme = await organizationWithUsers();
    const users = [{ remoteId: 'E1' }, { remoteId: 'nobody' }, { email: 'signed.up@example.com' }];
    const dry = await acme.post(`${DEACTIVATE}?dryRun=true`, { users });
    expect(dry.json<BatchResult>().data.success.map((user) => user.active)).toEqual([false, false]);
    expect((await acme.post(DEACTIVATE, { users })).text).toBe(dry.text);
  });

  test('leaves the Idempotency-Key free for the real batch', async () => {
    const acme = await organizationWithUsers();
    const headers = { 'idempotency-key': 'import-7' };
    const dry = await acme.post(`${UPSERT}?dryRun=true`, { users: everything }, headers);
    expect(dry.headers['idempotency-replayed']).toBeUndefined();
    const real = await acme.post(UPSERT, { users: everything }, headers);
    expect(real.status).toBe(200);
    expect(real.headers['idempotency-replayed']).toBeUndefined();
    expect(real.json<BatchResult>().data.success[0]?.id).not.toBe(dry.json<BatchResult>().data.success[0]?.id);
  });

  test('judges by trusted domains too', async () => {
    const acme = await server.createOrganization({ trustedDomains: ['example.com'] });
    const reply = await acme.post(`${UPSERT}?dryRun=true`, { users: [{ email: 'eve@example.net' }] });
    expect(reply.json<BatchResult>().data.failed).toMatchObject([
      { error: expect.stringContaining('trusted domains') },
    ]);
  });

  test('between real batches disturbs neither', async () => {
    const acme = await server.createOrganization();
    const send = (index: number) =>
      acme.post(`${UPSERT}?dryRun=${index % 2 === 1}`, {
        users: [{ remoteId: `E${index}`, email: `e${index}@example.com` }],
      });
    const replies = await Promise.all(Array.from({ length: 20 }, (_, index) => send(index)));
    expect(replies.map((reply) => reply.json<BatchResult>().data.success.length)).toEqual(Array(20).fill(1));
    const { data } = (await acme.get('/v1/users')).json<{ data: { total: number; items: { remoteId: string }[] } }>();
    expect(data.total).toBe(10);
    expect(data.items.map((user) => Number(user.remoteId.slice(1)) % 2)).toEqual(Array(10).fill(0));
  });
});

test('dryRun=false writes like a batch that does not name it', async () => {
  const acme = await server.createOrganization();
  await acme.post(`${UPSERT}?dryRun=false`, { users: [{ remoteId: 'E1' }] });
  expect((await acme.get('/v1/users')).text).toContain('"total":1');
});
