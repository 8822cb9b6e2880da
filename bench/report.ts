import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Machine } from './machine.ts';
import type { Options } from './options.ts';
import type { Goal, Row } from './scenario.ts';
import type { Series } from './stats.ts';

/** Where results of runs are written; not part of the repository. */
const RESULTS = fileURLToPath(new URL('results', import.meta.url));

/** All that came of a run. */
export interface Results {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Of the repository; with a plus sign where files differ from it. */
  readonly commit: string;
  readonly machine: Machine;
  readonly options: Options;
  readonly rows: readonly Row[];
  /** What was asked for and could not be measured, and why. */
  readonly failures: readonly { readonly id: string; readonly reason: string }[];
}

/** The rows as a table in Markdown, in columns of even width. */
export function formatTable(rows: readonly Row[]): string {
  const head = ['', 'Scenario / floor', 'Unit', 'Ours', 'Floor', 'Ratio', 'Min–max', 'CPU ratio', 'Goal', ''];
  const lines = rows.map((row) => [
    row.id,
    row.what,
    row.unit,
    number(row.ours.median),
    row.floor ? number(row.floor.median) : '',
    row.ratio ? number(row.ratio.median) : '',
    spread(row.ratio ?? row.ours),
    row.cost ? number(row.cost.cpuRatio) : '',
    row.goal ? goalText(row.goal, row.unit) : '',
    row.goal ? (isReached(row, row.goal) ? 'reached' : 'missed') : '',
  ]);
  return layOut([head, ...lines]);
}

function layOut(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(3, ...table.map((line) => line[column]?.length ?? 0)));
  const lines = table.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

/** Three significant digits, and thousands set apart. */
function number(value: number): string {
  if (Number.isNaN(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function spread({ min, max, rounds }: Series): string {
  return rounds.length > 1 ? `${number(min)}–${number(max)}` : '';
}

function goalText({ of, least, most }: Goal, unit: string): string {
  const bound = least === undefined ? `<= ${most}` : `>= ${least}`;
  return of === 'ratio' ? bound : `${bound} ${unit}`;
}

/** Whether the median reaches the goal; what could not be measured does not. */
export function isReached({ ours, ratio }: Pick<Row, 'ours' | 'ratio'>, { of, least, most }: Goal): boolean {
  const value = of === 'ratio' ? (ratio?.median ?? Number.NaN) : ours.median;
  return least === undefined ? value <= (most ?? Number.NaN) : value >= least;
}

/** A share of time lost to other programs that no figure should be believed beyond. */
const WAITING_MAX = 0.1;
/** From here on a core has nothing left to give. */
const BUSY = 0.95;

/** Reasons to doubt figures: something else than the side under test was the limit, or others used the machine too. */
export function doubts(rows: readonly Row[]): string[] {
  const crowded = rows.flatMap(({ id, what, cost }) => [
    ...(cost && isCrowded(cost.loadBusy, cost.serverBusy) ? [`${id} ${what}: the load client was at its limit`] : []),
    ...(cost && isCrowded(cost.floorLoadBusy, cost.floorBusy)
      ? [`${id} ${what}: the load client was at its limit with the floor`]
      : []),
  ]);
  return [...disturbed(rows), ...crowded];
}

/** One line for each scenario that other programs kept from its core. */
function disturbed(rows: readonly Row[]): string[] {
  const most = new Map<string, number>();
  for (const { id, waiting = 0 } of rows) most.set(id, Math.max(waiting, most.get(id) ?? 0));
  return [...most]
    .filter(([, waiting]) => waiting > WAITING_MAX)
    .map(([id, waiting]) => `${id}: other programs had its core for ${percent(waiting)} of the time`);
}

function isCrowded(load: number, side: number): boolean {
  return load > BUSY && side < BUSY;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Writes the results as JSON; answers the file's path. */
export async function writeResults(results: Results): Promise<string> {
  const file = resolve(results.options.output ?? join(RESULTS, `${results.startedAt.replaceAll(':', '-')}.json`));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  return file;
}

/** A directory for the profiles of a run. */
export function profileDirectory(startedAt: string): string {
  return join(RESULTS, `${startedAt.replaceAll(':', '-')}-profiles`);
}
