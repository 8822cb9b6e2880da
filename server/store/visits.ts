import type { PresenceInterval, ShownStep } from '../domain/presence.ts';
import type { Connection, Transaction } from './database.ts';
import type { OrganizationId } from './tables.ts';

const columns = ['v.registration_id', 'v.tab', 'v.first_at', 'v.last_at', 'v.closed'] as const;

function visits(organization: OrganizationId, connection: Connection) {
  return connection.kysely.selectFrom('visits as v').select(columns).where('v.organization_id', '=', organization);
}

type Row = Awaited<ReturnType<ReturnType<typeof visits>['execute']>>[number];

function fromRow(row: Row): PresenceInterval {
  return {
    tab: row.tab,
    firstAt: Number(row.first_at),
    lastAt: Number(row.last_at),
    closed: row.closed === 1,
  };
}

/** The intervals for which a participant was seen in the room, all tabs together. */
export async function listVisits(
  organization: OrganizationId,
  connection: Connection,
  registrationId: string,
): Promise<PresenceInterval[]> {
  const rows = await visits(organization, connection)
    .where('v.registration_id', '=', registrationId)
    .orderBy('v.first_at')
    .execute();
  return rows.map(fromRow);
}

/** The intervals of all participants of a session, by registration; those who never came are not there. */
export async function listSessionVisits(
  organization: OrganizationId,
  connection: Connection,
  sessionId: string,
): Promise<Map<string, PresenceInterval[]>> {
  // A join would leave it to the engine to begin with all visits of the organization.
  const rows = await visits(organization, connection)
    .where('v.registration_id', 'in', (seats) =>
      seats
        .selectFrom('registrations as r')
        .select('r.id')
        .where('r.organization_id', '=', organization)
        .where('r.session_id', '=', sessionId),
    )
    .orderBy('v.first_at')
    .execute();
  const intervals = new Map<string, PresenceInterval[]>();
  for (const row of rows) {
    const known = intervals.get(row.registration_id);
    if (known) known.push(fromRow(row));
    else intervals.set(row.registration_id, [fromRow(row)]);
  }
  return intervals;
}

/** Writes intervals; one with the tab and beginning of a stored one replaces it. */
export async function putVisits(
  organization: OrganizationId,
  transaction: Transaction,
  registrationId: string,
  intervals: readonly PresenceInterval[],
): Promise<void> {
  if (intervals.length === 0) return;
  await transaction.kysely
    .insertInto('visits')
    .values(
      intervals.map(({ tab, firstAt, lastAt, closed }) => ({
        organization_id: organization,
        registration_id: registrationId,
        tab,
        first_at: firstAt,
        last_at: lastAt,
        closed: closed ? (1 as const) : (0 as const),
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['organization_id', 'registration_id', 'tab', 'first_at']).doUpdateSet(({ ref }) => ({
        last_at: ref('excluded.last_at'),
        closed: ref('excluded.closed'),
      })),
    )
    .execute();
}

/** Which step was shown to the group of a session when, in the order of the moves. */
export async function listShownSteps(
  organization: OrganizationId,
  connection: Connection,
  sessionId: string,
): Promise<ShownStep[]> {
  const rows = await connection.kysely
    .selectFrom('shown_steps')
    .select(['step', 'from_at', 'to_at'])
    .where('organization_id', '=', organization)
    .where('session_id', '=', sessionId)
    .orderBy('number')
    .execute();
  return rows.map((row) => ({
    step: row.step,
    fromAt: Number(row.from_at),
    toAt: row.to_at === null ? null : Number(row.to_at),
  }));
}

/** Notes that the group sees another step from this moment on: the one shown so far ends, the new one begins. */
export async function insertShownStep(
  organization: OrganizationId,
  transaction: Transaction,
  sessionId: string,
  { step, fromAt }: { readonly step: number; readonly fromAt: number },
): Promise<void> {
  await transaction.kysely
    .updateTable('shown_steps')
    .set({ to_at: fromAt })
    .where('organization_id', '=', organization)
    .where('session_id', '=', sessionId)
    .where('to_at', 'is', null)
    .execute();
  await transaction.kysely
    .insertInto('shown_steps')
    .columns(['organization_id', 'session_id', 'number', 'step', 'from_at', 'to_at'])
    .expression((eb) =>
      eb
        .selectFrom('shown_steps')
        .select((shown) => [
          shown.val(organization).as('organization_id'),
          shown.val(sessionId).as('session_id'),
          shown.fn.countAll<number>().as('number'),
          shown.val(step).as('step'),
          shown.val(fromAt).as('from_at'),
          shown.val<number | null>(null).as('to_at'),
        ])
        .where('organization_id', '=', organization)
        .where('session_id', '=', sessionId),
    )
    .execute();
}
