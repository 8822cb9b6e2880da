import type { Scope } from '@rollcall/contract/scopes.ts';
import { type Dataset, settingsOf } from './datasets.ts';
import { ROLLCALL } from './rollcall.ts';
import type { Bench } from './scenario.ts';
import { ONLY_SLUG } from './seed.ts';

/** Makes a key of the dataset's only organization with a scope that those of `rollcall seed` do not have. */
export async function addKey(bench: Bench, dataset: Dataset, scope: Scope): Promise<string> {
  const argv = [ROLLCALL, 'key', 'create', '--org', ONLY_SLUG, '--name', scope, '--scope', scope, '--json'];
  await using program = bench.startPeer({ argv, env: { ...process.env, ...settingsOf(dataset) } });
  return (await program.line(/"key":"([^"]+)"/))[1] as string;
}
