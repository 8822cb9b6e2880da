import type { SyncPlan, SyncRun } from '@rollcall/contract/sync-run-shapes.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { purgeSyncRuns } from '../actions/purge-sync-runs.ts';
import { expectError } from './support/errors.ts';
import { createManager, dataOf } from './support/manage.ts';
import { readOrganizationRows } from './support/organization-rows.ts';
import { openRun, syncRoster } from './support/sync-runs.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { readPage, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const roster = (count: number) => Array.from({ length: count }, (_, index) => ({ remoteId: `E${index}` }));

async function activeUsers(organization: TestOrganization): Promise<number> {
  return (await readPage(organization, 'active=true')).total;
}

describe('a roster that broke off', () => {
  test('stops before anybody is deactivated, and is done once its plan is confirmed', async () => {
    const acme = await server.createOrganization();
    await syncRoster(server, acme, roster(100));
    const run = await openRun(server, acme);
    await run.add(0, ...roster(89));
    const plan = await run.plan();
    expect(plan.threshold).toEqual({
      ...{ percent: 10, people: 10, deactivations: 11, active: 100, emptyRoster: false, exceeded: true },
    });
    for (const seen of [{}, { digest: plan.digest }, { confirmDeactivations: 'f'.repeat(64) }]) {
      const { message, metadata } = expectError(await run.post('commit', seen), 'deactivation_threshold_exceeded');
      expect(message).toContain('11 of 100');
      expect(metadata).toMatchObject({ digest: plan.digest, threshold: plan.threshold });
    }
    expect(await activeUsers(acme)).toBe(100);
    await run.commit({ confirmDeactivations: plan.digest });
    expect(await activeUsers(acme)).toBe(89);
  });

  test('passes where it is not both more than 10 % and more than 10 people', async () => {
    const small = await server.createOrganization();
    await syncRoster(server, small, roster(12));
    expect((await syncRoster(server, small, roster(2))).result?.deactivate).toBe(10);
    const large = await server.createOrganization();
    await syncRoster(server, large, roster(200));
    expect((await syncRoster(server, large, roster(180))).result?.deactivate).toBe(20);
  });

  test('stops earlier where the organization wants it so', async () => {
    const manager = await createManager(server);
    const acme = manager.organization;
    await syncRoster(server, acme, roster(20));
    await manager.change('/organization', { syncLimit: { percent: 5, people: 1 } });
    const run = await openRun(server, acme);
    await run.add(0, ...roster(18));
    expect((await run.plan()).threshold).toMatchObject({ percent: 5, people: 1, deactivations: 2, exceeded: true });
    expectError(await run.post('commit', {}), 'deactivation_threshold_exceeded');
    await manager.change('/organization', { syncLimit: { percent: 10, people: 1 } });
    expect((await run.commit()).result?.deactivate).toBe(2);
  });

  test('always stops where it names nobody, however few people there are', async () => {
    const acme = await server.createOrganization();
    await syncRoster(server, acme, roster(2));
    for (const fill of [false, true]) {
      const run = await openRun(server, acme);
      if (fill) await run.add(0, { firstName: 'Nobody' });
      const plan = await run.plan();
      expect(plan.threshold).toMatchObject({ deactivations: 2, emptyRoster: true, exceeded: true });
      expectError(await run.post('commit', { digest: plan.digest }), 'deactivation_threshold_exceeded');
      expect((await run.cancel()).status).toBe(200);
    }
    expect(await activeUsers(acme)).toBe(2);
  });
});

describe('a plan', () => {
  test('that was confirmed is not carried out once something else would happen', async () => {
    const acme = await server.createOrganization();
    await syncRoster(server, acme, [{ remoteId: 'E1', firstName: 'Ann' }]);
    const run = await openRun(server, acme);
    await run.add(0, { remoteId: 'E1', firstName: 'Anna' });
    const { digest } = await run.plan();

    await upsertUsers(acme, { remoteId: 'E1', firstName: 'Hannah' });
    const { metadata } = expectError(await run.post('commit', { digest }), 'plan_changed');
    expect((await readPage(acme)).items).toMatchObject([{ firstName: 'Hannah' }]);
    expect((await run.commit({ digest: (metadata as { digest?: string }).digest })).state).toBe('committed');
    expect((await readPage(acme)).items).toMatchObject([{ firstName: 'Anna' }]);
  });

  test('stays the same where others change what it does not touch', async () => {
    const acme = await server.createOrganization();
    const run = await openRun(server, acme, { deactivateMissing: false });
    await run.add(0, { remoteId: 'E1' });
    const { digest } = await run.plan();
    await upsertUsers(acme, { remoteId: 'other' });
    expect((await run.commit({ digest })).result?.create).toBe(1);
    expect((await readPage(acme)).items.map(({ remoteId }) => remoteId)).toEqual(['other', 'E1']);
  });

  test('that is asked for by many at once is one plan, with all of its items', async () => {
    const acme = await server.createOrganization();
    const run = await openRun(server, acme);
    await run.add(0, ...roster(200));
    const plans: SyncPlan[] = await Promise.all(Array.from({ length: 5 }, () => run.plan()));
    expect(new Set(plans.map(({ digest }) => digest)).size).toBe(1);
    const lists = await Promise.all(Array.from({ length: 3 }, () => run.items('limit=200')));
    expect(lists.map(({ length }) => length)).toEqual([200, 200, 200]);
  });
});

describe('one run at a time', () => {
  test('a second is refused and told which one is open; once that is over there may be another', async () => {
    const acme = await server.createOrganization();
    const run = await openRun(server, acme, { label: ' nightly ' });
    const { metadata } = expectError(await acme.post('/v1/sync-runs', {}), 'sync_run_open');
    expect(metadata).toMatchObject({ runId: run.id, label: 'nightly' });
    expect((await run.cancel()).status).toBe(200);
    expect((await run.cancel()).status).toBe(200);
    await openRun(server, acme);
  });

  test('of many that are opened at once one is', async () => {
    const acme = await server.createOrganization();
    const replies = await Promise.all(Array.from({ length: 6 }, () => acme.post('/v1/sync-runs', {})));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });

  test('one to which nothing came for a day stands in nobody’s way', async () => {
    await using clocked = await startTestServer();
    const acme = await clocked.createOrganization();
    const run = await openRun(clocked, acme);
    clocked.clock.advance(23 * HOUR_MS);
    await run.add(0, { remoteId: 'E1' });
    clocked.clock.advance(23 * HOUR_MS);
    expectError(await acme.post('/v1/sync-runs', {}), 'sync_run_open');
    clocked.clock.advance(HOUR_MS);
    expect((await run.get()).state).toBe('expired');
    expectError(await run.post('users', { batch: 1, users: [{ remoteId: 'E2' }] }), 'sync_run_closed');
    expectError(await run.post('commit', {}), 'sync_run_closed');
    await openRun(clocked, acme);
  });
});

describe('a batch that is sent again', () => {
  test('changes nothing where it is the same, and replaces what it brought where it is not', async () => {
    const acme = await server.createOrganization();
    const run = await openRun(server, acme);
    await run.add(3, { remoteId: 'E1' }, { remoteId: 'E2' });
    const { digest } = await run.plan();
    expect((await run.add(3, { remoteId: 'E1' }, { remoteId: 'E2' })).run).toMatchObject({ batches: 1, rows: 2 });
    expect((await run.plan()).digest).toBe(digest);
    expect((await run.add(3, { remoteId: 'E3' })).run).toMatchObject({ batches: 1, rows: 1 });
    expect((await run.plan()).counts.create).toBe(1);
  });
});

describe('a run that is over', () => {
  test('takes no rows, is not committed twice, and cannot be cancelled', async () => {
    const acme = await server.createOrganization();
    const run = await openRun(server, acme);
    await run.add(0, { remoteId: 'E1' });
    const done: SyncRun[] = await Promise.all([run.commit(), run.commit()]);
    expect(done[0]).toEqual(done[1]);
    const { metadata } = expectError(
      await run.post('users', { batch: 1, users: [{ remoteId: 'E2' }] }),
      'sync_run_closed',
    );
    expect(metadata).toMatchObject({ state: 'committed' });
    expectError(await run.cancel(), 'sync_run_closed');
    expect(await run.items()).toMatchObject([{ kind: 'create' }]);
    await run.undo();
    expectError(await run.post('commit', {}), 'sync_run_closed');
    expect((await run.plan()).counts.create).toBe(1);
  });

  test('is listed, the latest first, and by no other organization', async () => {
    const acme = await server.createOrganization();
    const stranger = await server.createOrganization();
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      server.clock.advance(1);
      ids.unshift((await syncRoster(server, acme, roster(1))).id);
    }
    const first = dataOf<{ items: SyncRun[]; next: string }>(await acme.get('/v1/sync-runs?limit=2'));
    const rest = dataOf<{ items: SyncRun[]; next: null }>(await acme.get(`/v1/sync-runs?cursor=${first.next}`));
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids);
    expectError(await stranger.get(`/v1/sync-runs/${ids[0]}/plan/items`), 'not_found');
  });

  test('can be undone for 30 days, then its rows and items are cleared away, and at last it is forgotten', async () => {
    await using clocked = await startTestServer();
    const acme = await clocked.createOrganization();
    const { id } = await syncRoster(clocked, acme, roster(250));
    const run = `/v1/sync-runs/${id}`;
    const purge = () => purgeSyncRuns({ database: clocked.database, now: clocked.clock.now });
    const rowsOf = async (table: string) => (await readOrganizationRows(clocked.database, acme.id))[table]?.length;
    await purge();
    expect([await rowsOf('sync_rows'), await rowsOf('sync_items')]).toEqual([0, 250]);
    clocked.clock.advance(30 * DAY_MS - 1);
    await purge();
    expect(dataOf<{ items: unknown[] }>(await acme.get(`${run}/plan/items`)).items).toHaveLength(50);
    clocked.clock.advance(1);
    expectError(await acme.post(`${run}/undo`, undefined), 'sync_run_closed');
    await purge();
    expect(await rowsOf('sync_items')).toBe(0);
    expectError(await acme.get(`${run}/plan/items`), 'sync_run_closed');
    expect(dataOf<SyncPlan>(await acme.get(`${run}/plan`)).counts.create).toBe(250);
    clocked.clock.advance(60 * DAY_MS);
    await purge();
    expectError(await acme.get(run), 'not_found');
    expect((await readPage(acme)).total).toBe(250);
  });
});

describe('bad input', () => {
  test('is refused with its place, and leaves the run as it was', async () => {
    const acme = await server.createOrganization();
    const run = await openRun(server, acme);
    const users = [{ remoteId: 'E1' }];
    for (const [body, place] of [
      [{ users }, 'batch'],
      [{ batch: -1, users }, '/batch'],
      [{ batch: 10_000, users }, '/batch'],
      [{ batch: 0.5, users }, '/batch'],
      [{ batch: 0, users: [] }, '/users'],
      [{ batch: 0, users: roster(201) }, '/users'],
      [{ batch: 0, users: [{ remoteId: 'E1', row: -1 }] }, '/users/0/row'],
      [{ batch: 0, users: [{ remotId: 'E1' }] }, '/users/0/remotId'],
    ] as const) {
      expect(expectError(await run.post('users', body), 'invalid_request').message).toContain(place);
    }
    expectError(await acme.get(`/v1/sync-runs/${run.id}/plan/items?cursor=abc`), 'invalid_request');
    expectError(await acme.get(`/v1/sync-runs/${run.id}/plan/items?kind=unchanged`), 'invalid_request');
    expectError(await acme.post('/v1/sync-runs', { label: 'x'.repeat(201) }), 'invalid_request');
    expectError(await acme.get('/v1/sync-runs/0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11'), 'not_found');
    expect(await run.get()).toMatchObject({ state: 'open', batches: 0, rows: 0 });
  });

  test('odd characters in refused rows come back as they were sent', async () => {
    const acme = await server.createOrganization();
    const run = await openRun(server, acme);
    const odd = { remoteId: 'E1', firstName: 'a\u0000b', lastName: '\ud800' };
    await run.add(0, odd, { remoteId: '__proto__', email: '👩‍🔧@example.com' });
    expect((await run.items('kind=refused'))[0]).toMatchObject({ sent: odd });
    expect((await run.commit()).result).toMatchObject({ create: 0, refused: 2 });
  });
});
