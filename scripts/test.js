import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolsForTests } from './browser.js';
import { listChecks, toolPath } from './checks.js';
import { runChild } from './child.js';
import { runMain } from './remedy.js';
import { prepare, ROOT } from './setup.js';
import { countTests } from './vitest-report.js';

/** @typedef {import('./child.js').EndingSignal} EndingSignal */
/**
 * @typedef {object} StepResult
 * @property {string} title
 * @property {number} passed
 * @property {number} failed
 * @property {string} note what to say of it in the summary
 * @property {string} output what to show of it now
 * @property {number} seconds
 * @property {EndingSignal | null} interrupted
 */

/**
 * `npm test`: all checks and all tests, to the end even when one fails. `npm test -- FILTER…` runs vitest alone with
 * these arguments. The last line is `N passed, N failed`: tests, and one for each check.
 *
 * @returns {Promise<number>} exit code: 0 if nothing failed
 */
async function main() {
  const filters = process.argv.slice(2);
  const { node, env } = await prepare({ dev: true });
  await toolsForTests();
  const color = env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : process.stdout.isTTY === true && !env.NO_COLOR;
  // The checks write into pipes: they cannot see for themselves what the terminal can do.
  delete env[color ? 'NO_COLOR' : 'FORCE_COLOR'];
  Object.assign(env, { [color ? 'FORCE_COLOR' : 'NO_COLOR']: '1' });
  Object.assign(env, { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' });

  /** @type {StepResult[]} */
  const results = [];
  if (filters.length === 0) {
    for (const check of startTwoAtATime(listChecks(color), (item) => runCheck(item, node, env))) {
      const result = await check;
      process.stdout.write(resultLine(result) + result.output);
      results.push(result);
    }
  }
  results.push(await runTests(filters, node, env));
  return summarize(results);
}

/**
 * Starts all, each when the one two places before it has ended.
 *
 * @template T, R
 * @param {T[]} items
 * @param {(item: T) => Promise<R>} run does not reject
 * @returns {Promise<R>[]} in the order of the items
 */
function startTwoAtATime(items, run) {
  /** @type {Promise<R>[]} */
  const started = [];
  for (const item of items) started.push(Promise.resolve(started[started.length - 2]).then(() => run(item)));
  return started;
}

/**
 * @param {import('./checks.js').Check} check
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<StepResult>}
 */
async function runCheck({ title, argv }, node, env) {
  const startedAt = Date.now();
  const { code, output, interrupted } = await runChild(node, argv, {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const seconds = (Date.now() - startedAt) / 1000;
  const failed = code === 0 ? 0 : 1;
  const shown =
    failed && !interrupted
      ? `${output.trimEnd().replace(/^/gm, '        ')}
`
      : '';
  return { title, passed: 1 - failed, failed, note: '', output: shown, seconds, interrupted };
}

/**
 * @param {string[]} filters
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<StepResult>}
 */
async function runTests(filters, node, env) {
  const startedAt = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const argv = [toolPath('vitest', 'vitest'), 'run', ...reporters, ...filters];
    const { code, interrupted } = await runChild(node, argv, { cwd: ROOT, env });
    const { passed, failed, skipped } = countTests(report, code);
    const note = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    const seconds = (Date.now() - startedAt) / 1000;
    return { title: 'tests (vitest)', passed, failed, note, output: '', seconds, interrupted };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function resultLine(/** @type {StepResult} */ { title, failed, note, seconds }) {
  return `${`${failed ? 'FAILED' : 'ok    '}  ${title.padEnd(36)} ${seconds.toFixed(1)} s  ${note}`.trimEnd()}\n`;
}

/** @returns {number} exit code */
function summarize(/** @type {StepResult[]} */ results) {
  const interrupted = results.find((result) => result.interrupted);
  process.stdout.write(interrupted ? `\nInterrupted (${interrupted.interrupted}).\n` : '\n');
  process.stdout.write(results.map(resultLine).join(''));
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

await runMain(main);
