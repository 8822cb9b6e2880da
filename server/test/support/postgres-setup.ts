import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../../scripts/postgres.js';
import { openDatabase } from '../../store/open-database.ts';
import { runStatement, TEMPLATE } from './engine.ts';

/** A PostgreSQL for the whole run; each test server gets a database of its own, copied from one that is migrated. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres();
  const url = postgres.url('postgres');
  try {
    await runStatement(url, `create database ${TEMPLATE}`);
    const options = { url: postgres.url(TEMPLATE), readUrl: null, poolSize: 2, statementTimeoutMs: 60_000 };
    await using database = await openDatabase({ dataDirectory: '', postgres: options });
    await database.migrate();
  } catch (error) {
    // Nobody else ends it where the run of the tests does not begin.
    await postgres.remove();
    throw error;
  }
  project.provide('postgresUrl', url);
  return () => postgres.remove();
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the server's first database; undefined where the tests run on SQLite. */
    postgresUrl: string | undefined;
  }
}
