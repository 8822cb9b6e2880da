import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { type CatalogTable, type ForeignKey, readCatalog } from './support/catalog.ts';
import { startTestServer } from './support/test-server.ts';

/** The two tables that find the organization; all others are found through it (architecture: One storage). */
const DIRECTORY = ['organizations', 'api_keys'];
/** What the migrator notes for the whole database. */
const MIGRATOR = /^kysely_/;
const TENANT = 'organization_id';

/** Every key of a table that does not begin with the organization, in words. */
function tenancyFaults({ name, primaryKey, indexes, foreignKeys }: CatalogTable): string[] {
  const faults = indexes
    .filter(({ columns }) => columns[0] !== TENANT)
    .map((index) => `${name}: index ${index.name} (${index.columns.join(', ')})`);
  if (primaryKey[0] !== TENANT) faults.unshift(`${name}: primary key (${primaryKey.join(', ')})`);
  for (const { from, table, to } of foreignKeys.filter((key) => !staysWithin(key))) {
    faults.push(`${name}: foreign key (${from.join(', ')}) to ${table} (${to.join(', ')})`);
  }
  return faults;
}

/** A reference to the organization itself, or one that carries the organization along on both sides. */
function staysWithin({ from, table, to }: ForeignKey): boolean {
  if (table === 'organizations') return from.join() === TENANT;
  return from[0] === TENANT && to[0] === TENANT;
}

function tenantTables(catalog: readonly CatalogTable[]): CatalogTable[] {
  return catalog.filter(({ name }) => !DIRECTORY.includes(name) && !MIGRATOR.test(name));
}

test('every key, index and reference of the database begins with the organization', async () => {
  await using server = await startTestServer();
  const tables = tenantTables(await readCatalog(server.database.reader));

  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['clusters', 'completions', 'events', 'idempotency_keys', 'registrations', 'users']),
  );
  expect(tables.flatMap(tenancyFaults)).toEqual([]);
});

test('every table belongs to an organization by a reference that the database enforces', async () => {
  await using server = await startTestServer();
  const tables = tenantTables(await readCatalog(server.database.reader));

  const loose = tables.filter(({ foreignKeys }) => !foreignKeys.some(({ table }) => table === 'organizations'));
  expect(loose.map(({ name }) => name)).toEqual([]);
  const missing = sql`insert into events (organization_id, number, type, data, created_at) values (999, 1, 'x', '{}', 0)`;
  const inserted = server.database.transaction(null, ({ kysely }) => missing.execute(kysely));
  await expect(inserted).rejects.toThrow(/FOREIGN KEY/i);
});

test('a table that forgets the organization is found out', async () => {
  await using server = await startTestServer();
  await server.database.transaction(null, async ({ kysely }) => {
    for (const statement of [
      sql`create table seats (id text primary key, organization_id integer, cluster_id text, user_id text,
        foreign key (organization_id, cluster_id) references clusters (organization_id, id),
        foreign key (user_id) references api_keys (id))`,
      sql`create unique index seats_cluster on seats (cluster_id, organization_id)`,
      sql`create index seats_user on seats (organization_id, user_id)`,
    ]) {
      await statement.execute(kysely);
    }
  });
  const seats = (await readCatalog(server.database.reader)).filter(({ name }) => name === 'seats');

  expect(seats.flatMap(tenancyFaults)).toEqual([
    'seats: primary key (id)',
    'seats: index seats_cluster (cluster_id, organization_id)',
    expect.stringMatching(/^seats: index (sqlite_autoindex_seats_1|seats_pkey) \(id\)$/),
    'seats: foreign key (user_id) to api_keys (id)',
  ]);
});
