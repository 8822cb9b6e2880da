import { closeSync, constants, copyFileSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';

/** The file in a data directory. */
const FILE = 'rollcall.db';
/** Pages written without a pause, of 8 KiB each. */
const PAGES_AT_ONCE = 1_024;
/** People's data: for its owner's eyes only. */
const OWNER_ONLY = 0o600;

/**
 * Writes the database of one moment to a file of its own, while others read and write it: by its name the file is there
 * only once all of it is on disk. What was there before is replaced.
 */
export async function backUpSqlite(
  directory: string,
  target: string,
  onProgress: (pages: number, of: number) => void,
): Promise<void> {
  const partial = `${target}.${process.pid}.part`;
  const source = new DatabaseSync(join(directory, FILE), { timeout: 5_000 });
  try {
    closeSync(openSync(partial, 'wx', OWNER_ONLY));
    // A view of one moment: without it the copy would begin anew with every write of another process.
    source.exec('begin; select 1 from sqlite_schema');
    await backup(source, partial, {
      rate: PAGES_AT_ONCE,
      progress: ({ totalPages, remainingPages }) => onProgress(totalPages - remainingPages, totalPages),
    });
    syncToDisk(partial);
    renameSync(partial, target);
    syncToDisk(dirname(target));
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  } finally {
    source.close();
  }
}

function syncToDisk(path: string): void {
  // Windows lets nobody open a directory.
  if (process.platform === 'win32') return;
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

/** Makes a data directory of a backup, which itself stays as it is. */
export function restoreSqlite(file: string, directory: string): void {
  copyFileSync(file, join(directory, FILE), constants.COPYFILE_FICLONE);
}

/** What the engine itself finds wrong in the database of a directory, in its words; nothing where it is sound. */
export function checkSqlite(directory: string): string[] {
  using database = new DatabaseSync(join(directory, FILE));
  const damages = (database.prepare('pragma integrity_check').all() as { integrity_check: string }[])
    .map((row) => row.integrity_check)
    .filter((text) => text !== 'ok');
  const orphans = (database.prepare('pragma foreign_key_check').all() as { table: string; parent: string }[]).map(
    ({ table, parent }) => `a row of ${table} points to a row of ${parent} that is not there`,
  );
  return [...damages, ...orphans];
}
