import type { TestOrganization, TestServer } from './test-server.ts';

/** Tables whose rows a request of the Account API can write. */
const WRITTEN = ['users', 'registrations', 'completions', 'events', 'idempotency_keys'] as const;

/** Everything stored of an organization that a request could change, to compare before and after. */
export async function storedRows({ database }: Pick<TestServer, 'database'>, { id }: TestOrganization) {
  const { kysely } = database.reader;
  const organization = await kysely.selectFrom('organizations').selectAll().where('id', '=', id).execute();
  const tables = WRITTEN.map((table) =>
    kysely.selectFrom(table).selectAll().where('organization_id', '=', id).execute(),
  );
  return { organization, tables: await Promise.all(tables) };
}

/** Number and type of each event of an organization, in order. */
export async function storedEvents(
  { database }: Pick<TestServer, 'database'>,
  { id }: TestOrganization,
): Promise<{ number: number; type: string; data: unknown }[]> {
  const rows = await database.reader.kysely
    .selectFrom('events')
    .select(['number', 'type', 'data'])
    .where('organization_id', '=', id)
    .orderBy('number')
    .execute();
  return rows.map(({ number, type, data }) => ({ number: Number(number), type, data: JSON.parse(data) as unknown }));
}
