import { setTimeout as sleep } from 'node:timers/promises';
import { batchRequest, expectAllWritten } from '../batches.ts';
import type { Dataset } from '../datasets.ts';
import { Connection, type Reply } from '../load/connection.ts';
import { expectStatus } from '../load/drive.ts';
import { readStream } from '../load/stream.ts';
import { randomPageRequests } from '../pages.ts';
import type { Target } from '../rollcall.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import { percentile, ratios, series } from '../stats.ts';
import { streamDataset, streamRequest } from './stream.ts';
import { renamedBodies } from './upsert-changed.ts';

const STREAMS = 3;
/** A round is longer than elsewhere: a percentile wants many samples. */
const ROUND_FACTOR = 2;
/** Pause between two requests of a kind: the server is in use, not at its limit. */
const PAUSE_MS = 5;
const SETTLE_MS = 200;
/** More batches than a round can send. */
const BATCHES_PER_SECOND = 200;

/** P9: how long pages and batches take while three clients stream all completions, against the same without them. */
export const besideStreams: Scenario = { id: 'P9', title: 'pages and batches beside three streams', run };

/** Milliseconds that each answer took. */
interface Times {
  readonly pages: number[];
  readonly batches: number[];
}

async function run(bench: Bench): Promise<Row[]> {
  const { rounds } = bench.options;
  const size = streamDataset(bench.options);
  const dataset = await bench.datasets.get(size);
  await using copy = await bench.datasets.copy(dataset);
  await using server = await bench.startServer(copy, 'P9');
  const traffic = new Traffic(bench, server, dataset, size.users);
  const alone: Times[] = [];
  const beside: Times[] = [];
  await traffic.round();
  const waited = server.child.waitedSeconds();
  const begin = performance.now();
  for (let round = 0; round < rounds; round++) {
    alone.push(await traffic.round());
    beside.push(await withStreams(server, copy, () => traffic.round()));
    bench.say(`round ${round + 1} of ${rounds}`);
  }
  const waiting = (server.child.waitedSeconds() - waited) / ((performance.now() - begin) / 1_000);
  const figure = (kind: keyof Times, name: string, fraction: number): Row => {
    const values = (side: readonly Times[]) => side.map((times) => percentile(times[kind], fraction));
    const [with3, without] = [values(beside), values(alone)];
    const sides = { ours: series(with3), floor: series(without), ratio: ratios(with3, without) };
    const row = {
      id: 'P9',
      what: `${kind}, ${name}, beside ${STREAMS} streams / without`,
      unit: 'ms',
      ...sides,
      waiting,
    };
    return fraction === 0.99 ? { ...row, goal: { of: 'ratio', most: 3 } } : row;
  };
  return [
    figure('pages', 'p50', 0.5),
    figure('pages', 'p99', 0.99),
    figure('batches', 'p50', 0.5),
    figure('batches', 'p99', 0.99),
  ];
}

/** A client that reads pages and one that sends batches, each with a pause between its requests. */
class Traffic {
  readonly #server: Target;
  readonly #seconds: number;
  readonly #pages: readonly Buffer[];
  readonly #key: string;
  readonly #batches: (count: number) => readonly string[];

  constructor(bench: Bench, server: Target, dataset: Dataset, users: number) {
    this.#server = server;
    this.#seconds = bench.options.seconds * ROUND_FACTOR;
    this.#pages = randomPageRequests(dataset, users);
    this.#key = dataset.keys[0] ?? '';
    this.#batches = renamedBodies(dataset, users);
  }

  async round(): Promise<Times> {
    const bodies = this.#batches(Math.ceil(this.#seconds * BATCHES_PER_SECOND));
    const batches = bodies.map((body) => batchRequest(this.#key, body));
    const [pageTimes, batchTimes] = await Promise.all([
      this.#ask(this.#pages, expectStatus(200)),
      this.#ask(batches, expectAllWritten),
    ]);
    return { pages: pageTimes, batches: batchTimes };
  }

  async #ask(requests: readonly Buffer[], check: (reply: Reply) => void): Promise<number[]> {
    using connection = await Connection.open(this.#server.address, { keepBodies: true });
    const times: number[] = [];
    const end = performance.now() + this.#seconds * 1_000;
    for (const request of requests) {
      if (performance.now() > end) break;
      const start = performance.now();
      check(await connection.send(request));
      times.push(performance.now() - start);
      await sleep(PAUSE_MS);
    }
    return times;
  }
}

/** Runs `work` while so many clients read one stream after the other. */
async function withStreams<T>(server: Target, dataset: Dataset, work: () => Promise<T>): Promise<T> {
  const ended = new AbortController();
  const request = streamRequest(dataset);
  const streaming = Array.from({ length: STREAMS }, async () => {
    while (!ended.signal.aborted) {
      await readStream(server.address, request, ended.signal).catch((error: unknown) => {
        if (!ended.signal.aborted) throw error;
      });
    }
  });
  await sleep(SETTLE_MS);
  const result = await Promise.race([
    work(),
    Promise.all(streaming).then(() => Promise.reject(new Error('the streams ended'))),
  ]);
  ended.abort();
  await Promise.all(streaming);
  return result;
}
