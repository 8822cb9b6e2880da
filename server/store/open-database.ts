import type { Database } from './database.ts';
import { openPostgres } from './postgres.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { openSqlite } from './sqlite.ts';

export interface DatabaseOptions {
  /** Directory of the SQLite file; made if it is not there. */
  readonly dataDirectory: string;
  /** Where it is given, PostgreSQL is the engine, and there is no SQLite file. */
  readonly postgres?: PostgresOptions | null;
}

/** Opens the engine that the options name. */
export async function openDatabase({ dataDirectory, postgres }: DatabaseOptions): Promise<Database> {
  return postgres ? openPostgres(postgres) : openSqlite(dataDirectory);
}
