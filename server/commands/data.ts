import { existsSync } from 'node:fs';
import { type Config, readConfig } from '../config.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Database } from '../store/database.ts';
import { StorageBusyError, StorageGoneError, storageError } from '../store/dialect.ts';
import { openDatabase, prepareDatabase } from '../store/open-database.ts';
import { findOrganization, type Organization } from '../store/organizations.ts';
import { makeDataDirectory } from './data-directory.ts';
import { dataPlace, explain } from './failure.ts';
import { remark } from './output.ts';

/** What a command works with; the parts that write take it as their context. */
export interface Workplace {
  readonly config: Config;
  readonly database: Database;
  readonly now: () => number;
}

/**
 * Runs `work` on the data of the environment's DATABASE_URL or DATA_DIR, brought up to date first; a server may be running on it. `work`
 * is at most one transaction, since it is run again where the database was busy.
 */
export async function withData<T>(work: (workplace: Workplace) => Promise<T>): Promise<T> {
  const config = readConfig();
  if (config.postgres === null && !existsSync(config.dataDirectory)) {
    throw new Error(
      `there is no data in ${config.dataDirectory}. Set DATA_DIR to the server's data directory, or begin with "rollcall org create"`,
    );
  }
  return withNewData(work);
}

/** As `withData`, and makes the data directory if it is not there. */
export async function withNewData<T>(work: (workplace: Workplace) => Promise<T>): Promise<T> {
  return withDatabase(async (workplace) => {
    await prepareDatabase(workplace.database);
    return work(workplace);
  });
}

/** One attempt gives up after 5 s of a busy server; batches without a pause can keep us out for longer than that. */
const ATTEMPTS_MAX = 6;

/** Opens the database as it is, waits while others write to it, and says in words that help what fails. */
export async function withDatabase<T>(work: (workplace: Workplace) => Promise<T>): Promise<T> {
  const config = readConfig();
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptWith(config, work);
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isBusy(storageError(error))) throw explain(error, config);
      remark('rollcall: the database is busy, waiting for it …');
    }
  }
}

/** One that is not there will not be there in a moment either. */
function isBusy(error: unknown): boolean {
  return error instanceof StorageBusyError && !(error instanceof StorageGoneError);
}

async function attemptWith<T>(config: Config, work: (workplace: Workplace) => Promise<T>): Promise<T> {
  makeDataDirectory(config);
  await using database = await openDatabase(config);
  return await work({ config, database, now: Date.now });
}

/** The organization with this slug; refuses with `not_found`, and a way to see which there are. */
export async function requireOrganization({ config, database }: Workplace, slug: string): Promise<Organization> {
  const organization = await findOrganization(slug, database.reader);
  if (organization) return organization;
  const where = `There is no organization "${slug}" in ${dataPlace(config)}.`;
  throw new Refusal('not_found', `${where} "rollcall org list" shows those that there are.`);
}
