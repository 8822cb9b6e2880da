import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Engine, UsageError } from './options.ts';
import { doubts, formatTable, type Results } from './report.ts';

/** Which scenarios each document shows, by the first letters of their numbers, and between which marks. */
const PLACES: readonly Place[] = [
  { document: 'performance.md', mark: 'targets', letters: ['P', 'D'] },
  { document: 'scaling.md', mark: 'growth-sqlite', letters: ['G'], engine: 'sqlite' },
  { document: 'scaling.md', mark: 'growth-postgres', letters: ['G'], engine: 'postgres' },
];

interface Place {
  readonly document: string;
  readonly mark: string;
  readonly letters: readonly string[];
  readonly engine?: Engine;
}

/**
 * `bench record [--note TEXT] FILE.json …`: writes the tables of results into docs/. Where several files have the same
 * scenario, the last one counts. Answers the documents that were written.
 */
export async function record(argv: readonly string[], order: readonly string[]): Promise<string[]> {
  const { note, files } = readArguments(argv);
  const all = await Promise.all(files.map(readResults));
  const written: string[] = [];
  for (const place of PLACES) {
    const text = textFor(place, all, order, note);
    if (text === null) continue;
    const path = fileURLToPath(new URL(`../docs/${place.document}`, import.meta.url));
    await writeFile(path, between(await readFile(path, 'utf8'), place.mark, text));
    written.push(`docs/${place.document}`);
  }
  return [...new Set(written)];
}

function readArguments(argv: readonly string[]): { note: string | undefined; files: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { note: { type: 'string' } },
      allowPositionals: true,
    });
    if (positionals.length === 0) throw new Error('record needs files of results: bench/results/TIME.json');
    return { note: values.note, files: positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function readResults(file: string): Promise<Results> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Results;
  } catch (error) {
    throw new UsageError(`${file} holds no results: ${(error as Error).message}`);
  }
}

/** What stands between the marks; null where no result belongs there. */
export function textFor(
  { letters, engine }: Place,
  all: readonly Results[],
  order: readonly string[],
  note: string | undefined,
): string | null {
  const belongs = (id: string) => letters.some((letter) => id.startsWith(letter));
  const fitting = all.filter(({ options }) => engine === undefined || options.engine === engine);
  const sources = new Map<string, Results>();
  for (const results of fitting) {
    for (const { id } of results.rows) if (belongs(id)) sources.set(id, results);
  }
  if (sources.size === 0) return null;
  const ids = order.filter((id) => sources.has(id));
  const rows = ids.flatMap((id) => sources.get(id)?.rows.filter((row) => row.id === id) ?? []);
  const origins = [...new Set(sources.values())].map((results) =>
    origin(
      results,
      ids.filter((id) => sources.get(id) === results),
    ),
  );
  const remarks = doubts(rows).map((doubt) => `- Doubtful: ${doubt}.`);
  return [...(note === undefined ? [] : [`**${note}**`, '']), formatTable(rows), '', ...origins, ...remarks].join('\n');
}

/** When, of what and on what it was measured. */
function origin({ startedAt, commit, machine, options }: Results, ids: readonly string[]): string {
  const { cpu, cores, memory, system, node, sqlite, separation } = machine;
  const { rounds, seconds, users, organizations, completions, quick } = options;
  const amounts = `${users} users, ${organizations} organizations, ${completions} completions at most`;
  const when = `${startedAt.slice(0, 16).replace('T', ' ')} UTC, commit ${commit}`;
  const where = `${cpu}, ${cores} cores, ${memory} GB, ${system}, Node ${node}, SQLite ${sqlite}; ${separation}`;
  const look = quick ? ' A quick run: for a look, not for the record.' : '';
  return `- ${ids.join(', ')}: ${when}; ${rounds} rounds of ${seconds} s; ${amounts}. ${where}.${look}`;
}

/** The document with another text between its two marks. */
export function between(document: string, mark: string, text: string): string {
  const [begin, end] = [`<!-- bench: ${mark} -->`, `<!-- /bench: ${mark} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new UsageError(`the document lacks the marks ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}
