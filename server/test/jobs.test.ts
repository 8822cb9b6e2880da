import { setTimeout as sleep } from 'node:timers/promises';
import type { Completion } from '@rollcall/contract/completions.ts';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { changeSession } from '../actions/change-session.ts';
import { recordPresence } from '../actions/record-presence.ts';
import type { Database } from '../store/database.ts';
import { getSession } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import { addSession, contextOf, readCompletions, signUp, stay } from './support/learning.ts';
import { storedEvents } from './support/rows.ts';
import { startTestServer, type TestOrganization, type TestServer } from './support/test-server.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Waits until `holds` answers true; a test that waits in vain runs into its own time limit. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

async function stateOf(server: TestServer, { id }: TestOrganization, sessionId: string): Promise<string | undefined> {
  return (await getSession(id, server.database.reader, sessionId))?.state;
}

test('nobody who asks reads a completion before its time, or misses one after it', async () => {
  await using server = await startTestServer();
  const organization = await server.createOrganization();
  const { session } = await addSession(server, organization);
  await signUp(server, organization, session, 3);
  server.clock.set(session.scheduledEndAt - 1);
  const before = await organization.get('/v1/completions');
  expect(before.json()).toEqual([]);
  server.clock.set(session.scheduledEndAt);
  // At once: the job looks around once a second.
  const after = await organization.get('/v1/completions', { 'if-none-match': before.headers.etag });
  expect(after.status).toBe(200);
  expect(
    after
      .json<Completion[]>()
      .map(({ remoteUserId }) => remoteUserId)
      .toSorted(),
  ).toEqual(['E0', 'E1', 'E2']);
  expect(after.headers.etag).not.toBe(before.headers.etag);
  const changes = await organization.get(`/v1/completions?changedSince=${before.headers['x-next-cursor']}`);
  expect(changes.json<Completion[]>()).toHaveLength(3);
  const again = await organization.get('/v1/completions', { 'if-none-match': after.headers.etag });
  expect(again.status).toBe(304);
});

test('a session opens at its start and ends at its end by itself, with its completions, though nobody asks', async () => {
  await using server = await startTestServer();
  const organization = await server.createOrganization();
  const { session } = await addSession(server, organization);
  await signUp(server, organization, session, 2);
  server.clock.set(session.scheduledStartAt);
  await until(async () => (await stateOf(server, organization, session.id)) === 'open');
  server.clock.set(session.scheduledEndAt);
  await until(async () => (await stateOf(server, organization, session.id)) === 'ended');
  const events = (await storedEvents(server, organization)).map(([, type]) => String(type));
  expect(events.filter((type) => /^(session|completion)/.test(type))).toEqual([
    'session.scheduled',
    'session.opened',
    'session.ended',
    'completion.recorded',
  ]);
  const metric = /^rollcall_sessions_advanced_total\{change="ended"\} 1$/m;
  await until(async () => metric.test((await server.request('/metrics')).text));
});

test('a session that was moved or cancelled is not ended at the time that it once had', async () => {
  await using server = await startTestServer();
  const organization = await server.createOrganization();
  const [moved, cancelled] = [await addSession(server, organization), await addSession(server, organization)];
  await signUp(server, organization, moved.session, 1);
  const { scheduledStartAt, scheduledEndAt } = moved.session;
  const hour = 60 * MINUTE_MS;
  await changeSession(contextOf(server), organization.id, moved.session.id, {
    scheduledStartAt: scheduledStartAt + hour,
  });
  await server.database.transaction(null, async ({ kysely }) => {
    await kysely.updateTable('sessions').set({ state: 'cancelled' }).where('id', '=', cancelled.session.id).execute();
  });
  server.clock.set(scheduledEndAt);
  expect(await readCompletions(organization)).toEqual([]);
  expect(await stateOf(server, organization, moved.session.id)).toBe('open');
  server.clock.set(scheduledEndAt + hour);
  expect(await readCompletions(organization)).toHaveLength(1);
  expect(await stateOf(server, organization, cancelled.session.id)).toBe('cancelled');
});

test('a session that is moved forward is ended at its new time', async () => {
  await using server = await startTestServer();
  const organization = await server.createOrganization();
  const { session } = await addSession(server, organization);
  await signUp(server, organization, session, 1);
  const scheduledStartAt = session.scheduledStartAt - 30 * MINUTE_MS;
  await changeSession(contextOf(server), organization.id, session.id, { scheduledStartAt });
  server.clock.set(session.scheduledEndAt - 30 * MINUTE_MS);
  expect(await readCompletions(organization)).toHaveLength(1);
});

test('a late visit changes record and hash at once, and the feed of changes shows that record and no other', async () => {
  await using server = await startTestServer();
  const organization = await server.createOrganization();
  const { session } = await addSession(server, organization);
  const [late = '', , there = ''] = await signUp(server, organization, session, 3);
  server.clock.set(session.scheduledStartAt + 30 * MINUTE_MS);
  await recordPresence(contextOf(server), organization.id, there, stay(session, 0, 30));
  server.clock.set(session.scheduledEndAt);
  const first = await organization.get('/v1/completions');
  server.clock.set(session.scheduledEndAt + 8 * MINUTE_MS);
  await recordPresence(contextOf(server), organization.id, late, stay(session, 61, 68));
  const changes = await organization.get(`/v1/completions?changedSince=${first.headers['x-next-cursor']}`);
  expect(changes.json()).toMatchObject([{ id: late, attended: true, timeInSessionMins: 7 }]);
  const whole = await readCompletions(organization);
  const hashes = (list: readonly Completion[]) => new Map(list.map(({ id, hash }) => [id, hash]));
  const [before, after] = [hashes(first.json<Completion[]>()), hashes(whole)];
  expect([...after].filter(([id, hash]) => before.get(id) !== hash).map(([id]) => id)).toEqual([late]);
  await recordPresence(contextOf(server), organization.id, late, stay(session, 61, 68));
  const nothing = await organization.get(`/v1/completions?changedSince=${changes.headers['x-next-cursor']}`);
  expect(nothing.json()).toEqual([]);
});

test('one session that cannot be ended holds up no other; it is logged, tried again, and ended once it can be', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'error', base: null }, { write: (line: string) => void lines.push(line) });
  await using server = await startTestServer({ logger });
  const organization = await server.createOrganization();
  const other = await server.createOrganization();
  const [broken, sound] = [await addSession(server, organization), await addSession(server, organization)];
  const elsewhere = await addSession(server, other);
  server.clock.advance(30 * MINUTE_MS);
  const later = await addSession(server, organization);
  const [registration = ''] = await signUp(server, organization, broken.session, 1);
  await putDocument(server.database, organization.id, registration, broken.session.id, 'no JSON');
  server.clock.set(broken.session.scheduledEndAt);
  await until(async () => (await stateOf(server, organization, sound.session.id)) === 'ended');
  await until(async () => (await stateOf(server, organization, later.session.id)) === 'open');
  await until(async () => (await stateOf(server, other, elsewhere.session.id)) === 'ended');
  await until(async () => lines.length > 0);
  expect(await stateOf(server, organization, broken.session.id)).toBe('scheduled');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ organization: organization.id, err: { type: 'SyntaxError' } });
  expect((await server.request('/metrics')).text).toMatch(/^rollcall_job_failures_total\{job="sessions"\} [1-9]/m);
  await server.database.transaction(null, async ({ kysely }) => {
    await kysely.deleteFrom('completions').where('registration_id', '=', registration).execute();
  });
  await until(async () => (await stateOf(server, organization, broken.session.id)) === 'ended');
  expect(await readCompletions(organization)).toMatchObject([{ id: registration }]);
});

async function putDocument(
  database: Database,
  organization: OrganizationId,
  id: string,
  sessionId: string,
  document: string,
): Promise<void> {
  await database.transaction(null, async ({ kysely }) => {
    const ids = { organization_id: organization, id, registration_id: id, session_id: sessionId };
    const rest = { sort_key: id, cluster_id: '', user_id: '', remote_user_id: null, change: 0, document };
    await kysely
      .insertInto('completions')
      .values({ ...ids, ...rest })
      .execute();
  });
}
