import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Postgres, startPostgres } from '../../scripts/postgres.js';
import type { TestStorage } from '../../server/test/support/engine.ts';

export type Engine = 'sqlite' | 'postgres';

export interface FaultStorage extends TestStorage {
  /** null where the engine is SQLite. */
  readonly postgres: Postgres | null;
}

/** As an operator runs it: what is answered is on disk. */
const DURABLE = { fsync: 'on', full_page_writes: 'on' };

/** An empty place to store in; a PostgreSQL of its own with `postgres`. */
export async function makeStorage(
  engine: Engine,
  settings: Readonly<Record<string, string>> = {},
): Promise<FaultStorage> {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-faults-'));
  const removeDirectory = () => rm(directory, { recursive: true, force: true, maxRetries: 5 });
  if (engine === 'sqlite') {
    return { environment: { DATA_DIR: directory }, postgres: null, [Symbol.asyncDispose]: removeDirectory };
  }
  const postgres = await startPostgres({ settings: { ...DURABLE, ...settings } });
  return {
    environment: { DATA_DIR: directory, DATABASE_URL: postgres.url('postgres') },
    postgres,
    async [Symbol.asyncDispose]() {
      await postgres.remove();
      await removeDirectory();
    },
  };
}
