import { listUsers } from '@rollcall/contract/users.ts';
import { batchesOfRound, newBodies, sampleBatches } from '../batches.ts';
import type { Dataset } from '../datasets.ts';
import { firstByte } from '../load/first-byte.ts';
import { requestBytes } from '../load/request.ts';
import { readStream } from '../load/stream.ts';
import { type Comparison, compare, sampleRequests } from '../measure.ts';
import { PAGE_USERS, randomPageRequests } from '../pages.ts';
import type { Target } from '../rollcall.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import type { DatasetSize } from '../seed.ts';
import { randomIntegers, ratios, series } from '../stats.ts';
import { streamDataset, streamRequest } from './stream.ts';

/** How much smaller the small databases are. */
const SMALLER = 100;
/** What still counts as flat. */
const MOST = 1.2;
/** Long enough that a round does not come around often. */
const SEQUENCE = 100_000;
/** First bytes of a round. */
const STARTS = 20;

export const growth: readonly Scenario[] = [
  { id: 'G1', title: 'pages of a large organization against a small one', group: 'growth', run: pages },
  { id: 'G2', title: 'batches to a large organization against a small one', group: 'growth', run: batches },
  { id: 'G3', title: 'key check among many organizations against few', group: 'growth', run: keys },
  { id: 'G4', title: 'first byte of many completions against few', group: 'growth', run: firstBytes },
];

/** A server on a large and one on a small dataset. */
interface Pair extends AsyncDisposable {
  readonly large: { readonly dataset: Dataset; readonly server: Target };
  readonly small: { readonly dataset: Dataset; readonly server: Target };
}

async function pairOf(bench: Bench, large: DatasetSize, small: DatasetSize, isWritten = false): Promise<Pair> {
  await using stack = new AsyncDisposableStack();
  const startedOn = async (size: DatasetSize) => {
    const original = await bench.datasets.get(size, bench.options.engine);
    const dataset = isWritten ? stack.use(await bench.datasets.copy(original)) : original;
    return { dataset, server: stack.use(await bench.startServer(dataset, 'growth')) };
  };
  const pair = { large: await startedOn(large), small: await startedOn(small) };
  const all = stack.move();
  return { ...pair, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

function smaller(count: number, least: number): number {
  return Math.max(least, Math.floor(count / SMALLER));
}

/** Times of `unit`, from rates, and the servers' memory. */
function rowsOf(id: string, what: string, { large, small }: Pair, { ours, floor, cost, waiting }: Comparison): Row[] {
  const microseconds = (rates: readonly number[]) => rates.map((rate) => 1e6 / rate);
  const times = { large: microseconds(ours.rounds), small: microseconds(floor.rounds) };
  const sides = { ours: series(times.large), floor: series(times.small), ratio: ratios(times.large, times.small) };
  return [
    { id, what, unit: 'µs', ...sides, goal: { of: 'ratio', most: MOST }, cost, waiting },
    memoryRow(id, what, large.server, small.server),
  ];
}

function memoryRow(id: string, what: string, large: Target, small: Target): Row {
  const [peak, peakOfSmall] = [[large.child.memory().peak], [small.child.memory().peak]];
  return {
    id,
    what: `peak memory: ${what}`,
    unit: 'MB',
    ours: series(peak),
    floor: series(peakOfSmall),
    ratio: ratios(peak, peakOfSmall),
    goal: { of: 'ratio', most: MOST },
  };
}

async function pages(bench: Bench): Promise<Row[]> {
  const { users } = bench.options;
  const few = smaller(users, 1_000);
  await using pair = await pairOf(bench, { users }, { users: few });
  const requests = {
    large: randomPageRequests(pair.large.dataset, users),
    small: randomPageRequests(pair.small.dataset, few),
  };
  const result = await compare(
    bench,
    () => sampleRequests(bench, pair.large.server, requests.large),
    () => sampleRequests(bench, pair.small.server, requests.small),
  );
  return rowsOf('G1', `page of 200 out of ${users} / out of ${few}`, pair, result);
}

async function batches(bench: Bench): Promise<Row[]> {
  const { users } = bench.options;
  const few = smaller(users, 1_000);
  await using pair = await pairOf(bench, { users }, { users: few }, true);
  const newcomers = { large: newBodies(1), small: newBodies(1) };
  const count = batchesOfRound(bench.options);
  const result = await compare(
    bench,
    () => sampleBatches(bench, pair.large.server, pair.large.dataset, newcomers.large(count)),
    () => sampleBatches(bench, pair.small.server, pair.small.dataset, newcomers.small(count)),
  );
  return rowsOf('G2', `new user of a batch of 200, ${users} there / ${few} there`, pair, result);
}

/** An answer that costs little but the key check: 304. */
async function keys(bench: Bench): Promise<Row[]> {
  const { organizations } = bench.options;
  const few = smaller(organizations, 2);
  const size = { users: PAGE_USERS };
  await using pair = await pairOf(bench, { ...size, organizations }, { ...size, organizations: few });
  const requests = { large: unchangedRequests(pair.large.dataset), small: unchangedRequests(pair.small.dataset) };
  const result = await compare(
    bench,
    () => sampleRequests(bench, pair.large.server, requests.large, { status: 304 }),
    () => sampleRequests(bench, pair.small.server, requests.small, { status: 304 }),
  );
  return rowsOf('G3', `304, a random key of ${organizations} organizations / of ${few}`, pair, result);
}

/** Each with the key of an organization taken at random, of a client that has whatever the list is. */
function unchangedRequests({ keys }: Dataset): Buffer[] {
  const headers = { 'If-None-Match': '*' };
  const requests = keys.map((key) => requestBytes({ path: `${listUsers.path}?page=0`, key, headers }));
  const random = randomIntegers(keys.length);
  return Array.from({ length: SEQUENCE }, () => requests[random(requests.length)] as Buffer);
}

async function firstBytes(bench: Bench): Promise<Row[]> {
  const { completions, completionsMany, rounds } = bench.options;
  const many = completionsMany || completions;
  const few = smaller(many, 1_000);
  const sizes = [many, few].map((count) => streamDataset({ ...bench.options, completions: count }));
  await using pair = await pairOf(bench, sizes[0] as DatasetSize, sizes[1] as DatasetSize);
  const sides = [pair.large, pair.small].map(({ server, dataset }) => ({ server, request: streamRequest(dataset) }));
  // Once to the end: what a whole stream takes of memory counts, and what it leaves behind is there for the rest.
  for (const { server, request } of sides) await readStream(server.address, request);
  const times: number[][] = sides.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { server, request }] of sides.entries()) {
      times[index]?.push(await typicalFirstByte(server, request));
    }
    bench.say(`round ${round + 1} of ${rounds}`);
  }
  const [large = [], small = []] = times;
  const what = `first byte of ${many} completions / of ${few}`;
  const first: Row = {
    id: 'G4',
    what,
    unit: 'ms',
    ours: series(large),
    floor: series(small),
    ratio: ratios(large, small),
    goal: { of: 'ours', most: 20 },
  };
  return [first, memoryRow('G4', `stream of ${many} completions / of ${few}`, pair.large.server, pair.small.server)];
}

/** The median of several. */
async function typicalFirstByte({ address }: Target, request: Buffer): Promise<number> {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) times.push(await firstByte(address, request));
  return series(times).median;
}
