import type { Connection, Transaction } from './database.ts';
import { insertEach } from './dialect.ts';
import { prepared } from './prepared.ts';
import type { OrganizationId } from './tables.ts';

/** Something that happened, to be written with the change itself. */
export interface NewEvent {
  /** For example `users.created`. */
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const nextNumber = prepared<{ organization: OrganizationId; count: number }>((db, parameter) =>
  db
    .updateTable('organizations')
    .set(({ eb, ref }) => ({ events_last: eb(ref('events_last'), '+', parameter('count')) }))
    .where('id', '=', parameter('organization'))
    .returning('events_last'),
);

const insertEvent = insertEach('events', ['organization_id', 'number', 'type', 'data', 'created_at']);

/** Writes events in the transaction of what they tell; their numbers follow each other without gaps per organization. */
export async function insertEvents(
  organization: OrganizationId,
  transaction: Transaction,
  events: readonly NewEvent[],
  now: number,
): Promise<void> {
  if (events.length === 0) return;
  const row = await transaction.row(nextNumber, { organization, count: events.length });
  const first = Number(row?.[0]) - events.length + 1;
  await transaction.runMany(
    insertEvent,
    events.map(({ type, data }, index) => ({
      organization_id: organization,
      number: first + index,
      type,
      data: JSON.stringify(data),
      created_at: now,
    })),
  );
  transaction.announce({ about: 'events', organization });
}

/** An event as it is stored. */
export interface StoredEvent extends NewEvent {
  readonly number: number;
}

/** The events after that number, in their order, at most `limit` of them. */
export async function listEventsAfter(
  organization: OrganizationId,
  connection: Connection,
  number: number,
  limit: number,
): Promise<StoredEvent[]> {
  const rows = await connection.kysely
    .selectFrom('events')
    .select(['number', 'type', 'data'])
    .where('organization_id', '=', organization)
    .where('number', '>', number)
    .orderBy('number')
    .limit(limit)
    .execute();
  return rows.map(({ number: at, type, data }) => ({
    number: Number(at),
    type,
    data: JSON.parse(data) as NewEvent['data'],
  }));
}

/** The number of the latest event of each of these organizations. */
export async function lastEventNumbers(
  organizations: readonly OrganizationId[],
  connection: Connection,
): Promise<Map<OrganizationId, number>> {
  const rows = await connection.kysely
    .selectFrom('organizations')
    .select(['id', 'events_last'])
    .where('id', 'in', organizations)
    .execute();
  return new Map(rows.map((row) => [row.id, Number(row.events_last)]));
}
