import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runChild } from './child.js';
import { changePath } from './env.js';
import { takeLock } from './lock.js';
import { RemedyError } from './remedy.js';

/** @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, dev?: boolean, devOptional?: boolean, peer?: boolean, extraneous?: boolean }} LockedPackage */

/**
 * Installs the packages of the lockfile unless they are there, with a word about it on stderr. Safe to call from
 * several processes at once: one installs, the others wait for it.
 *
 * @param {string} root the repository
 * @param {{ dev: boolean }} needs whether development packages have to be there
 * @returns {Promise<void>}
 */
export async function installPackages(root, needs) {
  if (packagesAreThere(root, needs)) return;
  const release = await takeLock(join(root, '.cache', 'install.lock'), () => {
    process.stderr.write('rollcall: waiting for another process that installs packages…\n');
  });
  try {
    if (!packagesAreThere(root, needs)) await install(root, needs);
  } finally {
    release();
  }
}

/**
 * Compares the lockfile with npm's own record of what it installed, which it writes when it has finished.
 *
 * @param {string} root
 * @param {{ dev: boolean }} needs
 * @returns {boolean}
 */
export function packagesAreThere(root, needs) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  if (!wanted)
    throw new RemedyError('package-lock.json is missing or damaged.', 'restore it: git checkout package-lock.json');
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (!installed) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const there = installed[path];
    if (there ? !isSame(entry, there) : !mayBeAbsent(entry, needs)) return false;
  }
  // A leftover can shadow the package that the lockfile means.
  return Object.entries(installed).every(([path, entry]) => wanted[path] !== undefined || entry.extraneous === true);
}

/** @returns {Record<string, LockedPackage> | undefined} */
function readPackages(/** @type {string} */ path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function isSame(/** @type {LockedPackage} */ a, /** @type {LockedPackage} */ b) {
  return a.version === b.version && a.integrity === b.integrity && a.link === b.link;
}

function mayBeAbsent(/** @type {LockedPackage} */ entry, /** @type {{ dev: boolean }} */ needs) {
  if (entry.optional === true || entry.peer === true) return true;
  return !needs.dev && (entry.dev === true || entry.devOptional === true);
}

async function install(/** @type {string} */ root, /** @type {{ dev: boolean }} */ needs) {
  process.stderr.write('rollcall: installing packages…\n');
  const npm = npmCommand();
  // Windows cannot replace the node.exe that runs this script, as `npm ci` would: bring node_modules up to date instead.
  const updates = process.platform === 'win32' && existsSync(join(root, 'node_modules'));
  const args = [...npm.args, ...(updates ? ['install', '--no-save'] : ['ci'])];
  // Whatever `npm run -s` or NODE_ENV asked of us must neither hide npm's errors nor leave out the runtime.
  args.push(
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
    '--include=optional',
    ...(needs.dev ? ['--include=dev'] : []),
  );
  // npm must not run on the very Node that it is about to replace.
  const env = changePath((parts) => parts.filter((part) => part !== join(root, 'node_modules', '.bin')));
  // stdout belongs to the program that is about to start.
  const result = await runChild(npm.command, args, { cwd: root, env, shell: npm.shell, stdio: ['ignore', 2, 2] }).catch(
    (error) => {
      throw new RemedyError(
        `npm could not be started (${error.message}).`,
        'install Node.js with npm, or put npm on PATH',
      );
    },
  );
  if (result.interrupted)
    throw new RemedyError(`interrupted (${result.interrupted}).`, 'start again', result.code || 1);
  if (result.code !== 0) {
    throw new RemedyError(
      `the packages could not be installed: npm ended with code ${result.code}; its message is above.`,
      'follow that message (if it is the network: npm ping, npm config get https-proxy), then start again',
    );
  }
}

/** The npm that runs us, with the Node that runs it; else the one on PATH. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script && basename(script).startsWith('npm') && existsSync(script)) {
    const node = process.env.npm_node_execpath;
    return { command: node && existsSync(node) ? node : process.execPath, args: [script], shell: false };
  }
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}
