import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Connection } from './database.ts';
import { listMigrations } from './migration-journal.ts';
import * as foundation from './migrations/0001-foundation.ts';
import * as rooms from './migrations/0002-rooms.ts';
import * as syncRuns from './migrations/0003-sync-runs.ts';
import * as scim from './migrations/0004-scim.ts';
import type { Tables } from './tables.ts';

/** In order of name; a migration that was released is never changed. */
const migrations: Record<string, Migration> = {
  '0001-foundation': foundation,
  '0002-rooms': rooms,
  '0003-sync-runs': syncRuns,
  '0004-scim': scim,
};

/** Whether the database has been through our migrations and no others. Asked first: running none waits for the writer. */
export async function isUpToDate(connection: Connection): Promise<boolean> {
  const applied = await listMigrations(connection);
  return applied.join() === Object.keys(migrations).join();
}

/** Runs the migrations that are missing; the caller holds the transaction. */
export async function migrateToLatest(kysely: Kysely<Tables>): Promise<void> {
  const { error } = await new Migrator({
    db: kysely,
    provider: { getMigrations: async () => migrations },
    disableTransactions: true,
  }).migrateToLatest();
  if (error) throw error;
}
