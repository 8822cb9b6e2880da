import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from './child.js';
import { changePath } from './env.js';
import { installPackages } from './install.js';
import { RemedyError } from './remedy.js';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {{ node: string, env: NodeJS.ProcessEnv }} Runtime the Node to run, and the environment to run it in */

/**
 * Makes the repository ready to run: packages installed, Node found. These scripts run before anything is installed,
 * on whatever Node the host has, so they keep to the JavaScript of Node 16.
 *
 * @param {{ dev?: boolean }} [needs] `dev`: also the packages that only development needs
 * @returns {Promise<Runtime>} throws RemedyError where something is missing that we cannot provide
 */
export async function prepare(needs = {}) {
  await installPackages(ROOT, { dev: needs.dev === true });
  const bin = join(ROOT, 'node_modules', '.bin');
  const env = changePath((parts) => [bin, ...parts.filter((part) => part !== bin)]);
  // Compiled code is kept between runs: a start costs half as much.
  env.NODE_COMPILE_CACHE ??= join(ROOT, 'node_modules', '.cache', 'rollcall');
  return { node: findNode(), env };
}

/**
 * Prepares, then runs a program of the repository with our own streams in place of this script.
 *
 * @param {string} file path inside the repository
 * @param {string[]} args
 * @returns {Promise<number>} its exit code
 */
export async function runProgram(file, args) {
  const { node, env } = await prepare();
  const argv = [join(ROOT, file), ...args];
  // Becoming the program is better than watching over it: no second process, and each signal arrives once.
  if (process.platform !== 'win32' && typeof process.execve === 'function') process.execve(node, [node, ...argv], env);
  return (await runChild(node, argv, { env })).code;
}

/** The pinned Node; else the one that runs us, if it is new enough. */
function findNode() {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const needed = manifest.engines.node.replace('>=', '');
  for (const name of Object.keys(manifest.optionalDependencies)) {
    const node = pinnedNode(name);
    if (node && isNewEnough(versionOf(node), needed)) return node;
  }
  if (isNewEnough(process.versions.node, needed)) return process.execPath;
  throw new RemedyError(
    `Node ${needed} or newer is needed. The pinned one did not install or does not run on this system, and this is ${process.version}.`,
    `npm ci --include=optional, or put Node ${needed} or newer first on PATH`,
  );
}

function pinnedNode(/** @type {string} */ packageName) {
  const folder = join(ROOT, 'node_modules', packageName);
  if (!existsSync(folder)) return undefined;
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return bin?.node ? join(folder, bin.node) : undefined;
}

/** Asks it: a package for this platform can still be unable to run, as a glibc Node is on Alpine. */
function versionOf(/** @type {string} */ node) {
  if (existsSync(node) && realpathSync(node) === realpathSync(process.execPath)) return process.versions.node;
  return spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim().replace('v', '') ?? '';
}

function isNewEnough(/** @type {string} */ version, /** @type {string} */ needed) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}
