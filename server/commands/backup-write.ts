import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { backUpSqlite } from '../store/backup.ts';
import { demandWhole } from '../store/copy-state.ts';
import { openDatabase } from '../store/open-database.ts';
import { explain } from './failure.ts';
import { print } from './output.ts';
import { createProgress } from './progress.ts';

export interface BackupOptions {
  readonly force?: true;
  readonly json?: true;
}

/** Writes the database of this moment to `file`. */
export async function writeBackup(file: string, { force, json }: BackupOptions): Promise<void> {
  const config = readConfig();
  const { dataDirectory, postgres } = config;
  if (postgres !== null) {
    throw new Error(
      'the data is in PostgreSQL, which has its own backups: pg_dump for the database of one moment, pg_basebackup and an archive of the write-ahead log to go back to any moment. See docs/deploy.md',
    );
  }
  if (!existsSync(resolve(dataDirectory, 'rollcall.db'))) {
    throw new Error(`there is no data in ${dataDirectory}. Set DATA_DIR to the server's data directory`);
  }
  await demandWholeData(config);
  const target = resolve(file);
  if (existsSync(target) && !force) throw new Error(`${target} is there already. Name another file, or add --force`);
  try {
    await write(dataDirectory, target);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`cannot back up to ${target}: ${reasons[code ?? ''] ?? message}`, { cause: error });
  }
  const bytes = statSync(target).size;
  await print(json ? JSON.stringify({ file: target, bytes }) : `${target} holds the database (${mebibytes(bytes)}).`);
}

/** Half of a copy is nothing to go back to. */
async function demandWholeData(config: Config): Promise<void> {
  try {
    await using database = await openDatabase(config);
    await demandWhole(database.reader);
  } catch (error) {
    throw explain(error, config);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such directory. Make it, or name another',
  ENOTDIR: 'part of its path is a file',
  EACCES: 'permission is denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full. Make room and try again',
  EISDIR: 'it is a directory. Name a file',
};

async function write(dataDirectory: string, target: string): Promise<void> {
  let done = 0;
  let progress: ReturnType<typeof createProgress> | undefined;
  try {
    await backUpSqlite(dataDirectory, target, (pages, of) => {
      progress ??= createProgress({ pages: of });
      progress.add('pages', pages - done);
      done = pages;
    });
  } finally {
    progress?.[Symbol.dispose]();
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toLocaleString('en', { maximumFractionDigits: 1 })} MiB`;
}
