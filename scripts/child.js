import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** @typedef {'SIGINT' | 'SIGTERM' | 'SIGHUP'} EndingSignal */
/**
 * @typedef {object} ChildResult
 * @property {number} code exit code; 128 + the signal's number where a signal ended the child, as shells count it
 * @property {string} output what it wrote, stdout and stderr as they came; empty unless captured
 * @property {EndingSignal | null} interrupted the signal that we were sent meanwhile
 */

/** @type {EndingSignal[]} */
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** @type {EndingSignal | null} */
let interruptedBy = null;

/** Passes a signal on to all that runs, so that nothing is left behind when we are told to end. */
function passOn(/** @type {EndingSignal} */ signal) {
  interruptedBy = signal;
  // A terminal sends Ctrl-C to the whole foreground group: a second one would tell the child to drop everything.
  if (signal === 'SIGINT' && process.stdin.isTTY) return;
  for (const child of running) child.kill(signal);
}

function track(/** @type {import('node:child_process').ChildProcess} */ child) {
  if (running.size === 0) for (const signal of ENDING_SIGNALS) process.on(signal, passOn);
  running.add(child);
}

function untrack(/** @type {import('node:child_process').ChildProcess} */ child) {
  running.delete(child);
  if (running.size === 0) for (const signal of ENDING_SIGNALS) process.off(signal, passOn);
}

/**
 * Runs a program to its end and never outlives it: signals that end us are passed on to it. Once there was such a
 * signal, nothing more is started.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, shell?: boolean, stdio?: import('node:child_process').StdioOptions }} [options]
 *   `stdio` defaults to our own streams; with 'pipe' for stdout and stderr they are captured
 * @returns {Promise<ChildResult>} rejects only where the program cannot be started
 */
export function runChild(command, args, options = {}) {
  if (interruptedBy) {
    return Promise.resolve({ code: 128 + signalNumber(interruptedBy), output: '', interrupted: interruptedBy });
  }
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    /** @type {Buffer[]} */
    const chunks = [];
    const collect = (/** @type {Buffer} */ chunk) => chunks.push(chunk);
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    track(child);
    child.once('error', (error) => {
      untrack(child);
      reject(error);
    });
    child.once('close', (code, signal) => {
      untrack(child);
      const output = Buffer.concat(chunks).toString('utf8');
      resolve({ code: code ?? 128 + signalNumber(signal), output, interrupted: interruptedBy });
    });
  });
}

function signalNumber(/** @type {NodeJS.Signals | null} */ signal) {
  return signal === null ? 0 : constants.signals[signal];
}
