import { join } from 'node:path';
import type { Environment } from './environment.ts';
import { readJson, writePrivately } from './files.ts';

/** How far an export has come. */
interface StoredCursor {
  readonly cursor: string;
  /** What the export asked for: a cursor goes on with the same only. */
  readonly query: Readonly<Record<string, string>>;
  readonly savedAt: string;
}

/** The cursors of one target, each under a name. */
type StoredCursors = Readonly<Record<string, StoredCursor>>;

function cursorsPath({ stateDirectory }: Environment, target: string): string {
  return join(stateDirectory, 'cursors', `${encodeURIComponent(target)}.json`);
}

export async function readCursor(environment: Environment, target: string, name: string): Promise<StoredCursor | null> {
  const stored = (await readJson(cursorsPath(environment, target))) as StoredCursors | null;
  return stored !== null && Object.hasOwn(stored, name) ? (stored[name] ?? null) : null;
}

export async function writeCursor(environment: Environment, target: string, name: string, cursor: StoredCursor) {
  const path = cursorsPath(environment, target);
  const stored = (await readJson(path)) as StoredCursors | null;
  await writePrivately(path, { ...stored, [name]: cursor });
}
