import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { advanceSessions } from '../actions/advance-sessions.ts';
import { recordPresence } from '../actions/record-presence.ts';
import type { Database } from '../store/database.ts';
import { addSession, contextOf, signUp, stay } from './support/learning.ts';
import { createCluster, createManager, createSession } from './support/manage.ts';
import { makeRoom } from './support/room.ts';
import { openRun } from './support/sync-runs.ts';
import { startTestServer } from './support/test-server.ts';
import { createUsers } from './support/users.ts';

/** Tables that grow with an organization: none of its requests may read them from end to end. */
const GROWING = [
  ...['users', 'completions', 'sessions', 'registrations', 'visits', 'events', 'idempotency_keys'],
  ...['sync_rows', 'sync_items'],
];

/** Steps of SQLite's plans that read all rows of a table, or all of an organization's; up to a limit is not all. */
function readsEverything(plan: string): boolean {
  const table = /^(?:SCAN|SEARCH) (\w+)/.exec(plan)?.[1] ?? '';
  const name = new RegExp(`"(\\w+)" as "${table}"`).exec(plan)?.[1] ?? table;
  if (!GROWING.includes(name) || /order by .+ limit \?$/.test(plan)) return false;
  const [detail = ''] = plan.split('\n');
  return detail.startsWith('SCAN') || /\(organization_id=\?(?: AND run_id=\?)?\)/.test(detail);
}

/** Runs `work` and answers the plan of each statement that was prepared meanwhile. */
async function plansDuring(database: Database, work: () => Promise<unknown>): Promise<string[]> {
  const statements = new Set<string>();
  const { prepare } = DatabaseSync.prototype;
  let file: DatabaseSync | undefined;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
    file = this;
    statements.add(sql);
    return prepare.call(this, sql);
  };
  try {
    await work();
  } finally {
    DatabaseSync.prototype.prepare = prepare;
  }
  expect(statements.size, 'statements seen').toBeGreaterThan(2);
  await database.check();
  const explained = [...statements].filter((sql) => /^(select|insert|update|delete|with)/i.test(sql));
  return explained.flatMap((sql) => {
    const steps = prepare.call(file as DatabaseSync, `explain query plan ${sql}`).all() as { detail: string }[];
    return steps.map(({ detail }) => `${detail}\n    in ${sql}`);
  });
}

test('no batch and no list reads all users, completions or registrations of an organization', async () => {
  await using server = await startTestServer();
  const organization = await server.createOrganization();
  await createUsers(organization, 3);
  const plans = await plansDuring(server.database, async () => {
    const users = [{ remoteId: 'new', email: 'new@example.com' }, { remoteId: 'new-2' }];
    await organization.post('/v1/users/batch-upsert', { users }, { 'Idempotency-Key': 'k1' });
    await organization.post('/v1/users/batch-upsert', { users: [{ ...users[0], firstName: 'Ada', active: false }] });
    await organization.post('/v1/users/batch-deactivate', {
      users: [{ email: 'new@example.com' }, { remoteId: 'new-2' }],
    });
    await organization.get('/v1/users?page=0');
    await organization.get('/v1/users?email=new@example.com');
    await organization.get('/v1/users?remoteId=new');
    await organization.get('/v1/users?active=false');
    await organization.get('/v1/users?updatedSince=2024-01-01T00:00:00Z&active=true');
    await organization.get('/v1/completions');
    await organization.get('/v1/completions?from=2024-01-01T00:00:00Z&remoteUserId=new');
  });
  expect(plans.filter(readsEverything)).toEqual([]);
});

test('no step of a sync run reads all users of an organization at once, nor all rows or items of the run', async () => {
  await using server = await startTestServer();
  const organization = await server.createOrganization();
  await createUsers(organization, 3);
  const plans = await plansDuring(server.database, async () => {
    const run = await openRun(server, organization);
    await run.add(0, { remoteId: 'E0', email: 'new@example.com' }, { remoteId: 'E1', firstName: 'Ada' });
    await run.add(1, { remoteId: 'new', active: false }, { remoteId: 'E1', lastName: 'Lovelace' });
    await run.add(1, { remoteId: 'new' });
    await run.items();
    await run.items('kind=update');
    await run.commit();
    await run.undo();
    await run.items('left=true');
    await run.items('left=true&kind=update');
  });
  expect(plans.filter(readsEverything)).toEqual([]);
  const named = plans.filter((plan) => plan.includes('"wanted" cross join "sync_rows"'));
  expect(named.join('\n')).toContain(
    'SEARCH indexed USING INDEX sync_rows_email (organization_id=? AND run_id=? AND email=?',
  );
});

test.each([
  ['clusterId=0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11', 'cluster_id=? AND sort_key>?'],
  [
    'clusterId=0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11&to=2030-01-01T00:00:00Z',
    'cluster_id=? AND sort_key>? AND sort_key<?',
  ],
  ['remoteUserId=nobody', 'remote_user_id=? AND sort_key>?'],
  ['remoteUserId=nobody&clusterId=0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11', 'remote_user_id=? AND sort_key>?'],
])('completions with %s are found by an index, however many others there are', async (query, terms) => {
  await using server = await startTestServer();
  const organization = await server.createOrganization();
  const plans = await plansDuring(server.database, () => organization.get(`/v1/completions?${query}`));
  const chunks = plans.filter((plan) => plan.includes('"chunk"') && plan.startsWith('SEARCH'));
  expect(chunks.map((plan) => plan.split('\n')[0])).toEqual([expect.stringContaining(terms)]);
});

test('no page, signal, move or end of a room reads all registrations or visits of an organization', async () => {
  await using server = await startTestServer();
  const room = await makeRoom(server, { minute: 1 });
  const [guest] = room.guests;
  const plans = await plansDuring(server.database, async () => {
    await guest?.get();
    await guest?.get('state');
    await guest?.post('signal', { tab: 'tab1', kind: 'here' });
    await guest?.post('move', { from: 0, step: 1 });
    await guest?.post('signal', { tab: 'tab1', kind: 'leaving' });
    await guest?.post('end', {});
    await guest?.get();
    await guest?.post('feedback', { rating: 5 });
  });
  expect(plans.filter(readsEverything)).toEqual([]);
});

test('no operation of the management API reads all sessions or registrations of an organization', async () => {
  await using server = await startTestServer();
  const manager = await createManager(server);
  const cluster = await createCluster(manager);
  const session = await createSession(manager, { clusterId: cluster.id });
  await createUsers(manager.organization, 3);
  const plans = await plansDuring(server.database, async () => {
    const seat = await manager.make<{ id: string }>(`/sessions/${session.id}/registrations`, { remoteId: 'E1' });
    for (const list of ['/modules', '/clusters', '/sessions', `/sessions/${session.id}/registrations`]) {
      const { next } = await manager.read<{ next: string | null }>(`${list}?limit=1`);
      if (next) await manager.read(`${list}?limit=1&cursor=${next}`);
    }
    await manager.read(`/clusters?moduleId=${cluster.moduleId}`);
    await manager.read(`/sessions?clusterId=${cluster.id}&from=2026-05-01T00:00:00Z`);
    await manager.change(`/modules/${cluster.moduleId}`, { steps: [] });
    await manager.change(`/sessions/${session.id}`, { startsAt: '2026-05-03T10:00:00Z', capacity: 3 });
    await manager.make(`/registrations/${seat.id}/cancel`);
    await manager.make(`/sessions/${session.id}/cancel`);
    await manager.make(`/clusters/${cluster.id}/archive`);
    await manager.make(`/modules/${cluster.moduleId}/archive`);
  });
  expect(plans.filter(readsEverything)).toEqual([]);
});

test('no session that begins, ends or is visited late reads all visits, completions or registrations', async () => {
  await using server = await startTestServer();
  const organization = await server.createOrganization();
  const { session } = await addSession(server, organization);
  const [registration = ''] = await signUp(server, organization, session, 3);
  const context = contextOf(server);
  const plans = await plansDuring(server.database, async () => {
    server.clock.set(session.scheduledStartAt);
    await advanceSessions(context, organization.id);
    await recordPresence(context, organization.id, registration, stay(session, 0, 1));
    server.clock.set(session.scheduledEndAt);
    await advanceSessions(context, organization.id);
    await recordPresence(context, organization.id, registration, stay(session, 60, 61));
  });
  expect(plans.filter(readsEverything)).toEqual([]);
});

test('what is due next is found by one look at an index, however many organizations there are', async () => {
  const { prepare } = DatabaseSync.prototype;
  let text: string | undefined;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, statement: string) {
    if (/^select .* from "organizations" where "sessions_due_at" /.test(statement)) text = statement;
    return prepare.call(this, statement);
  };
  await using server = await startTestServer();
  try {
    while (text === undefined) await sleep(20);
  } finally {
    DatabaseSync.prototype.prepare = prepare;
  }
  const plan = await sql.raw<{ detail: string }>(`explain query plan ${text}`).execute(server.database.reader.kysely);
  expect(plan.rows.map(({ detail }) => detail).filter((detail) => /organizations|TEMP/.test(detail))).toEqual([
    expect.stringMatching(/USING INDEX organizations_due/),
  ]);
});
