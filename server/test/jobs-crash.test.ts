import { setTimeout as sleep } from 'node:timers/promises';
import type { Completion } from '@rollcall/contract/completions.ts';
import { expect, test } from 'vitest';
import { upsertUsers } from '../actions/batch-users.ts';
import { within } from '../actions/context.ts';
import { createCluster } from '../actions/create-cluster.ts';
import { createModule } from '../actions/create-module.ts';
import { registerUser } from '../actions/register-user.ts';
import { scheduleSession } from '../actions/schedule-session.ts';
import type { Database } from '../store/database.ts';
import type { OrganizationId } from '../store/tables.ts';
import { createInstallation } from './support/program.ts';
import { sendRequest } from './support/request.ts';

const MINUTE_MS = 60_000;
const PEOPLE = 3;
const ONCE = { dryRun: false, idempotency: null } as const;

/** An installation with an organization and its key, and the tests' own hand on its data. */
async function makeInstallation() {
  const installation = await createInstallation();
  const organization = await installation.createOrganization('acme');
  const key = await installation.createKey(organization);
  const database = await installation.openDatabase();
  return {
    installation,
    organization,
    key,
    database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await installation[Symbol.asyncDispose]();
    },
  };
}

/**
 * Sessions of half an hour that end at that moment, each with the same three people; answers their ids. All of it is one
 * transaction: a server that runs finds them whole.
 */
function addSessions(
  database: Database,
  organization: OrganizationId,
  count: number,
  endsAt: number,
): Promise<string[]> {
  return database.transaction(null, async (transaction) => {
    const context = within({ database, now: () => endsAt - 60 * MINUTE_MS }, transaction);
    const templates = Array.from({ length: PEOPLE }, (_, index) => ({ remoteId: `E${index}` }));
    const { body } = await upsertUsers(context, organization, templates, ONCE);
    const users = (JSON.parse(body) as { data: { success: { id: string }[] } }).data.success;
    const texts = { name: 'Meetings that decide', category: '', description: '', thumbnailUrl: null };
    const steps = [{ title: 'Decide', prompt: 'Say what is to be decided.', minutes: 30 }];
    const module = await createModule(context, organization, { ...texts, durationMinutes: 30, steps });
    const cluster = { moduleId: module.id, selfRegistration: false, capacity: PEOPLE };
    const { id: clusterId } = await createCluster(context, organization, cluster);
    const sessions: string[] = [];
    for (let number = 0; number < count; number++) {
      const template = { clusterId, scheduledStartAt: endsAt - 30 * MINUTE_MS };
      const { id: sessionId } = await scheduleSession(context, organization, template);
      for (const { id: userId } of users) await registerUser(context, organization, { sessionId, userId });
      sessions.push(sessionId);
    }
    return sessions;
  });
}

async function countEnded({ reader }: Database): Promise<number> {
  const { kysely } = reader;
  const row = await kysely
    .selectFrom('sessions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('state', '=', 'ended')
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Waits until so many sessions have ended; a test that waits in vain runs into its own time limit. */
async function untilEnded(database: Database, count: number): Promise<void> {
  while ((await countEnded(database)) < count) await sleep(5);
}

/** The sessions that an event of this type tells of, in the order of the events. */
async function toldSessions({ reader }: Database, type: string): Promise<string[]> {
  const rows = await reader.kysely.selectFrom('events').select('data').where('type', '=', type).execute();
  return rows.map(({ data }) => (JSON.parse(data) as { sessionId: string }).sessionId);
}

/** What must hold once all sessions have ended, whatever happened meanwhile: each was ended once, by one transaction. */
async function expectEndedOnce(database: Database, sessions: readonly string[]): Promise<void> {
  expect((await toldSessions(database, 'session.ended')).toSorted()).toEqual(sessions.toSorted());
  expect((await toldSessions(database, 'completion.recorded')).toSorted()).toEqual(sessions.toSorted());
  expect(await toldSessions(database, 'completion.updated')).toEqual([]);
  const changes = await database.reader.kysely.selectFrom('completions').select('change').orderBy('change').execute();
  expect(changes.map(({ change }) => Number(change))).toEqual(
    Array.from({ length: sessions.length * PEOPLE }, (_, index) => index + 1),
  );
}

async function readCompletions(address: string, key: string): Promise<Completion[]> {
  return (await sendRequest(`${address}/v1/completions`, { key })).json<Completion[]>();
}

test('sessions whose end came while no server ran are ended by the next one, each once', async () => {
  await using made = await makeInstallation();
  const { installation, organization, database, key } = made;
  const killed = await installation.serve();
  killed.child.kill('SIGKILL');
  await killed.ended;
  const sessions = await addSessions(database, organization, 5, Date.now() - MINUTE_MS);
  const server = await installation.serve();
  expect(await readCompletions(server.address, key)).toHaveLength(sessions.length * PEOPLE);
  await untilEnded(database, sessions.length);
  await expectEndedOnce(database, sessions);
});

test('a server that is killed in the middle of ending sessions leaves none half done; the next one ends the rest', async () => {
  await using made = await makeInstallation();
  const { installation, organization, database, key } = made;
  const first = await installation.serve();
  const sessions = await addSessions(database, organization, 120, Date.now() - MINUTE_MS);
  await untilEnded(database, 1);
  first.child.kill('SIGKILL');
  await first.ended;
  const ended = await countEnded(database);
  const { count } = await database.reader.kysely
    .selectFrom('completions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  expect(Number(count)).toBe(ended * PEOPLE);
  const second = await installation.serve();
  expect(await readCompletions(second.address, key)).toHaveLength(sessions.length * PEOPLE);
  await expectEndedOnce(database, sessions);
});

test('two servers on the same data end each session once between them', async () => {
  await using made = await makeInstallation();
  const { installation, organization, database, key } = made;
  const servers = await Promise.all([installation.serve(), installation.serve()]);
  const sessions = await addSessions(database, organization, 60, Date.now() - MINUTE_MS);
  const lists = await Promise.all(servers.map(({ address }) => readCompletions(address, key)));
  for (const list of lists) expect(list).toHaveLength(sessions.length * PEOPLE);
  await untilEnded(database, sessions.length);
  await expectEndedOnce(database, sessions);
});

test('a session ends by the real clock at its scheduled end, not before', async () => {
  await using made = await makeInstallation();
  const { installation, organization, database } = made;
  await installation.serve();
  const endsAt = Date.now() + 1_500;
  const [session = ''] = await addSessions(database, organization, 1, endsAt);
  await untilEnded(database, 1);
  const row = await database.reader.kysely
    .selectFrom('events')
    .select(['data', 'created_at'])
    .where('type', '=', 'session.ended')
    .executeTakeFirstOrThrow();
  expect(JSON.parse(row.data)).toEqual({ sessionId: session });
  expect(Number(row.created_at)).toBeGreaterThanOrEqual(endsAt);
});

test('a server that is told to stop finishes the session that it is at, and stops', async () => {
  await using made = await makeInstallation();
  const { installation, organization, database } = made;
  const server = await installation.serve();
  await addSessions(database, organization, 60, Date.now() - MINUTE_MS);
  await untilEnded(database, 1);
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0 });
  const ended = await countEnded(database);
  expect(await toldSessions(database, 'completion.recorded')).toHaveLength(ended);
});
