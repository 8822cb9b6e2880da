import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { listCompletions } from '@rollcall/contract/completions.ts';
import type { Dataset } from '../datasets.ts';
import { Connection } from '../load/connection.ts';
import { requestBytes } from '../load/request.ts';
import { readStream, type Streamed } from '../load/stream.ts';
import { compare, type Sample, sample } from '../measure.ts';
import type { Target } from '../rollcall.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import type { DatasetSize } from '../seed.ts';
import { percentile, ratios, series } from '../stats.ts';

/** Bytes that the floor writes at a time: about what a chunk of completions has. */
const FLOOR_CHUNK = 98_304;
/** Of the organization whose completions are streamed: enough to make them for. */
const USERS_MAX = 100_000;
const PING_EVERY_MS = 3;
const HOOK = fileURLToPath(new URL('../hooks/event-loop.ts', import.meta.url));

/** P8: all completions over HTTP, against res.write of a constant buffer; first byte, memory, event loop. */
export const stream: Scenario = { id: 'P8', title: 'a stream of completions', run };

async function run(bench: Bench): Promise<Row[]> {
  const dataset = await bench.datasets.get(streamDataset(bench.options));
  const { rows, peak } = await throughput(bench, dataset);
  rows.push(...(await eventLoop(bench, dataset)));
  if (bench.options.completionsMany > 0) rows.push(await manyMemory(bench, peak));
  return rows;
}

/** A dataset to stream from: fewer users than elsewhere, so many completions. */
export function streamDataset({ users, completions }: { users: number; completions: number }): DatasetSize {
  return { users: Math.min(users, USERS_MAX), completions };
}

/** Asks for all completions of a dataset, on a connection that ends with them. */
export function streamRequest({ keys }: Dataset): Buffer {
  return requestBytes({ path: listCompletions.path, key: keys[0] ?? '', headers: { Connection: 'close' } });
}

/** Rate, time to the first byte, and the highest memory of a server that did nothing else. */
async function throughput(bench: Bench, dataset: Dataset): Promise<{ rows: Row[]; peak: number }> {
  await using server = await bench.startServer(dataset, 'P8');
  const request = streamRequest(dataset);
  const { bytes } = await readStream(server.address, request);
  await using floor = await bench.startHttpFloor('stream', `${bytes}`, `${FLOOR_CHUNK}`);
  const firstBytes: number[] = [];
  const result = await compare(
    bench,
    () => sampleStream(server, request, (streamed) => firstBytes.push(sameLength(streamed, bytes).firstByteMs)),
    () => sampleStream(floor, request),
  );
  const { peak } = server.child.memory();
  const what = `${bench.options.completions} completions, ${Math.round(bytes / 1e6)} MB`;
  const rows: Row[] = [
    {
      id: 'P8',
      what: `${what} / res.write of a constant buffer`,
      unit: 'MB/s',
      ...result,
      goal: { of: 'ratio', least: 0.45 },
    },
    {
      id: 'P8',
      what: 'first byte of the stream',
      unit: 'ms',
      ours: series(firstBytes),
      goal: { of: 'ours', most: 20 },
    },
    {
      id: 'P8',
      what: `peak memory, ${firstBytes.length + 1} such streams`,
      unit: 'MB',
      ours: series([peak]),
      goal: { of: 'ours', most: 200 },
    },
  ];
  return { rows, peak };
}

/** Has one client read the whole answer; MB a second. */
export function sampleStream(
  target: Target,
  request: Buffer,
  see: (streamed: Streamed) => void = () => {},
): Promise<Sample> {
  return sample(target.child, async () => {
    const streamed = await readStream(target.address, request);
    see(streamed);
    return { units: streamed.bytes / 1e6, seconds: streamed.seconds };
  });
}

/** Nothing is written meanwhile, so that every stream must be as long as the first, but for how it is cut into chunks. */
function sameLength(streamed: Streamed, bytes: number): Streamed {
  if (Math.abs(streamed.bytes / bytes - 1) < 0.001) return streamed;
  throw new Error(`a stream had ${streamed.bytes} bytes, the first ${bytes}`);
}

/** How long others wait during a stream: seen from inside by a hook, and from outside by asking for /healthz. */
async function eventLoop(bench: Bench, dataset: Dataset): Promise<Row[]> {
  const pings = { p99: [] as number[], max: [] as number[] };
  const inside = { p99: [] as number[], max: [] as number[] };
  const waits: number[] = [];
  for (let round = 0; round < bench.options.rounds; round++) {
    const { delays, loop, waiting } = await watchedStream(bench, dataset);
    waits.push(waiting);
    pings.p99.push(percentile(delays, 0.99));
    pings.max.push(percentile(delays, 1));
    inside.p99.push(loop.p99);
    inside.max.push(loop.max);
    bench.say(`event loop, round ${round + 1} of ${bench.options.rounds}`);
  }
  const waiting = series(waits).median;
  const row = (what: string, values: number[], most: number): Row => {
    return { id: 'P8', what, unit: 'ms', ours: series(values), goal: { of: 'ours', most }, waiting };
  };
  return [
    row('event loop delay during the stream, p99', inside.p99, 10),
    row('event loop delay during the stream, max', inside.max, 50),
    row('/healthz during the stream, p99', pings.p99, 10),
    row('/healthz during the stream, max', pings.max, 50),
  ];
}

interface LoopFigures {
  readonly p99: number;
  readonly max: number;
}

interface WatchedStream {
  /** Milliseconds that each answer of /healthz took. */
  readonly delays: number[];
  readonly loop: LoopFigures;
  /** Share of the time for which the server had to wait for its core. */
  readonly waiting: number;
}

async function watchedStream(bench: Bench, dataset: Dataset): Promise<WatchedStream> {
  const file = bench.datasets.scratch('loop.json');
  const extra = { nodeOptions: ['--import', HOOK], env: { BENCH_LOOP_FILE: file } };
  const delays: number[] = [];
  let waiting = 0;
  {
    await using server = await bench.startServer(dataset, 'P8-event-loop', extra);
    const request = streamRequest(dataset);
    await readStream(server.address, request);
    server.child.signal('SIGUSR2');
    const ended = new AbortController();
    const pinging = ping(server, delays, ended.signal);
    ({ waiting } = await sampleStream(server, request));
    ended.abort();
    await pinging;
  }
  return { delays, loop: JSON.parse(await readFile(file, 'utf8')) as LoopFigures, waiting };
}

/** Asks for /healthz every few milliseconds and notes how long each answer took. */
async function ping(server: Target, delays: number[], signal: AbortSignal): Promise<void> {
  using connection = await Connection.open(server.address);
  const request = requestBytes({ path: '/healthz' });
  do {
    const start = performance.now();
    await connection.send(request);
    delays.push(performance.now() - start);
    await sleep(PING_EVERY_MS);
  } while (!signal.aborted);
}

/** The highest memory of a fresh server that streams several times as much at once. */
async function manyMemory(bench: Bench, peakOfOne: number): Promise<Row> {
  const { users, completions, completionsMany } = bench.options;
  const dataset = await bench.datasets.get(streamDataset({ users, completions: completionsMany }));
  await using server = await bench.startServer(dataset, 'P8-many');
  await readStream(server.address, streamRequest(dataset));
  const { peak } = server.child.memory();
  return {
    id: 'P8',
    what: `peak memory, one stream of ${completionsMany} / streams of ${completions}`,
    unit: 'MB',
    ours: series([peak]),
    floor: series([peakOfOne]),
    ratio: ratios([peak], [peakOfOne]),
    goal: { of: 'ratio', most: 1.1 },
  };
}
