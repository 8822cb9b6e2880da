import {
  ConflictError,
  NotFoundError,
  PlanChangedError,
  Rollcall,
  type SyncItem,
  type SyncRow,
} from '@rollcall/client';
import { afterAll, expect, test } from 'vitest';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

async function createClient(): Promise<Rollcall> {
  const { key } = await server.createOrganization();
  return new Rollcall({ url: server.address, key, retries: 0 });
}

function roster(count: number): SyncRow[] {
  return Array.from({ length: count }, (_, index) => ({ remoteId: `E${index}`, firstName: 'A', row: index + 2 }));
}

async function activeCount(rollcall: Rollcall): Promise<number> {
  return (await rollcall.users.page({ active: true, pageSize: 1 })).total;
}

test('a roster of several batches is added, looked at, committed and undone', async () => {
  const rollcall = await createClient();
  const rows = roster(450);
  rows[449] = { remoteId: 'E449', email: 'nobody', row: 451 };
  const { id } = await rollcall.syncRuns.create({ label: 'monday' });
  const done: number[] = [];
  const added = await rollcall.syncRuns.addUsers(id, rows, { onProgress: (progress) => done.push(progress.done) });
  expect(added).toMatchObject({ rows: 450, batches: 3, refused: [{ index: 449, item: rows[449] }] });
  expect(done.at(-1)).toBe(450);
  expect(await activeCount(rollcall)).toBe(0);

  const plan = await rollcall.syncRuns.plan(id);
  expect(plan.counts).toMatchObject({ create: 449, refused: 1 });
  const kinds = new Map<string, number>();
  for await (const { kind } of rollcall.syncRuns.planItems(id)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  expect(Object.fromEntries(kinds)).toEqual({ create: 449, refused: 1 });

  expect(await rollcall.syncRuns.commit(id, { digest: plan.digest })).toMatchObject({ state: 'committed' });
  expect(await activeCount(rollcall)).toBe(449);
  expect(await rollcall.syncRuns.undo(id)).toMatchObject({ state: 'undone', undo: { deactivated: 449 } });
  expect(await activeCount(rollcall)).toBe(0);
  expect(await rollcall.syncRuns.get(id)).toMatchObject({ label: 'monday', state: 'undone' });
});

test('the same roster added again after a crash is the same roster', async () => {
  const rollcall = await createClient();
  const { id } = await rollcall.syncRuns.create();
  await rollcall.syncRuns.addUsers(id, roster(250));
  await rollcall.syncRuns.addUsers(id, roster(450));
  expect(await rollcall.syncRuns.get(id)).toMatchObject({ batches: 3, rows: 450 });
});

test('a second run is refused by code, until the first is cancelled; both are listed', async () => {
  const rollcall = await createClient();
  const { id } = await rollcall.syncRuns.create({ label: 'first' });
  const refusal = await rollcall.syncRuns.create().catch((error) => error);
  expect(refusal).toBeInstanceOf(ConflictError);
  expect(refusal).toMatchObject({ code: 'sync_run_open', metadata: { runId: id, label: 'first' } });
  expect(await rollcall.syncRuns.cancel(id)).toMatchObject({ state: 'cancelled' });
  server.clock.advance(1_000);
  const second = await rollcall.syncRuns.create();
  const listed: string[] = [];
  for await (const run of rollcall.syncRuns.list({ limit: 1 })) listed.push(run.id);
  expect(listed).toEqual([second.id, id]);
});

test('too many deactivations are refused with their figures, until they are confirmed', async () => {
  const rollcall = await createClient();
  await rollcall.users.upsert(roster(40).map(({ row: _, ...user }) => user));
  const { id } = await rollcall.syncRuns.create();
  await rollcall.syncRuns.addUsers(id, roster(20));
  const refusal = await rollcall.syncRuns.commit(id).catch((error) => error);
  expect(refusal).toMatchObject({
    code: 'deactivation_threshold_exceeded',
    metadata: { threshold: { deactivations: 20, active: 40 } },
  });
  const { digest } = await rollcall.syncRuns.plan(id);
  await rollcall.syncRuns.commit(id, { confirmDeactivations: digest });
  expect(await activeCount(rollcall)).toBe(20);
});

test('a plan that changes while its items are read is an error, not a mixture', async () => {
  const rollcall = await createClient();
  const { id } = await rollcall.syncRuns.create();
  await rollcall.syncRuns.addUsers(id, roster(5));
  const met: SyncItem[] = [];
  const reading = (async () => {
    for await (const item of rollcall.syncRuns.planItems(id, { limit: 2 })) {
      met.push(item);
      if (met.length === 2) await rollcall.syncRuns.addUsers(id, roster(6));
    }
  })();
  await expect(reading).rejects.toBeInstanceOf(PlanChangedError);
  expect(met).toHaveLength(2);
});

test('a run that is not there is not found', async () => {
  const rollcall = await createClient();
  const unknown = '0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11';
  await expect(rollcall.syncRuns.plan(unknown)).rejects.toBeInstanceOf(NotFoundError);
  await expect(rollcall.syncRuns.addUsers(unknown, roster(1))).rejects.toBeInstanceOf(NotFoundError);
});
