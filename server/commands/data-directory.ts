import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config.ts';

/** People's data goes there: it is for the eyes of its owner only. */
const OWNER_ONLY = 0o700;

/** Makes the data directory, and those above it, if it is not there; PostgreSQL needs none. */
export function makeDataDirectory({ dataDirectory: path, postgres }: Config): void {
  if (postgres !== null || existsSync(path)) return;
  makeDirectory(dirname(path));
  mkdirSync(path, { mode: OWNER_ONLY });
}

/** Not by `recursive`, which never comes back where the system will not have a new name, as in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  mkdirSync(path);
}
