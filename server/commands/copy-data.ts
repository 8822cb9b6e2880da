import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { CopyTargetError, copyDatabase } from '../store/copy.ts';
import type { Comparison } from '../store/copy-compare.ts';
import { demandWhole } from '../store/copy-state.ts';
import type { Database } from '../store/database.ts';
import { listMigrations } from '../store/migration-journal.ts';
import { openDatabase } from '../store/open-database.ts';
import { makeDataDirectory } from './data-directory.ts';
import { dataPlace, explain } from './failure.ts';
import { print } from './output.ts';
import { createProgress } from './progress.ts';

export interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly json?: true;
}

/** Copies everything, compares, and says what came of it; throws where both differ. */
export async function copyData({ from, to, json }: CopyOptions): Promise<void> {
  const [source, target] = [readPlace('--from', from), readPlace('--to', to)];
  if (dataPlace(source) === dataPlace(target)) throw new ConfigError('--from and --to name the same database');
  demandData(source);
  makeDataDirectory(target);
  await using one = await openDatabase(source);
  await inWords(source, () => demandMigrated(one, source));
  await using other = await openDatabase(target);
  await inWords(target, () => other.migrate());
  await demandSameVersion(one, other, source);
  const comparison = await copy(one, other, source, target);
  if (comparison.differences.length > 0) throw new Error(differenceText(comparison, target));
  const { organizations, rows } = comparison;
  await print(
    json
      ? JSON.stringify({ organizations, rows })
      : `${dataPlace(target)} holds what ${dataPlace(source)} holds: ${organizations} organizations, ${rows.toLocaleString('en')} rows, the same counts and digests in each.`,
  );
}

/** A statement on a large table may take its time. */
const STATEMENT_TIMEOUT = '3600';

function readPlace(option: string, text: string): Config {
  const path = /^sqlite:(?:\/\/)?(.+)$/.exec(text)?.[1];
  if (path !== undefined) return readConfig({ DATA_DIR: directoryOf(resolve(path)) });
  try {
    const config = readConfig({ DATABASE_URL: text, DATABASE_STATEMENT_TIMEOUT: STATEMENT_TIMEOUT });
    if (config.postgres) return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  throw new ConfigError(`${option} must be sqlite:DIRECTORY or postgres://user@host:5432/database`);
}

/** The file itself will do as well. */
function directoryOf(path: string): string {
  return basename(path) === 'rollcall.db' && statSync(path, { throwIfNoEntry: false })?.isFile() ? dirname(path) : path;
}

function demandData({ dataDirectory, postgres }: Config): void {
  if (postgres !== null || existsSync(join(dataDirectory, 'rollcall.db'))) return;
  throw new Error(`there is no data in ${dataDirectory}. --from must name the server's data directory`);
}

async function demandMigrated({ reader }: Database, source: Config): Promise<void> {
  await demandWhole(reader);
  if ((await listMigrations(reader)).length > 0) return;
  throw new Error(`there is no data of Rollcall in ${dataPlace(source)}`);
}

async function demandSameVersion(one: Database, other: Database, source: Config): Promise<void> {
  const [has, needs] = [await listMigrations(one.reader), await listMigrations(other.reader)];
  if (has.join() === needs.join()) return;
  throw new Error(
    `the data in ${dataPlace(source)} is of another version of Rollcall. Run "rollcall migrate" on it first`,
  );
}

async function inWords<T>(config: Config, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error, config);
  }
}

async function copy(one: Database, other: Database, source: Config, target: Config): Promise<Comparison> {
  let progress: ReturnType<typeof createProgress> | undefined;
  try {
    return await copyDatabase(one, other, {
      source: dataPlace(source),
      onTotal: (rows) => {
        progress = createProgress({ rows });
      },
      onCopied: (rows) => progress?.add('rows', rows),
    });
  } catch (error) {
    if (error instanceof CopyTargetError) {
      throw new Error(
        `cannot copy to ${dataPlace(target)}: ${error.message}. Name another database, or empty this one`,
      );
    }
    throw new Error(`the copy was broken off (${reasonOf(error)}). The same command goes on with it`, { cause: error });
  } finally {
    progress?.[Symbol.dispose]();
  }
}

/** What the engine itself said, of whichever side it was. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

const DIFFERENCES_SHOWN = 5;

function differenceText({ differences }: Comparison, target: Config): string {
  const shown = differences
    .slice(0, DIFFERENCES_SHOWN)
    .map(({ organization, table, from, to }) => `${organization}: ${table} (${from.rows} rows, copied ${to.rows})`);
  const more = differences.length > shown.length ? `, and ${differences.length - shown.length} more` : '';
  return `the copy differs: ${shown.join(', ')}${more}. The source was written to while the copy was broken off: stop the server, empty ${dataPlace(target)}, and copy again`;
}
