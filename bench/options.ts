import { parseArgs } from 'node:util';

/** What a run is about: the project's targets, how figures stand up to growth, or what others do with the same work. */
export type Group = 'targets' | 'growth' | 'peers';

export type Engine = 'sqlite' | 'postgres';

/** What is measured, and how much. */
export interface Options {
  /** Whether growth is measured instead of the targets. */
  readonly growth: boolean;
  /** Whether peers are installed and measured too. */
  readonly peers: boolean;
  /** Where growth is measured; the targets name their engines themselves. */
  readonly engine: Engine;
  /** Numbers of the scenarios to run, as in `P2`; empty: all. */
  readonly only: readonly string[];
  readonly quick: boolean;
  readonly rounds: number;
  /** How long a round of requests lasts. */
  readonly seconds: number;
  readonly users: number;
  readonly organizations: number;
  readonly completions: number;
  /** Completions of the second, greater stream, which shows that memory stays flat; 0: not measured. */
  readonly completionsMany: number;
  /** Where databases are kept for the next run; undefined: in a temporary directory, removed at the end. */
  readonly keep: string | undefined;
  /** File for the results; undefined: one of its own in bench/results. */
  readonly output: string | undefined;
  /** Whether the server runs under --cpu-prof. */
  readonly profile: boolean;
}

/** What was written on the command line makes no sense; the message says what would. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `Usage: npm run bench -- [options]
       npm run bench -- growth [--engine postgres] [options]
       npm run bench -- record [--note TEXT] FILE.json ...

Measures each scenario against its floor, the least code that could do the same work; see docs/performance.md.
With "growth": large databases against small ones; see docs/scaling.md.
With "record": measures nothing, but writes the tables of results into those two documents.

  --peers             also the same work done by others, installed by npm into a directory of its own
  --engine NAME       sqlite or postgres, for growth (default sqlite)
  --only P2,P5        these scenarios only
  --quick             fewer rows and shorter rounds: for a look, not for the record
  --rounds N          rounds of each scenario (default 5; --quick 3)
  --seconds N         length of a round (default 2; --quick 0.5)
  --users N           users (default 1000000; --quick 100000)
  --organizations N   organizations of P4, 200 users each (default 10000; --quick 500)
  --completions N     completions (default 1000000; --quick 100000)
  --keep DIR          keep the generated databases there, and use those that are there
  --output FILE       write the results there (default bench/results/TIME.json)
  --profile           run the server under --cpu-prof and say where its time goes
  --help`;

const FULL = { rounds: 5, seconds: 2, users: 1_000_000, organizations: 10_000, completions: 1_000_000 };
const QUICK = { rounds: 3, seconds: 0.5, users: 100_000, organizations: 500, completions: 100_000 };
/** How much longer the second stream is than the first. */
const MANY = 5;

type NumberName = keyof typeof FULL;

/** The least that a scenario can be run with: a batch of 200 needs 200 users. */
const LEAST: Readonly<Record<NumberName, number>> = {
  rounds: 1,
  seconds: 0.05,
  users: 1_000,
  organizations: 2,
  completions: 1_000,
};

const GROWTH = 'growth';

/** The scenarios there are: their numbers, and what they are about. */
export type Known = readonly { readonly id: string; readonly group?: Group }[];

/** Reads the command line; null where help is asked for. Throws UsageError. */
export function readOptions(argv: readonly string[], known: Known): Options | null {
  const { values, positionals } = parse(argv);
  if (values.help) return null;
  const growth = readGrowth(positionals);
  const quick = values.quick === true;
  const defaults = quick ? QUICK : FULL;
  const number = (name: NumberName) => readNumber(name, values[name], defaults[name]);
  const completions = number('completions');
  return {
    growth,
    peers: values.peers === true,
    engine: readEngine(values.engine ?? 'sqlite'),
    only: readOnly(
      values.only,
      known.map(({ id }) => id),
    ),
    quick,
    rounds: number('rounds'),
    seconds: number('seconds'),
    users: number('users'),
    organizations: number('organizations'),
    completions,
    completionsMany: quick ? 0 : completions * MANY,
    keep: values.keep,
    output: values.output,
    profile: values.profile === true,
  };
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const names = { only: text, rounds: text, seconds: text, users: text, organizations: text, completions: text };
  try {
    const flags = { quick: flag, peers: flag, profile: flag, help: flag };
    const options = { ...names, ...flags, engine: text, keep: text, output: text };
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readGrowth(positionals: readonly string[]): boolean {
  const other = positionals.find((word, index) => word !== GROWTH || index > 0);
  if (other !== undefined) throw new UsageError(`Unexpected argument '${other}'`);
  return positionals.length > 0;
}

function readEngine(text: string): Engine {
  if (text === 'sqlite' || text === 'postgres') return text;
  throw new UsageError(`--engine must be sqlite or postgres, not "${text}"`);
}

/** Whether a scenario is to be run: one that is named, or, where none is, one of what the run is about. */
export function isWanted({ id, group = 'targets' }: Known[number], options: Options): boolean {
  if (options.only.length > 0) return options.only.includes(id);
  if (group === 'peers') return options.peers;
  return (group === 'growth') === options.growth;
}

function readOnly(text: string | undefined, known: readonly string[]): string[] {
  const wanted = (text ?? '')
    .toUpperCase()
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  const unknown = wanted.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new UsageError(`there is no scenario ${unknown}; there are ${known.join(', ')}`);
  return wanted;
}

function readNumber(name: NumberName, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= LEAST[name] && (name === 'seconds' || Number.isInteger(value))) return value;
  throw new UsageError(`--${name} must be a number from ${LEAST[name]} on, not "${text}"`);
}
