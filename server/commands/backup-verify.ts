import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { checkSqlite, restoreSqlite } from '../store/backup.ts';
import { type Comparison, compareDatabases } from '../store/copy-compare.ts';
import { HalfCopyError } from '../store/copy-state.ts';
import type { Database } from '../store/database.ts';
import { listMigrations } from '../store/migration-journal.ts';
import { openDatabase, prepareDatabase } from '../store/open-database.ts';
import { print } from './output.ts';

/** What a check of a backup says. */
interface Verdict {
  readonly file: string;
  /** Migrations that a restore applies, where the backup is of an older version. */
  readonly applied: readonly string[];
  readonly organizations: number;
  readonly rows: number;
  /** What has been written since, by organization and table; null where there is no data to compare with. */
  readonly changedSince: Comparison['differences'] | null;
}

/** Shows that a backup can be restored, or throws what is wrong with it. */
export async function verifyBackup(file: string, { json }: { readonly json?: true }): Promise<void> {
  const path = resolve(file);
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  const scratch = await mkdtemp(join(tmpdir(), 'rollcall-verify-'));
  try {
    const verdict = await verify(path, scratch, readConfig());
    await print(json ? JSON.stringify(verdict) : summary(verdict));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function verify(path: string, scratch: string, config: Config): Promise<Verdict> {
  try {
    restoreSqlite(path, scratch);
    demandSound(path, checkSqlite(scratch));
  } catch (error) {
    if (error instanceof DamageError) throw error;
    throw new DamageError(`${path} is no backup that can be used (${messageOf(error)})`);
  }
  await using restored = await openDatabase({ dataDirectory: scratch });
  const before = await listMigrations(restored.reader);
  if (before.length === 0) throw new DamageError(`${path} is a database, but not one of Rollcall`);
  await migrate(path, restored);
  demandSound(path, checkSqlite(scratch));
  const after = await listMigrations(restored.reader);
  const applied = after.filter((name) => !before.includes(name));
  await using live = await openLive(config, after);
  const { organizations, rows, differences } = await compareDatabases(restored, live ?? restored);
  return { file: path, applied, organizations, rows, changedSince: live && differences };
}

class DamageError extends Error {}

function demandSound(path: string, faults: readonly string[]): void {
  const [first, ...others] = faults;
  if (first === undefined) return;
  const more = others.length > 0 ? `, and ${others.length} more` : '';
  throw new DamageError(`${path} is damaged: ${first}${more}. Use another backup`);
}

async function migrate(path: string, database: Database): Promise<void> {
  try {
    await prepareDatabase(database);
  } catch (error) {
    if (error instanceof HalfCopyError) throw new DamageError(`${path} holds ${error.message}. Use another backup`);
    if (!messageOf(error).startsWith('corrupted migrations')) throw error;
    throw new DamageError(`${path} is of a newer version of Rollcall. Check it with that version or a newer one`);
  }
}

/** The data that the server uses, as it is; null where there is none, it cannot be reached, or another version has it. */
async function openLive(config: Config, migrations: readonly string[]): Promise<Database | null> {
  if (config.postgres === null && !existsSync(join(config.dataDirectory, 'rollcall.db'))) return null;
  const database = await openDatabase(config);
  const ofLive = await listMigrations(database.reader).catch(() => []);
  if (ofLive.join() === migrations.join()) return database;
  await database[Symbol.asyncDispose]();
  return null;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function summary({ file, applied, organizations, rows, changedSince }: Verdict): string {
  const lines = [
    `${file} can be restored: sound, ${organizations} organizations, ${rows.toLocaleString('en')} rows.`,
    ...(applied.length > 0 ? [`A restore would bring it up to date: ${applied.join(', ')}.`] : []),
  ];
  if (changedSince === null) return [...lines, 'There is no data of this version here to compare it with.'].join('\n');
  if (changedSince.length === 0) return [...lines, 'It holds what the data holds now.'].join('\n');
  return [...lines, 'Changed since:', ...changedSince.map((difference) => `  ${describe(difference)}`)].join('\n');
}

function describe({ organization, table, from, to }: Comparison['differences'][number]): string {
  if (from.rows === to.rows) return `${organization}: ${table}: ${from.rows} rows, of which some have changed`;
  return `${organization}: ${table}: ${from.rows} rows then, ${to.rows} now`;
}
