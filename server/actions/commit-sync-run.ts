import type { SyncCommit } from '@rollcall/contract/sync-run-shapes.ts';
import type { User } from '@rollcall/contract/users.ts';
import { Refusal } from '../domain/refusal.ts';
import { thresholdMessage } from '../domain/sync-plan-figures.ts';
import { runClosed } from '../domain/sync-plan-run.ts';
import type { Transaction } from '../store/database.ts';
import { type StoredPlan, type StoredSyncRun, updateSyncRun } from '../store/sync-runs.ts';
import {
  type PlanKey,
  readSyncItemsOfKind,
  type StoredItemKind,
  type StoredSyncItem,
} from '../store/sync-runs-items.ts';
import type { OrganizationId } from '../store/tables.ts';
import { lockUserCounters, markSynced, releaseUserKeys } from '../store/users.ts';
import { within } from './context.ts';
import { planSyncRun } from './plan-sync-run.ts';
import { requireSyncRun, type SyncContext } from './sync-run-access.ts';
import { type UserChange, UserWriter } from './sync-run-changes.ts';

/** Items carried out between two turns of the event loop; two events' worth. */
const CHUNK_ITEMS = 400;

/** Kinds of items that change stored users. */
const CHANGES = ['update', 'deactivate', 'reactivate'] as const;

/** What came of a commit; `isNew` is false where the run was committed before. */
export interface Committed {
  readonly run: StoredSyncRun;
  readonly isNew: boolean;
}

/**
 * Carries out the plan of a run, all in one transaction. The plan is made before it, while others may write; where they
 * did, it is made once more inside, where nobody else can.
 */
export async function commitSyncRun(
  context: SyncContext,
  organization: OrganizationId,
  runId: string,
  seen: SyncCommit,
): Promise<Committed> {
  const { database, now, serverNow } = context;
  const known = await requireSyncRun(organization, database.reader, runId, serverNow());
  if (known.state === 'open') await planSyncRun(context, organization, runId);
  return database.transaction(organization, async (transaction) => {
    const run = await requireSyncRun(organization, transaction, runId, serverNow());
    if (run.state === 'committed') return { run, isNew: false };
    if (run.state !== 'open') throw runClosed(run.state, 'It cannot be committed; open a new one.');
    const { plan } = await planSyncRun({ ...within(context, transaction), serverNow }, organization, runId);
    requireConsent(plan, seen);
    const firstCreated = await carryOut(organization, transaction, { runId, number: plan.number }, plan, now());
    const at = serverNow();
    await updateSyncRun(organization, transaction, runId, {
      ...{ state: 'committed', touchedAt: at, committedAt: at },
      ...(firstCreated !== null && { firstCreated }),
    });
    return { run: await requireSyncRun(organization, transaction, runId, at), isNew: true };
  });
}

function requireConsent({ digest, threshold }: StoredPlan, { digest: seen, confirmDeactivations }: SyncCommit): void {
  if (seen !== undefined && seen !== digest) {
    const message = 'The plan is not the one that was confirmed. Read it again, then commit with its digest.';
    throw new Refusal('plan_changed', message, { digest });
  }
  if (threshold.exceeded && confirmDeactivations !== digest) {
    throw new Refusal('deactivation_threshold_exceeded', thresholdMessage(threshold), { digest, threshold });
  }
}

/** Writes all that the plan says; answers the position of the first user created, null where there is none. */
async function carryOut(
  organization: OrganizationId,
  transaction: Transaction,
  key: PlanKey,
  { rekeyed }: StoredPlan,
  now: number,
): Promise<number | null> {
  const itemsOf = (kind: StoredItemKind) => chunksOf(organization, transaction, key, kind);
  const writer = new UserWriter(organization, transaction, await lockUserCounters(organization, transaction), now);
  if (rekeyed > 0) await releaseKeys(organization, transaction, itemsOf);
  for (const kind of CHANGES) for await (const items of itemsOf(kind)) await writer.change(items.map(changeOf));
  let firstCreated: number | null = null;
  for await (const items of itemsOf('create')) {
    const first = await writer.create(items.map(({ after }) => JSON.parse(after as string) as User));
    firstCreated ??= first;
  }
  for await (const items of itemsOf('adopted')) {
    await markSynced(
      organization,
      transaction,
      items.map(({ position }) => position as number),
    );
  }
  await writer.finish();
  return firstCreated;
}

type ItemsOf = (kind: StoredItemKind) => AsyncIterable<readonly StoredSyncItem[]>;

/** Frees the keys that change hands, before anybody takes them. */
async function releaseKeys(organization: OrganizationId, transaction: Transaction, itemsOf: ItemsOf): Promise<void> {
  for (const kind of CHANGES) {
    for await (const items of itemsOf(kind)) {
      const positions = items.filter(({ rekeyed }) => rekeyed).map(({ position }) => position as number);
      await releaseUserKeys(organization, transaction, positions);
    }
  }
}

function changeOf({ position, before, after, place }: StoredSyncItem): UserChange {
  return {
    before: JSON.parse(before as string) as User,
    after: { ...(JSON.parse(after as string) as User), position: position as number, document: after as string },
    lapses: place === null,
  };
}

/** The items of one kind, some at a time. */
export async function* chunksOf(
  organization: OrganizationId,
  transaction: Transaction,
  key: PlanKey,
  kind: StoredItemKind,
): AsyncGenerator<readonly StoredSyncItem[]> {
  for (let number = -1; ; ) {
    const items = await readSyncItemsOfKind(organization, transaction, key, { kind, number }, CHUNK_ITEMS);
    if (items.length > 0) yield items;
    if (items.length < CHUNK_ITEMS) return;
    number = items.at(-1)?.number ?? number;
  }
}
