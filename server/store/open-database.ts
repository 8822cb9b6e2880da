import type { AnnouncementRelay } from './broadcast.ts';
import { demandWhole } from './copy-state.ts';
import type { Database } from './database.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { openSqlite } from './sqlite.ts';

export interface DatabaseOptions {
  /** Directory of the SQLite file; made if it is not there. */
  readonly dataDirectory: string;
  /** Where it is given, PostgreSQL is the engine, and there is no SQLite file. */
  readonly postgres?: PostgresOptions | null;
  /** Joins the processes of one server; PostgreSQL does that by itself. */
  readonly relay?: AnnouncementRelay | null;
  /** Told when reads of the standby begin to fail; they are then done on the primary. */
  readonly onStandbyFailure?: (error: unknown) => void;
}

/** Opens the engine that the options name. */
export async function openDatabase({
  dataDirectory,
  postgres,
  relay,
  onStandbyFailure,
}: DatabaseOptions): Promise<Database> {
  if (!postgres) return openSqlite(dataDirectory, relay);
  // Loaded only where it is the engine: a start takes less time and memory without it.
  const { openPostgres } = await import('./postgres.ts');
  return openPostgres(postgres, onStandbyFailure);
}

/** Brings the tables up to date. Throws HalfCopyError where the database is a copy that was broken off. */
export async function prepareDatabase(database: Database): Promise<void> {
  await demandWhole(database.reader);
  await database.migrate();
}
