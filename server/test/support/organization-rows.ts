import { sql } from 'kysely';
import type { Database } from '../../store/database.ts';
import type { OrganizationId } from '../../store/tables.ts';
import { readCatalog } from './catalog.ts';

/** Table -> rows, each as the database has it. */
export type OrganizationRows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** Everything that the database holds of an organization, found by the catalog, so that no new table is forgotten. */
export async function readOrganizationRows(
  { reader }: Database,
  organization: OrganizationId,
): Promise<OrganizationRows> {
  const tables: Record<string, Record<string, unknown>[]> = {};
  for (const { name, primaryKey, foreignKeys } of await readCatalog(reader)) {
    const owned = foreignKeys.some(({ table }) => table === 'organizations');
    if (!owned && name !== 'organizations') continue;
    const column = owned ? 'organization_id' : 'id';
    const order = sql.join(primaryKey.map((key) => sql.ref(key)));
    const { rows } = await sql<Record<string, unknown>>`
      select * from ${sql.table(name)} where ${sql.ref(column)} = ${organization} order by ${order}
    `.execute(reader.kysely);
    tables[name] = rows.map((row) => ({ ...row }));
  }
  return tables;
}
