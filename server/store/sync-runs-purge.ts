import type { Transaction } from './database.ts';
import type { OrganizationId } from './tables.ts';

/** Rows deleted by one statement: few enough that nobody waits for it. */
const CHUNK = 2_000;

/** Deletes a stretch of the items of a run's plans, of those below a number or of all; answers false where none were left. */
export async function deleteSyncItems(
  organization: OrganizationId,
  transaction: Transaction,
  runId: string,
  belowPlan: number | null,
): Promise<boolean> {
  let query = transaction.kysely
    .selectFrom('sync_items')
    .select(['plan_number', 'kind', 'number'])
    .where('organization_id', '=', organization)
    .where('run_id', '=', runId);
  if (belowPlan !== null) query = query.where('plan_number', '<', belowPlan);
  const first = await query.orderBy('plan_number').orderBy('kind').orderBy('number').limit(1).executeTakeFirst();
  if (!first) return false;
  await transaction.kysely
    .deleteFrom('sync_items')
    .where('organization_id', '=', organization)
    .where('run_id', '=', runId)
    .where('plan_number', '=', first.plan_number)
    .where('kind', '=', first.kind)
    .where('number', '>=', first.number)
    .where('number', '<', first.number + CHUNK)
    .execute();
  return true;
}

const BATCHES = 10;

/** Deletes some batches of a run's rows; answers false where there were none left. */
export async function deleteSyncRows(
  organization: OrganizationId,
  transaction: Transaction,
  runId: string,
): Promise<boolean> {
  const first = await transaction.kysely
    .selectFrom('sync_rows')
    .select('batch')
    .where('organization_id', '=', organization)
    .where('run_id', '=', runId)
    .orderBy('batch')
    .limit(1)
    .executeTakeFirst();
  if (!first) return false;
  await transaction.kysely
    .deleteFrom('sync_rows')
    .where('organization_id', '=', organization)
    .where('run_id', '=', runId)
    .where('batch', '>=', first.batch)
    .where('batch', '<', first.batch + BATCHES)
    .execute();
  return true;
}
