import { killChildren } from './child.ts';
import { type Options, readOptions, USAGE, UsageError } from './options.ts';
import { summarizeProfiles } from './profile.ts';
import { record } from './record.ts';
import { doubts, formatTable, profileDirectory, type Results, writeResults } from './report.ts';
import { runScenarios, scenarios } from './run.ts';

/** A whole run takes about an hour; one that takes this long hangs. */
const RUN_MS_MAX = 3 * 3_600_000;

process.exitCode = await main(process.argv.slice(2));

/** Exit codes: 0 measured, 1 something could not be measured, 2 wrong usage, 130 and 143 ended by a signal. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'record') return writeDocuments(argv.slice(1));
  const options = optionsOf(argv);
  if (typeof options === 'number') return options;
  let stopped: number | undefined;
  const stop = (code: number) => {
    stopped ??= code;
    killChildren();
  };
  process.once('SIGINT', () => stop(130)).once('SIGTERM', () => stop(143));
  const watchdog = setTimeout(() => stop(1), RUN_MS_MAX);
  const results = await runScenarios(options, say, () => stopped !== undefined);
  clearTimeout(watchdog);
  if (stopped !== undefined) return stopped;
  await report(results);
  return results.failures.length === 0 ? 0 : 1;
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

/** The options, or the exit code where there is nothing to measure. */
function optionsOf(argv: readonly string[]): Options | number {
  try {
    const options = readOptions(argv, scenarios);
    if (options) return options;
    const titles = scenarios.map(({ id, title }) => `  ${id.padEnd(4)} ${title}`);
    process.stdout.write(`${USAGE}\n\nScenarios:\n${titles.join('\n')}\n`);
    return 0;
  } catch (error) {
    return wrongUsage(error);
  }
}

function wrongUsage(error: unknown): number {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`bench: ${error.message}\n\n${USAGE}\n`);
  return 2;
}

async function writeDocuments(argv: readonly string[]): Promise<number> {
  try {
    const order = scenarios.map(({ id }) => id);
    for (const document of await record(argv, order)) say(`wrote ${document}`);
    return 0;
  } catch (error) {
    return wrongUsage(error);
  }
}

async function report(results: Results): Promise<void> {
  const { rows, failures, machine, options, startedAt } = results;
  const { cpu, cores, memory, system, node, sqlite, separation } = machine;
  const lines = [
    formatTable(rows),
    '',
    `${cpu}, ${cores} cores, ${memory} GB, ${system}, Node ${node}, SQLite ${sqlite}; ${separation}`,
    `rounds: ${options.rounds}; medians; ratios are taken round by round${options.quick ? '; --quick: for a look, not for the record' : ''}`,
    ...doubts(rows).map((doubt) => `doubtful: ${doubt}`),
    ...failures.map(({ id, reason }) => `not measured: ${id}, ${reason.split('\n', 1)[0]}`),
    ...(options.completionsMany === 0 && rows.some(({ id }) => id === 'P8')
      ? ['not measured: P8, memory with five times the completions']
      : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (options.profile) process.stdout.write(`\n${await summarizeProfiles(profileDirectory(startedAt))}\n`);
  say(`results: ${await writeResults(results)}`);
}
