import { listCompletions } from '@rollcall/contract/completions.ts';
import type { Dataset } from '../datasets.ts';
import { headerOf, headerPattern } from '../load/head.ts';
import { requestBytes } from '../load/request.ts';
import { readStream } from '../load/stream.ts';
import { compare, type Sample, sample } from '../measure.ts';
import type { Target } from '../rollcall.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import { ratios, series } from '../stats.ts';
import { streamDataset } from './stream.ts';

/** Records that are new since the cursor, on both sides. */
const CHANGES = 1_000;
/** Before any completion: an answer without records, whose head has the cursor. */
const NOTHING = 'to=1970-01-01T00:00:00Z';

/** P10: the latest thousand changes among very many completions, against the same where there are no others. */
export const changedSince: Scenario = { id: 'P10', title: 'changes since a cursor', run };

async function run(bench: Bench): Promise<Row[]> {
  const { completions } = bench.options;
  await using among = await changedDataset(bench, completions);
  await using alone = await changedDataset(bench, 0);
  await using server = await bench.startServer(among.dataset, 'P10');
  await using floor = await bench.startServer(alone.dataset, 'P10-alone');
  const result = await compare(
    bench,
    () => sampleAnswers(bench, server, among.request),
    () => sampleAnswers(bench, floor, alone.request),
  );
  const milliseconds = (rates: readonly number[]) => rates.map((rate) => 1e3 / rate);
  const times = { among: milliseconds(result.ours.rounds), alone: milliseconds(result.floor.rounds) };
  return [
    {
      id: 'P10',
      what: `changedSince: ${CHANGES} changes among ${completions} / ${CHANGES} in all`,
      unit: 'ms',
      ours: series(times.among),
      floor: series(times.alone),
      ratio: ratios(times.among, times.alone),
      goal: { of: 'ratio', most: 1.2 },
      cost: result.cost,
      waiting: result.waiting,
    },
  ];
}

interface Changed extends AsyncDisposable {
  readonly dataset: Dataset;
  /** Asks for the changes since there were as many completions as asked for. */
  readonly request: Buffer;
}

/** A copy with so many completions, to which further ones were added after a cursor was taken. */
async function changedDataset(bench: Bench, completions: number): Promise<Changed> {
  const size = streamDataset({ ...bench.options, completions });
  const dataset = await bench.datasets.copy(await bench.datasets.get(size));
  const cursor = await cursorOf(bench, dataset);
  await bench.datasets.grow(dataset, { ...size, completions: completions + CHANGES });
  const request = completionsRequest(dataset, `changedSince=${encodeURIComponent(cursor)}`);
  return { dataset, request, [Symbol.asyncDispose]: () => dataset[Symbol.asyncDispose]() };
}

async function cursorOf(bench: Bench, dataset: Dataset): Promise<string> {
  await using server = await bench.startServer(dataset, 'P10-cursor');
  const { head } = await readStream(server.address, completionsRequest(dataset, NOTHING));
  const cursor = headerOf(head, headerPattern('x-next-cursor'));
  if (cursor === undefined) throw new Error('the completions came without a cursor');
  return cursor;
}

function completionsRequest({ keys }: Dataset, query: string): Buffer {
  const headers = { Connection: 'close' };
  return requestBytes({ path: `${listCompletions.path}?${query}`, key: keys[0] ?? '', headers });
}

/** One client that asks again and again, each time on a connection of its own. */
function sampleAnswers(bench: Bench, { address, child }: Target, request: Buffer): Promise<Sample> {
  return sample(child, async () => {
    const start = performance.now();
    const end = start + bench.options.seconds * 1_000;
    let units = 0;
    do {
      const { bytes } = await readStream(address, request);
      if (bytes < CHANGES) throw new Error(`the changes came in ${bytes} bytes: that cannot be all`);
      units++;
    } while (performance.now() < end);
    return { units, seconds: (performance.now() - start) / 1_000 };
  });
}
