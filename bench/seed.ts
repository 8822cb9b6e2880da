import { Child } from './child.ts';
import type { Cores } from './cores.ts';
import { ROLLCALL } from './rollcall.ts';

const SLUG = 'bench';

/** What a generated database holds. */
export interface DatasetSize {
  readonly organizations?: number;
  /** Of each organization. */
  readonly users: number;
  /** Of each organization. */
  readonly completions?: number;
}

/** Where the rows go, as the server's settings say it, and where the keys of the organizations go, if any are wanted. */
export interface SeedPlace {
  readonly env: NodeJS.ProcessEnv;
  readonly keysFile?: string;
}

/** Has `rollcall seed` fill a database up to a size; what is there already counts. */
export async function seed({ env, keysFile }: SeedPlace, size: DatasetSize, cores: Cores): Promise<void> {
  const { organizations = 1, users, completions = 0 } = size;
  const options = Object.entries({ organizations, users, completions }).flatMap(([name, value]) => [
    `--${name}`,
    `${value}`,
  ]);
  const keys = keysFile === undefined ? [] : ['--keys-file', keysFile];
  const argv = [ROLLCALL, 'seed', '--org', SLUG, ...options, ...keys];
  await using child = new Child({ argv, place: 'all', env: { ...process.env, ...env } }, cores);
  await child.finish();
}

/** The slug of the only organization of a database that has one. */
export const ONLY_SLUG = `${SLUG}-1`;
