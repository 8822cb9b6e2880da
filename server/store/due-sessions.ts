import { type RawBuilder, sql } from 'kysely';
import type { Connection, Transaction } from './database.ts';
import { jsonIntegers } from './dialect.ts';
import { prepared } from './prepared.ts';
import type { OrganizationId } from './tables.ts';

/** Notes that a session begins or ends at that moment, so that it is looked after in time. Epoch milliseconds. */
export async function noteSessionDue(
  organization: OrganizationId,
  transaction: Transaction,
  at: number,
): Promise<void> {
  await transaction.kysely
    .updateTable('organizations')
    .set({ sessions_due_at: at })
    .where('id', '=', organization)
    .where((eb) => eb.or([eb('sessions_due_at', 'is', null), eb('sessions_due_at', '>', at)]))
    .execute();
}

/** SQL for the next moment at which a session of the organization begins or ends; two looks at an index. */
function nextDueAt(organization: OrganizationId): RawBuilder<number | null> {
  return sql<number | null>`(
    select min(due_at) from (
      select min(scheduled_start_at) as due_at from sessions
      where organization_id = ${organization} and state = 'scheduled'
      union all
      select min(scheduled_end_at) from sessions
      where organization_id = ${organization} and state = 'open'
    ) as due
  )`;
}

/** Notes afresh when the next session of the organization begins or ends. */
export async function refreshSessionsDue(organization: OrganizationId, transaction: Transaction): Promise<void> {
  await transaction.kysely
    .updateTable('organizations')
    .set({ sessions_due_at: nextDueAt(organization) })
    .where('id', '=', organization)
    .where('sessions_due_at', 'is distinct from', nextDueAt(organization))
    .execute();
}

/** An organization, and when a session of it is due. */
export interface DueOrganization {
  readonly organization: OrganizationId;
  /** Epoch milliseconds. */
  readonly dueAt: number;
}

const dueOrganizations = prepared<{ except: string; limit: number }>((db, parameter) =>
  db
    .selectFrom('organizations')
    .select(['id', 'sessions_due_at'])
    .where('sessions_due_at', 'is not', null)
    .where('test_clock_at', 'is', null)
    .where('id', 'not in', jsonIntegers(db, parameter('except')) as RawBuilder<never>)
    .orderBy('sessions_due_at')
    .limit(parameter('limit')),
);

/**
 * The organizations whose sessions are due first, in that order, past and to come; test organizations with a clock of
 * their own are not among them.
 */
export async function listDueOrganizations(
  connection: Connection,
  { except, limit }: { readonly except: readonly OrganizationId[]; readonly limit: number },
): Promise<DueOrganization[]> {
  const rows = await connection.rows(dueOrganizations, { except: JSON.stringify(except), limit });
  return rows.map(([id, dueAt]) => ({ organization: id as OrganizationId, dueAt: Number(dueAt) }));
}

/** Opens the sessions whose scheduled start has come and whose end has not; answers their ids. */
export async function openBegunSessions(
  organization: OrganizationId,
  transaction: Transaction,
  now: number,
): Promise<string[]> {
  const rows = await transaction.kysely
    .updateTable('sessions')
    .set({ state: 'open' })
    .where('organization_id', '=', organization)
    .where('state', '=', 'scheduled')
    .where('scheduled_start_at', '<=', now)
    .where('scheduled_end_at', '>', now)
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}

/** Marks a session as ended; false where it is no longer to be held, so that of two who end it only one does. */
export async function markSessionEnded(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
): Promise<boolean> {
  const row = await transaction.kysely
    .updateTable('sessions')
    .set({ state: 'ended' })
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .where('state', 'in', ['scheduled', 'open'])
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
