import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createStorage, runStatement } from './support/engine.ts';
import { brokenInvariants } from './support/invariants.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';
import { createUsers, remoteIds } from './support/users.ts';

async function startServer(environment: Readonly<Record<string, string>> = {}) {
  const storage = await createStorage({ migrated: true });
  const { DATABASE_URL: url = '' } = storage.environment;
  const server = await startTestServer({ environment: { ...environment, DATABASE_URL: url } });
  return {
    server,
    url,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
    },
  };
}

/** Cuts all connections of the server off, as a database that is restarted does. */
function cutOff(url: string): Promise<void> {
  return runStatement(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`,
  );
}

/** Asks until it is answered with 200; what comes before that must be a 503 that says when to come again. */
async function untilAnswered(ask: () => ReturnType<TestServer['request']>): Promise<number> {
  for (let refused = 0; ; refused++) {
    const reply = await ask();
    if (reply.status === 200) return refused;
    expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
    expect(reply.json()).toMatchObject({ success: false, error: { metadata: { code: 'unavailable' } }, data: null });
    await sleep(20);
  }
}

test('connections that are cut off while nothing runs cost nobody an answer for long', async () => {
  await using running = await startServer();
  const { server, url } = running;
  const organization = await server.createOrganization();
  await createUsers(organization, 3);
  for (let round = 0; round < 5; round++) {
    await cutOff(url);
    await untilAnswered(() => organization.get('/v1/users'));
    await cutOff(url);
    await untilAnswered(() => organization.get('/v1/completions'));
    await cutOff(url);
    await untilAnswered(() => organization.post('/v1/users/batch-upsert', { users: [{ remoteId: `R${round}` }] }));
  }
  expect(await remoteIds(organization)).toEqual(['E0', 'E1', 'E2', 'R0', 'R1', 'R2', 'R3', 'R4']);
});

test('batches whose connections are cut off are there whole or not at all, and answered ones are there', async () => {
  await using running = await startServer();
  const { server, url } = running;
  const organization = await server.createOrganization();
  let isOver = false;
  const cutting = (async () => {
    while (!isOver) {
      await cutOff(url);
      await sleep(30);
    }
  })();
  const answered: string[] = [];
  const client = async (name: number) => {
    for (let number = 0; number < 15; number++) {
      const remoteId = `C${name}-${number}`;
      await untilAnswered(() => organization.post('/v1/users/batch-upsert', { users: [{ remoteId }] }));
      answered.push(remoteId);
    }
  };
  await Promise.all([0, 1, 2, 3].map(client));
  isOver = true;
  await cutting;
  await untilAnswered(() => organization.get('/v1/users'));
  expect((await remoteIds(organization)).sort()).toEqual(answered.sort());
  expect(await brokenInvariants(server.database, organization.id)).toEqual([]);
});

test('a column that becomes of another type beside a running server costs no more than a refusal or two', async () => {
  await using running = await startServer();
  const { server, url } = running;
  const organization = await server.createOrganization();
  await createUsers(organization, 1);
  await organization.get('/v1/users');
  await runStatement(url, 'alter table organizations alter column slug type varchar(200)');
  await runStatement(url, 'alter table users alter column document type varchar(10000)');
  expect(await untilAnswered(() => organization.get('/v1/users'))).toBeLessThan(5);
  expect(
    await untilAnswered(() => organization.post('/v1/users/batch-upsert', { users: [{ remoteId: 'E0' }] })),
  ).toBeLessThan(5);
  for (let round = 0; round < 20; round++) expect((await organization.get('/v1/users')).status).toBe(200);
});

test('with one connection everybody waits for their turn, and nobody for ever', async () => {
  await using running = await startServer({ DATABASE_POOL_SIZE: '1' });
  const { server } = running;
  const one = await server.createOrganization();
  const other = await server.createOrganization();
  const replies = await Promise.all(
    Array.from({ length: 40 }, (_, index) => {
      const organization = index % 2 === 0 ? one : other;
      if (index % 4 < 2) return organization.get('/v1/users');
      return organization.post('/v1/users/batch-upsert', { users: [{ remoteId: `E${index}` }] });
    }),
  );
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
});
