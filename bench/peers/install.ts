import { readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Child } from '../child.ts';
import type { Cores } from '../cores.ts';

/**
 * What is installed, and in which version. Directus comes with a Node of its own: 12.4.0 needs isolated-vm 5, which does
 * not compile against ours, and names Node 22 as its own.
 */
const NODE = { [`node-${process.platform}-${process.arch}`]: '22.23.3' };
const PACKAGES = { directus: '12.4.0', 'scimmy-routers': '1.3.2', scimmy: '1.3.5', express: '5.3.0' };

/** Says what a directory has installed, so that a kept one is not made twice. */
const INSTALLED = 'installed.json';

export interface Peers {
  readonly directory: string;
  /** The program that runs Directus. */
  readonly node: string;
}

/** Installs the peers with npm into a directory, unless they are there: half a gigabyte, and some minutes. */
export async function installPeers(directory: string, cores: Cores, say: (text: string) => void): Promise<Peers> {
  const name = Object.keys(NODE)[0] as string;
  const home = join(directory, 'node_modules', name);
  const peers = { directory, node: join(home, 'bin', 'node') };
  const wanted = JSON.stringify({ ...NODE, ...PACKAGES });
  if ((await readFile(join(directory, INSTALLED), 'utf8').catch(() => '')) === wanted) return peers;
  say(`installing ${Object.entries(PACKAGES).map((entry) => entry.join(' '))}`);
  await rm(join(directory, 'node_modules'), { recursive: true, force: true });
  await install(directory, NODE, cores, process.env);
  const PATH = [join(home, 'bin'), process.env.PATH].join(delimiter);
  // Native parts are compiled against the headers that lie beside that Node.
  await install(directory, { ...NODE, ...PACKAGES }, cores, { ...process.env, PATH, npm_config_nodedir: home });
  await writeFile(join(directory, INSTALLED), wanted);
  return peers;
}

async function install(
  directory: string,
  dependencies: Readonly<Record<string, string>>,
  cores: Cores,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await writeFile(join(directory, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const argv = ['install', '--prefix', directory, '--no-audit', '--no-fund', '--loglevel=error'];
  await using npm = new Child({ program: 'npm', argv, place: 'all', env }, cores);
  await npm.finish();
}
