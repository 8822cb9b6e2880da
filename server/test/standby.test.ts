import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Completion } from '@rollcall/contract/completions.ts';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connection } from '../store/database.ts';
import { createStorage, runStatement } from './support/engine.ts';
import { addSession, readCompletions, signUp } from './support/learning.ts';
import { openSilentWay, type PostgresPair, startPostgresPair } from './support/postgres-pair.ts';
import { askServer } from './support/postgres-servers.ts';
import { startTestServer, type TestOrganization, type TestServer } from './support/test-server.ts';
import { createUsers, readPage, remoteIds } from './support/users.ts';

let pair: PostgresPair;
beforeAll(async () => {
  pair = await startPostgresPair();
}, 120_000);
afterAll(() => pair[Symbol.asyncDispose]());

interface StandbyServer extends TestServer {
  readonly name: string;
}

/** A server on a database of its own of the pair, which the standby has as well. */
async function startServer(readPort = pair.standby.port): Promise<StandbyServer> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runStatement(pair.primary.url('postgres'), `create database ${name}`);
  const server = await startTestServer({
    environment: {
      DATABASE_URL: pair.primary.url(name),
      DATABASE_READ_URL: `postgres://rollcall@127.0.0.1:${readPort}/${name}`,
    },
  });
  return { ...server, name };
}

/** Large reads so far, as /metrics counts them. */
async function reads(server: TestServer): Promise<{ standby: number; primary: number }> {
  const { text } = await server.request('/metrics');
  const count = (from: string) =>
    Number(new RegExp(`^rollcall_reads_total\\{from="${from}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
  return { standby: count('standby'), primary: count('primary') };
}

/** Where the reads went that `work` made. */
async function readsDuring(
  server: TestServer,
  work: () => Promise<unknown>,
): Promise<{ standby: number; primary: number }> {
  const before = await reads(server);
  await work();
  const after = await reads(server);
  return { standby: after.standby - before.standby, primary: after.primary - before.primary };
}

async function readLists(organization: TestOrganization): Promise<void> {
  for (const path of ['/v1/users', '/v1/clusters', '/v1/completions']) {
    expect((await organization.get(path)).status).toBe(200);
  }
}

/** Reads until the standby answers: one that failed is left alone for some time. */
async function untilStandbyAnswers(server: TestServer, organization: TestOrganization): Promise<void> {
  while ((await readsDuring(server, () => organization.get('/v1/users'))).standby === 0) await sleep(50);
}

/** Reads until all three lists come from the standby: on a busy machine one of them may have to wait too long for it. */
async function untilStandbyServes(server: TestServer, organization: TestOrganization): Promise<void> {
  while ((await readsDuring(server, () => readLists(organization))).standby < 3) await sleep(50);
}

test('large reads come from the standby once it has what their reader has seen', async () => {
  await using server = await startServer();
  const organization = await server.createOrganization();
  await createUsers(organization, 3);
  await addSession(server, organization);
  await pair.caughtUp();
  await untilStandbyServes(server, organization);
  const connections = await askServer(
    pair.standby.url('postgres'),
    `select 1 from pg_stat_activity where datname = '${server.name}' and application_name = 'rollcall'`,
  );
  expect(connections.length).toBeGreaterThan(0);
});

test('a list asked for after an answered batch shows it, two hundred times in a row', async () => {
  await using server = await startServer();
  const organization = await server.createOrganization();
  await createUsers(organization, 1);
  await pair.caughtUp();
  await untilStandbyAnswers(server, organization);
  const wrong: unknown[] = [];
  for (let round = 1; round <= 200; round++) {
    await createUsers(organization, 1, round);
    // Mostly at once, now and then when the standby has it.
    if (round % 4 === 0) await pair.caughtUp();
    const page = await readPage(organization, `page=${round}&pageSize=1`);
    if (page.total !== round + 1 || page.items[0]?.remoteId !== `E${round}`) wrong.push(page);
  }
  expect(wrong).toEqual([]);
  expect((await reads(server)).standby).toBeGreaterThanOrEqual(50);
});

test('a standby that lags is not asked for what it lacks: the primary answers', async () => {
  await using server = await startServer();
  const organization = await server.createOrganization();
  const { session } = await addSession(server, organization);
  await signUp(server, organization, session, 2);
  await pair.caughtUp();
  await untilStandbyAnswers(server, organization);
  await pair.replay('pause');
  try {
    await untilStandbyServes(server, organization);
    await createUsers(organization, 3);
    const { module: newest } = await addSession(server, organization, { name: 'The newest' });
    server.clock.set(session.scheduledEndAt);
    expect(await readsDuring(server, () => readLists(organization))).toEqual({ standby: 0, primary: 3 });
    expect(await remoteIds(organization)).toEqual(['E0', 'E1', 'E2']);
    expect((await organization.get('/v1/clusters')).text).toContain(newest.name);
    const completions = await organization.get('/v1/completions');
    expect(completions.json<Completion[]>()).toHaveLength(2);
    const since = `/v1/completions?changedSince=${completions.headers['x-next-cursor']}`;
    expect((await organization.get(since)).json()).toEqual([]);
  } finally {
    await pair.replay('resume');
  }
  await pair.caughtUp();
  await untilStandbyServes(server, organization);
  expect(await readCompletions(organization)).toHaveLength(2);
});

test('where the standby is gone the primary answers, and a server starts; once it is back it is used again', async () => {
  await using server = await startServer();
  const organization = await server.createOrganization();
  await createUsers(organization, 3);
  await pair.caughtUp();
  await untilStandbyAnswers(server, organization);
  await pair.standby.stop('SIGQUIT');
  try {
    expect(await readsDuring(server, () => readLists(organization))).toEqual({ standby: 0, primary: 3 });
    expect(await remoteIds(organization)).toEqual(['E0', 'E1', 'E2']);
    await using late = await startServer();
    const second = await late.createOrganization();
    await createUsers(second, 1);
    expect(await readsDuring(late, () => readLists(second))).toEqual({ standby: 0, primary: 3 });
  } finally {
    await pair.standby.start();
  }
  await pair.caughtUp();
  await untilStandbyAnswers(server, organization);
  expect(await remoteIds(organization)).toEqual(['E0', 'E1', 'E2']);
});

test('that the standby cannot be read is logged once, without its password', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
  await using storage = await createStorage({ migrated: true });
  const url = 'postgres://rollcall:secret@127.0.0.1:1/rollcall';
  await using server = await startTestServer({
    environment: { ...storage.environment, DATABASE_READ_URL: url },
    logger,
  });
  const organization = await server.createOrganization();
  await readLists(organization);
  await sleep(2_100);
  await readLists(organization);
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['the standby fails: the primary is read instead']);
  expect(lines.join()).toContain('ECONNREFUSED');
  expect(lines.join()).not.toContain('secret');
});

test('where the standby says nothing any more the primary answers', async () => {
  await using way = await openSilentWay(pair.standby.port);
  await using server = await startServer(way.port);
  const organization = await server.createOrganization();
  await createUsers(organization, 3);
  await pair.caughtUp();
  await untilStandbyAnswers(server, organization);
  await organization.get('/v1/completions');
  way.fallSilent();
  for (const path of ['/v1/users', '/v1/completions']) {
    expect(await readsDuring(server, () => organization.get(path))).toEqual({ standby: 0, primary: 1 });
    // Longer than a standby that failed is left alone.
    await sleep(2_100);
  }
  expect(await remoteIds(organization)).toEqual(['E0', 'E1', 'E2']);
  way.speakAgain();
  await untilStandbyAnswers(server, organization);
});

/** Cleans up on the primary, which the standby cannot replay beside a reader who may still look at what is cleaned up. */
async function cleanUp(server: StandbyServer): Promise<void> {
  const url = pair.primary.url(server.name);
  await runStatement(url, 'create table if not exists scratch as select generate_series(1, 1000) as n');
  await runStatement(url, 'delete from scratch');
  await runStatement(url, 'insert into scratch select generate_series(1, 1000)');
  await runStatement(url, 'vacuum scratch');
  await pair.caughtUp();
}

test('what the standby cancels in the middle is read anew from the primary', async () => {
  await using server = await startServer();
  const organization = await server.createOrganization();
  await pair.caughtUp();
  await untilStandbyAnswers(server, organization);
  const before = { ...server.database.readCounts };
  const seen = { column: 'users_version', version: 0 } as const;
  const attempts: string[] = [];
  const work = async ({ kysely }: Connection) => {
    attempts.push('begun');
    await kysely.selectFrom('organizations').select('id').execute();
    // A job may look at the primary just then, for whose sake nothing is cleaned up: the next time it is.
    while (attempts.length === 1) {
      await cleanUp(server);
      await kysely.selectFrom('organizations').select('id').execute();
    }
    const rows = await kysely.selectFrom('organizations').select('id').execute();
    attempts.push('done');
    return rows.length;
  };
  await using snapshot = await server.database.beginSnapshot(organization.id, seen, work);
  expect(snapshot.begun).toBe(1);
  expect(attempts).toEqual(['begun', 'begun', 'done']);
  expect(server.database.readCounts).toEqual({ ...before, primary: before.primary + 1 });
});
