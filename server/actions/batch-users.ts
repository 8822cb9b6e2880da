import { randomBytes } from 'node:crypto';
import type { UserRef, UserTemplate } from '@rollcall/contract/users.ts';
import { batchKeys, prepareRefs, prepareTemplates } from '../domain/batch-items.ts';
import { type BatchPlan, type PlannedUser, planDeactivate, planUpsert } from '../domain/user-matching.ts';
import type { RosterChanges } from '../domain/user-roster.ts';
import type { Database, Transaction } from '../store/database.ts';
import { insertEvents, type NewEvent } from '../store/events.ts';
import { getOrganization, touchVersion } from '../store/organizations.ts';
import { cancelUpcomingRegistrations } from '../store/registrations.ts';
import type { OrganizationId } from '../store/tables.ts';
import {
  findUsersNamed,
  insertUsers,
  lockUserCounters,
  markSynced,
  releaseUserKeys,
  renameUsers,
  type StoredUser,
  setUserCounters,
  type UserRecord,
  updateUsers,
} from '../store/users.ts';
import { type Idempotency, type RememberedBody, rollBackWith, withIdempotency } from './idempotency.ts';

export interface BatchContext {
  readonly database: Database;
  readonly now: () => number;
}

export interface BatchOptions {
  /** Judge and answer as if, but write nothing. */
  readonly dryRun: boolean;
  readonly idempotency: Idempotency | null;
}

/** What came of a batch: the contract's answer as JSON text, and how many users were written (none by a replay). */
export interface BatchOutcome extends RememberedBody {
  readonly written?: { readonly created: number; readonly updated: number };
}

type Plan = BatchPlan<UserTemplate | UserRef, StoredUser>;

/** Creates and updates users by the identity rules (contract: Identity), all in one transaction. */
export function upsertUsers(
  context: BatchContext,
  organization: OrganizationId,
  templates: readonly UserTemplate[],
  options: BatchOptions,
): Promise<BatchOutcome> {
  const prepared = prepareTemplates(templates);
  const newIds = newUserIds(templates.length, context.now());
  return runBatch(context, organization, options, async (transaction) => {
    const { trustedDomains } = await getOrganization(organization, transaction);
    const known = await findUsersNamed(organization, transaction, batchKeys(prepared));
    const plan = planUpsert({ templates: prepared, known, trustedDomains, newIds });
    await noteSynced(organization, transaction, plan, context.now());
    return plan;
  });
}

/** A roster is to miss whom it brought in, also someone who was there before; whether it may is part of any sync plan. */
async function noteSynced(
  organization: OrganizationId,
  transaction: Transaction,
  { outcomes, updated }: Plan,
  now: number,
): Promise<void> {
  const named = outcomes.flatMap((outcome) => (outcome.ok && outcome.unchanged ? outcome.unchanged : []));
  const met = [...named, ...updated.map(({ before }) => before)].filter(({ synced }) => !synced);
  if (met.length === 0) return;
  await markSynced(
    organization,
    transaction,
    met.map(({ position }) => position),
  );
  await touchVersion(organization, transaction, 'users_version', now);
}

/** Deactivates users, who thereby lose their seats in sessions that have not begun (domain: Rules). */
export function deactivateUsers(
  context: BatchContext,
  organization: OrganizationId,
  refs: readonly UserRef[],
  options: BatchOptions,
): Promise<BatchOutcome> {
  const prepared = prepareRefs(refs);
  return runBatch(context, organization, options, async (transaction) => {
    const known = await findUsersNamed(organization, transaction, batchKeys(prepared));
    return planDeactivate({ refs: prepared, known });
  });
}

function runBatch(
  { database, now }: BatchContext,
  organization: OrganizationId,
  { dryRun, idempotency }: BatchOptions,
  makePlan: (transaction: Transaction) => Promise<Plan>,
): Promise<BatchOutcome> {
  const run = async (transaction: Transaction): Promise<BatchOutcome> => {
    const plan = await makePlan(transaction);
    const documents = await writePlan(organization, transaction, plan, now());
    return {
      body: presentOutcomes(plan, documents),
      replayed: false,
      written: { created: plan.created.length, updated: plan.updated.length },
    };
  };
  if (dryRun) return rollBackWith(database, organization, run);
  if (!idempotency) return database.transaction(organization, run);
  return database.transaction(organization, (transaction) =>
    withIdempotency(organization, transaction, idempotency, () => run(transaction)),
  );
}

/** Writes what was decided of users, with all that follows from it; answers the documents of those that it wrote. `synced`: a roster brought the new ones in. */
export async function writePlan(
  organization: OrganizationId,
  transaction: Transaction,
  plan: RosterChanges,
  now: number,
  { synced }: { readonly synced: boolean } = { synced: true },
): Promise<Map<PlannedUser, string>> {
  const documents = new Map<PlannedUser, string>();
  if (plan.created.length === 0 && plan.updated.length === 0) return documents;
  const counters = await lockUserCounters(organization, transaction);
  const record = (user: PlannedUser, position: number): UserRecord => {
    const document = userDocument(user);
    documents.set(user, document);
    return { ...user, position, document };
  };
  const created = plan.created.map((user, index) => record(user, counters.total + index));
  const renamed: UserRecord[] = [];
  const changed: UserRecord[] = [];
  let { active } = counters;
  for (const user of created) active += user.active ? 1 : 0;
  for (const user of plan.updated) {
    const { before } = user;
    active += Number(user.active) - Number(before.active);
    const keepsKeys = user.email === before.email && user.remoteId === before.remoteId && user.active === before.active;
    (keepsKeys ? renamed : changed).push(record(user, before.position));
  }
  await releaseUserKeys(
    organization,
    transaction,
    plan.released.map((user) => user.position),
  );
  await renameUsers(organization, transaction, renamed, now);
  await updateUsers(organization, transaction, changed, now);
  await insertUsers(organization, transaction, created, now, { synced });
  await setUserCounters(organization, transaction, { total: counters.total + created.length, active }, now);
  const deactivated = plan.updated.filter((user) => user.before.active && !user.active).map((user) => user.id);
  await cancelUpcomingRegistrations(organization, transaction, deactivated, now);
  await insertEvents(organization, transaction, eventsOf(plan, deactivated), now);
  return documents;
}

/** One event a kind of change and batch; it names the users, whose present state a receiver reads. */
function eventsOf(plan: RosterChanges, deactivated: readonly string[]): NewEvent[] {
  const gone = new Set(deactivated);
  const updated = plan.updated.filter((user) => !gone.has(user.id)).map((user) => user.id);
  const kinds = [
    ['users.created', plan.created.map((user) => user.id)],
    ['users.updated', updated],
    ['users.deactivated', deactivated],
  ] as const;
  return kinds.filter(([, userIds]) => userIds.length > 0).map(([type, userIds]) => ({ type, data: { userIds } }));
}

/** A user as the contract shows it, members in the contract's order. */
export function userDocument({ id, firstName, lastName, email, active, remoteId }: PlannedUser): string {
  return JSON.stringify({ id, firstName, lastName, email, active, remoteId });
}

function presentOutcomes(plan: Plan, documents: ReadonlyMap<PlannedUser, string>): string {
  const success: string[] = [];
  const failed: string[] = [];
  for (const outcome of plan.outcomes) {
    if (outcome.ok)
      success.push(outcome.unchanged?.document ?? documents.get(outcome.user) ?? userDocument(outcome.user));
    else {
      const user = outcome.id === undefined ? outcome.item : { ...outcome.item, id: outcome.id };
      failed.push(JSON.stringify({ user, error: outcome.error }));
    }
  }
  return `{"success":true,"data":{"success":[${success.join(',')}],"failed":[${failed.join(',')}]},"error":null}`;
}

const ID_TIME_DIGITS = 12;
const ID_RANDOM_BYTES = 26;

/**
 * Ids of 64 hex digits: the time first, so that the index of ids grows at its end instead of everywhere, then 208
 * random bits.
 */
export function newUserIds(count: number, now: number): string[] {
  const time = now.toString(16).padStart(ID_TIME_DIGITS, '0');
  const random = randomBytes(count * ID_RANDOM_BYTES).toString('hex');
  const digits = ID_RANDOM_BYTES * 2;
  return Array.from({ length: count }, (_, index) => time + random.slice(index * digits, (index + 1) * digits));
}
