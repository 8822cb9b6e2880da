import {
  AuthenticationError,
  InvalidRequestError,
  PermissionError,
  Rollcall,
  type UserTemplate,
} from '@rollcall/client';
import { afterAll, describe, expect, test } from 'vitest';
import { newApiKey, startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

async function createClient() {
  const organization = await server.createOrganization();
  return { organization, rollcall: new Rollcall({ url: server.address, key: organization.key, retries: 0 }) };
}

function roster(count: number): UserTemplate[] {
  return Array.from({ length: count }, (_, index) => ({ remoteId: `E${index}`, firstName: `Person ${index}` }));
}

async function remoteIds(rollcall: Rollcall, query = {}): Promise<(string | null)[]> {
  const ids: (string | null)[] = [];
  for await (const { remoteId } of rollcall.users.list(query)) ids.push(remoteId);
  return ids;
}

describe('users.list', () => {
  test('walks all pages, each user once, in order', async () => {
    const { rollcall } = await createClient();
    await rollcall.users.upsert(roster(23), { concurrency: 1 });
    expect(await remoteIds(rollcall, { pageSize: 5 })).toEqual(roster(23).map(({ remoteId }) => remoteId));
  });

  test('gives pages, from any page on, and one page alone', async () => {
    const { rollcall } = await createClient();
    await rollcall.users.upsert(roster(12), { concurrency: 1 });
    const sizes: number[] = [];
    for await (const page of rollcall.users.list({ pageSize: 5, page: 1 }).pages()) sizes.push(page.items.length);
    expect(sizes).toEqual([5, 2]);
    expect(await rollcall.users.page({ pageSize: 5, page: 2 })).toMatchObject({ total: 12, next: null, prev: 1 });
  });

  test('filters, also by a Date, and finds one', async () => {
    const { rollcall } = await createClient();
    await rollcall.users.upsert([
      { remoteId: 'E1', email: 'Amelie+x@example.com' },
      { remoteId: 'E2', active: false },
    ]);
    expect(await remoteIds(rollcall, { active: false })).toEqual(['E2']);
    expect(await remoteIds(rollcall, { updatedSince: new Date(server.clock.now() - 60_000) })).toEqual(['E1', 'E2']);
    expect(await rollcall.users.find({ email: 'amelie+x@example.com' })).toMatchObject({ remoteId: 'E1' });
    expect(await rollcall.users.find({ remoteId: 'E3' })).toBeNull();
  });
});

describe('users.upsert', () => {
  test('takes more than a batch from an async iterable, reports progress, and says the place of what failed', async () => {
    const { rollcall } = await createClient();
    const users = roster(450);
    users[3] = { remoteId: 'E3', email: 'nobody' };
    users[449] = { firstName: 'Nameless' };
    const done: number[] = [];
    const result = await rollcall.users.upsert(streamed(users), { onProgress: (progress) => done.push(progress.done) });
    expect(result).toMatchObject({ succeeded: 448, failed: 2, done: 450 });
    expect(result.failures).toEqual([
      { item: users[3], index: 3, error: expect.stringContaining('email') },
      { item: users[449], index: 449, error: expect.stringContaining('remoteId') },
    ]);
    expect(done).toHaveLength(3);
    expect(done.at(-1)).toBe(450);
    expect((await remoteIds(rollcall)).length).toBe(448);
  });

  test('carries out a batch without the items that have a wrong type', async () => {
    const { rollcall } = await createClient();
    const users: unknown[] = [
      { remoteId: 'E0' },
      { remoteId: 'E1', active: 'yes' },
      null,
      { remoteId: 'E3', email: 'nobody' },
      { remoteId: 'E4', emial: 'a@example.com', lastName: 5 },
      { remoteId: 'E5' },
    ];
    const result = await rollcall.users.upsert(users as UserTemplate[]);
    expect(result.failures.map(({ index, error }) => [index, error])).toEqual([
      [1, expect.stringMatching(/^active must be/)],
      [2, expect.stringContaining('object')],
      [3, expect.stringContaining('email')],
      [4, expect.stringMatching(/lastName.*; emial|emial.*; lastName/)],
    ]);
    expect(await remoteIds(rollcall)).toEqual(['E0', 'E5']);
  });

  test('carries out a batch without the item that is too large for any request', async () => {
    const { rollcall } = await createClient();
    const users = roster(5);
    users[2] = { remoteId: 'E2', lastName: 'x'.repeat(1_100_000) };
    const result = await rollcall.users.upsert(users);
    expect(result.failures.map(({ index }) => index)).toEqual([2]);
    expect((await remoteIds(rollcall)).sort()).toEqual(['E0', 'E1', 'E3', 'E4']);
  });

  test('keeps the order of items that are about the same person, however many batches are under way', async () => {
    const { rollcall } = await createClient();
    const users = Array.from({ length: 60 }, (_, index) => ({
      remoteId: `E${index % 3}`,
      lastName: `Version ${index}`,
    }));
    await rollcall.users.upsert(users, { batchSize: 2, concurrency: 8 });
    const names: string[] = [];
    for await (const { lastName } of rollcall.users.list()) names.push(lastName);
    expect(names.sort()).toEqual(['Version 57', 'Version 58', 'Version 59']);
  });

  test('hands failures over one by one where that is wished, and gathers none', async () => {
    const { rollcall } = await createClient();
    const places: number[] = [];
    const onFailure = ({ index }: { index: number }) => places.push(index);
    const result = await rollcall.users.upsert([{ firstName: 'A' }, { remoteId: 'E1' }], { onFailure });
    expect(result).toMatchObject({ failed: 1, failures: [] });
    expect(places).toEqual([0]);
  });

  test('writes nothing in a dry run', async () => {
    const { rollcall } = await createClient();
    expect(await rollcall.users.upsert(roster(3), { dryRun: true })).toMatchObject({ succeeded: 3 });
    expect(await remoteIds(rollcall)).toEqual([]);
  });

  test('does nothing for nobody', async () => {
    const { rollcall } = await createClient();
    expect(await rollcall.users.upsert([])).toEqual({ succeeded: 0, failed: 0, done: 0, failures: [] });
  });
});

test('users.deactivate takes any number, and says who is not there', async () => {
  const { rollcall } = await createClient();
  await rollcall.users.upsert(roster(210));
  const result = await rollcall.users.deactivate([
    ...roster(205).map(({ remoteId = null }) => ({ remoteId })),
    { remoteId: 'X' },
  ]);
  expect(result).toMatchObject({ succeeded: 205, failures: [{ index: 205, item: { remoteId: 'X' } }] });
  expect((await remoteIds(rollcall, { active: true })).length).toBe(5);
});

test('refusals are errors of a class of their own, with code, status, request id and places, never with the key', async () => {
  const { organization, rollcall } = await createClient();
  const faulty = await rollcall.users.page({ pageSize: 500 }).catch((error) => error);
  expect(faulty).toBeInstanceOf(InvalidRequestError);
  expect(faulty).toMatchObject({ code: 'invalid_request', status: 400, issues: [{ parameter: 'pageSize' }] });
  expect(faulty.requestId).not.toBe('');

  const { key } = await organization.createKey({ scopes: ['clusters:read'] });
  const limited = new Rollcall({ url: `${server.address}/`, key });
  await expect(limited.users.page()).rejects.toBeInstanceOf(PermissionError);

  const unknown = newApiKey();
  const stranger = new Rollcall({ url: server.address, key: unknown });
  const refused = await stranger.users.page().catch((error) => error);
  expect(refused).toBeInstanceOf(AuthenticationError);
  expect(`${refused.stack} ${JSON.stringify(refused)} ${JSON.stringify(stranger)}`).not.toContain(unknown);
});

async function* streamed<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
