import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const POLL_MS = 100;
/** A lock this old is left over, even if its owner's process id is in use again. */
const AGE_MS_MAX = 30 * 60_000;

/**
 * Takes a lock between processes. It is a folder with its owner in it, and appears whole because it is renamed into
 * place; the lock of a process that has died is taken over.
 *
 * @param {string} lock path of the folder
 * @param {() => void} onWait called once if another process holds the lock
 * @returns {Promise<() => void>} gives the lock back
 */
export async function takeLock(lock, onWait) {
  const owner = `${process.pid}.${Math.random().toString(36).slice(2)}`;
  const own = `${lock}.${owner}`;
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'owner'), owner);
  let waited = false;
  while (!tryRename(own, lock)) {
    if (removeIfDead(lock)) continue;
    if (!waited) onWait();
    waited = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return () => {
    if (tryRename(lock, own)) rmSync(own, { recursive: true });
  };
}

/** Moves the lock aside before removing it, and looks whose it was: it may have changed hands since we read it. */
function removeIfDead(/** @type {string} */ lock) {
  const owner = readOwner(lock);
  if (owner === undefined || isAlive(owner, lock)) return false;
  const aside = `${lock}.dead.${process.pid}`;
  if (!tryRename(lock, aside)) return false;
  if (readOwner(aside) !== owner) return tryRename(aside, lock) && false;
  rmSync(aside, { recursive: true });
  rmSync(`${lock}.${owner}`, { recursive: true, force: true });
  return true;
}

function readOwner(/** @type {string} */ lock) {
  try {
    return readFileSync(join(lock, 'owner'), 'utf8');
  } catch {
    return undefined;
  }
}

function isAlive(/** @type {string} */ owner, /** @type {string} */ lock) {
  try {
    process.kill(Number.parseInt(owner, 10), 0);
    return Date.now() - statSync(lock).mtimeMs < AGE_MS_MAX;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

function tryRename(/** @type {string} */ from, /** @type {string} */ to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    // In use (the last two on Windows), or gone meanwhile.
    if (['EEXIST', 'ENOTEMPTY', 'ENOENT', 'EPERM', 'EACCES'].includes(errorCode(error))) return false;
    throw error;
  }
}

function errorCode(/** @type {unknown} */ error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code ?? '';
}
