import { setImmediate as nextTurn } from 'node:timers/promises';
import { judgeThreshold, PlanSum } from '../domain/sync-plan-figures.ts';
import { runClosed } from '../domain/sync-plan-run.ts';
import type { Database } from '../store/database.ts';
import { getOrganization } from '../store/organizations.ts';
import {
  getSyncSettings,
  putSyncPlan,
  type StoredPlan,
  type StoredSyncRun,
  type SyncSettings,
  takePlanNumber,
} from '../store/sync-runs.ts';
import { insertSyncItems, type StoredSyncItem } from '../store/sync-runs-items.ts';
import { deleteSyncItems } from '../store/sync-runs-purge.ts';
import { findMissingUsers, type RowPlace, readSyncRowsAfter } from '../store/sync-runs-rows.ts';
import type { OrganizationId } from '../store/tables.ts';
import { requireSyncRun, type SyncContext } from './sync-run-access.ts';
import { judgeSyncRows, type PlannedItem, plannedMissing } from './sync-run-verdicts.ts';

/** Rows judged, and users looked through, between two turns of the event loop. */
const CHUNK_ROWS = 400;
const CHUNK_USERS = 4_000;
/** Items written by one transaction. */
const CHUNK_ITEMS = 2_000;

/** A run with the plan that holds. */
export interface PlannedRun {
  readonly run: StoredSyncRun;
  readonly plan: StoredPlan;
}

/**
 * The plan of an open run, made anew unless what it hangs on is still the same; of a run that is over, the plan as it
 * was committed. Nobody waits while a plan is made: it is read in short pieces, and what changes meanwhile is found when
 * the run is committed.
 */
export async function planSyncRun(
  context: SyncContext,
  organization: OrganizationId,
  runId: string,
): Promise<PlannedRun> {
  const { database, serverNow } = context;
  const run = await requireSyncRun(organization, database.reader, runId, serverNow());
  if (run.state === 'committed' || run.state === 'undone') {
    if (!run.plan) throw new Error(`the committed run ${runId} has no plan`);
    return { run, plan: run.plan };
  }
  if (run.state !== 'open') throw runClosed(run.state, 'It has no plan any more; open a new one.');
  const settings = await getSyncSettings(organization, database.reader);
  const basis = basisOf(run, settings);
  if (run.plan?.basis === basis) return { run, plan: run.plan };
  return { run, plan: await sharedPlan(context, organization, run, basis) };
}

/** Plans that are being made, by all that they hang on. */
const underWay = new WeakMap<Database, Map<string, Promise<StoredPlan>>>();

/** Whoever asks again, for example since the connection was closed meanwhile, waits for the plan that is being made. */
function sharedPlan(
  context: SyncContext,
  organization: OrganizationId,
  run: StoredSyncRun,
  basis: string,
): Promise<StoredPlan> {
  const plans = underWay.getOrInsertComputed(context.database, () => new Map());
  const name = `${run.id} ${basis}`;
  const making = plans.get(name) ?? makePlan(context, organization, run).finally(() => plans.delete(name));
  plans.set(name, making);
  return making;
}

function basisOf({ content }: StoredSyncRun, settings: SyncSettings): string {
  return JSON.stringify([content, settings]);
}

/** What the pieces of a plan share. */
interface Sketch {
  readonly database: Database;
  readonly organization: OrganizationId;
  readonly runId: string;
  readonly number: number;
  readonly sum: PlanSum;
  /** Items that are not written yet. */
  pending: StoredSyncItem[];
  adopted: number;
  /** Stored users whose email or remote id changes. */
  rekeyed: number;
  named: number;
  active: number;
}

async function makePlan(
  { database, now, serverNow }: SyncContext,
  organization: OrganizationId,
  { id: runId }: StoredSyncRun,
): Promise<StoredPlan> {
  const begun = await database.transaction(organization, async (transaction) => ({
    run: await requireSyncRun(organization, transaction, runId, serverNow()),
    settings: await getSyncSettings(organization, transaction),
    users: (await getOrganization(organization, transaction)).usersTotal,
    number: await takePlanNumber(organization, transaction, runId),
  }));
  const { settings, number } = begun;
  const sketch: Sketch = {
    ...{ database, organization, runId, number, sum: new PlanSum(), pending: [] },
    ...{ adopted: 0, rekeyed: 0, named: 0, active: 0 },
  };
  await planRows(sketch, settings, now());
  await planMissing(sketch, begun.run, begun.users);
  await writePending(sketch, 1);
  const { sum } = sketch;
  const plan: StoredPlan = {
    number,
    basis: basisOf(begun.run, settings),
    digest: sum.digest(),
    counts: sum.counts,
    threshold: judgeThreshold({
      percent: settings.thresholdPercent,
      people: settings.thresholdPeople,
      deactivations: sum.counts.deactivate,
      active: sketch.active,
      emptyRoster: sketch.named === 0,
    }),
    rekeyed: sketch.rekeyed,
    plannedAt: serverNow(),
  };
  await database.transaction(organization, (transaction) => putSyncPlan(organization, transaction, runId, plan));
  await forgetFormerPlans(sketch);
  // Another request may have made a later one meanwhile, which has done away with this.
  const { plan: latest } = await requireSyncRun(organization, database.reader, runId, serverNow());
  return latest ?? plan;
}

async function planRows(sketch: Sketch, settings: SyncSettings, now: number): Promise<void> {
  const { database, organization, runId } = sketch;
  let after: RowPlace = { batch: -1, index: 0 };
  for (;;) {
    const rows = await readSyncRowsAfter(organization, database.reader, runId, after, CHUNK_ROWS);
    const last = rows.at(-1);
    if (!last) return;
    const { trustedDomains } = settings;
    sketch.named += rows.filter(({ remoteId, email }) => remoteId !== null || email !== null).length;
    for (const item of await judgeSyncRows(
      { organization, connection: database.reader, runId, trustedDomains, now },
      rows,
    )) {
      note(sketch, item);
    }
    await writePending(sketch, CHUNK_ITEMS);
    await nextTurn();
    after = last;
  }
}

async function planMissing(sketch: Sketch, { deactivateMissing }: StoredSyncRun, users: number): Promise<void> {
  const { database, organization, runId } = sketch;
  for (let from = 0; from < users; from += CHUNK_USERS) {
    const range = { from, to: from + CHUNK_USERS };
    const { active, missing } = await findMissingUsers(organization, database.reader, runId, range);
    sketch.active += active;
    if (deactivateMissing) for (const user of missing) note(sketch, plannedMissing(user));
    await writePending(sketch, CHUNK_ITEMS);
    await nextTurn();
  }
}

function note(sketch: Sketch, { item, facts }: PlannedItem): void {
  const { kind } = item;
  if (kind === 'unchanged') {
    sketch.sum.counts.unchanged++;
    return;
  }
  if (item.rekeyed) sketch.rekeyed++;
  const number = kind === 'adopted' ? sketch.adopted++ : sketch.sum.add(kind, facts);
  sketch.pending.push({ ...item, kind, number });
}

/** Writes what is pending if it is at least so much. */
async function writePending(sketch: Sketch, least: number): Promise<void> {
  const { database, organization, pending } = sketch;
  if (pending.length < least) return;
  sketch.pending = [];
  await database.transaction(organization, (transaction) =>
    insertSyncItems(organization, transaction, sketch, pending),
  );
}

async function forgetFormerPlans({ database, organization, runId, number }: Sketch): Promise<void> {
  const forget = () =>
    database.transaction(organization, (transaction) => deleteSyncItems(organization, transaction, runId, number));
  while (await forget()) await nextTurn();
}
