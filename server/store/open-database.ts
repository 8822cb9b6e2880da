import type { Database } from './database.ts';
import { openSqlite } from './sqlite.ts';

export interface DatabaseOptions {
  /** Directory of the SQLite file; made if it is not there. */
  readonly dataDirectory: string;
}

/** Opens the engine that the options name. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return openSqlite(options.dataDirectory);
}
