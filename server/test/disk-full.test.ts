import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startTestServer, type TestOrganization, type TestServer } from './support/test-server.ts';
import { createUsers } from './support/users.ts';

/** As much as a disk that is full: the file may grow by so many pages of 8 KiB more, or without bounds again. */
async function leaveRoom({ database }: TestServer, pages: number | null): Promise<void> {
  await database.transaction(null, async ({ kysely }) => {
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(kysely);
    const limit = pages === null ? 4_294_967_294 : Number(rows[0]?.page_count) + pages;
    await sql`pragma max_page_count = ${sql.lit(limit)}`.execute(kysely);
  });
}

function batch(name: string) {
  return {
    users: Array.from({ length: 200 }, (_, index) => ({ remoteId: `${name}-${index}`, lastName: 'x'.repeat(200) })),
  };
}

async function countUsers(acme: TestOrganization): Promise<number> {
  const reply = await acme.get('/v1/users?pageSize=1');
  expect(reply.status).toBe(200);
  return reply.json<{ data: { total: number } }>().data.total;
}

/** Sends batches until one is refused; answers how many users were taken in, and the refusal. */
async function fill(acme: TestOrganization, name: string) {
  for (let number = 0; ; number++) {
    const reply = await acme.post('/v1/users/batch-upsert', batch(`${name}-${number}`));
    if (reply.status !== 200) return { written: number * 200, reply };
  }
}

test('a disk that is full refuses what writes with 507, and goes on reading; with room again it writes again', async () => {
  await using server = await startTestServer();
  const acme = await server.createOrganization();
  await createUsers(acme, 10);
  await leaveRoom(server, 20);
  const { written, reply } = await fill(acme, 'full');
  expect(reply.status).toBe(507);
  expect(reply.json()).toMatchObject({
    success: false,
    error: { message: expect.stringContaining('disk is full'), metadata: { code: 'insufficient_storage' } },
    data: null,
  });
  expect(await countUsers(acme)).toBe(10 + written);
  for (const path of ['/v1/users?page=0', '/v1/clusters', '/v1/completions', '/v1/users?active=true']) {
    expect((await acme.get(path)).status).toBe(200);
  }
  expect((await server.request('/readyz')).status).toBe(200);
  await leaveRoom(server, null);
  expect((await acme.post('/v1/users/batch-upsert', batch('again'))).status).toBe(200);
  expect(await countUsers(acme)).toBe(10 + written + 200);
});

test('of batches that are sent at once, each is whole or not there, and goes in when it is sent again', async () => {
  await using server = await startTestServer();
  const acme = await server.createOrganization();
  await leaveRoom(server, 250);
  const sendThree = (wave: number) =>
    Promise.all([0, 1, 2].map((number) => acme.post('/v1/users/batch-upsert', batch(`${wave}-${number}`))));
  const statuses: number[] = [];
  for (let wave = 0; !statuses.includes(507); wave++) {
    statuses.push(...(await sendThree(wave)).map(({ status }) => status));
  }
  expect(new Set(statuses)).toEqual(new Set([200, 507]));
  expect(await countUsers(acme)).toBe(statuses.filter((status) => status === 200).length * 200);
  await leaveRoom(server, null);
  const again = await sendThree(statuses.length / 3 - 1);
  expect(again.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await countUsers(acme)).toBe(statuses.length * 200);
});

test('a key is good as ever while its use cannot be noted', async () => {
  await using server = await startTestServer();
  const acme = await server.createOrganization();
  await leaveRoom(server, 0);
  await fill(acme, 'full');
  for (let request = 0; request < 3; request++) expect((await acme.get('/v1/users')).status).toBe(200);
});
