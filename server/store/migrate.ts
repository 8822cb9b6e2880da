import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import * as foundation from './migrations/0001-foundation.ts';
import * as rooms from './migrations/0002-rooms.ts';
import type { Tables } from './tables.ts';

/** In order of name; a migration that was released is never changed. */
const migrations: Record<string, Migration> = {
  '0001-foundation': foundation,
  '0002-rooms': rooms,
};

/** Runs the migrations that are missing; the caller holds the transaction. */
export async function migrateToLatest(kysely: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db: kysely,
    provider: { getMigrations: async () => migrations },
    disableTransactions: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
