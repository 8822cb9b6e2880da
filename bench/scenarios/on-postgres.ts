import { writeFile } from 'node:fs/promises';
import { BATCH_USERS, type Bodies, batchesOfRound, newBodies, sampleBatches } from '../batches.ts';
import type { Child } from '../child.ts';
import { type Comparison, compare, type Sample, sample, sampleRequests } from '../measure.ts';
import { randomPageRequests } from '../pages.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import { sampleStream, streamDataset, streamRequest } from './stream.ts';

const LEAST = 0.7;

/** P13: P2, P5 and P8 on PostgreSQL, against one connection doing nothing but the statement. */
export const onPostgres: Scenario = { id: 'P13', title: 'pages, batches and a stream on PostgreSQL', run };

async function run(bench: Bench): Promise<Row[]> {
  return [await pages(bench), await batches(bench), await stream(bench)];
}

/** Without where the time went: most of it goes to PostgreSQL's own processes, which nobody counts. */
function rowOf(what: string, unit: string, { ours, floor, ratio, waiting }: Comparison): Row {
  return { id: 'P13', what, unit, ours, floor, ratio, waiting, goal: { of: 'ratio', least: LEAST } };
}

async function pages(bench: Bench): Promise<Row> {
  const { users, seconds } = bench.options;
  const dataset = await bench.datasets.get({ users }, 'postgres');
  const requests = randomPageRequests(dataset, users);
  await using server = await bench.startServer(dataset, 'P13-pages');
  await using floor = bench.startPostgresFloor('pages', dataset);
  const result = await compare(
    bench,
    () => sampleRequests(bench, server, requests),
    () => sampleFloor(floor, { seconds }),
  );
  return rowOf(`PostgreSQL: random pages of 200 out of ${users} / one connection`, 'pages/s', result);
}

async function batches(bench: Bench): Promise<Row> {
  const { users } = bench.options;
  const dataset = await bench.datasets.get({ users }, 'postgres');
  await using served = await bench.datasets.copy(dataset);
  await using bare = await bench.datasets.copy(dataset);
  await using server = await bench.startServer(served, 'P13-batches');
  await using floor = bench.startPostgresFloor('insert', bare);
  const newcomers = { ours: newBodies(1), floor: newBodies(1) };
  const count = batchesOfRound(bench.options);
  const result = await compare(
    bench,
    () => sampleBatches(bench, server, served, newcomers.ours(count)),
    () => sampleBareBatches(bench, floor, newcomers.floor(count)),
  );
  return rowOf(`PostgreSQL: ${BATCH_USERS} new users a batch, 8 clients / one connection`, 'users/s', result);
}

async function stream(bench: Bench): Promise<Row> {
  const dataset = await bench.datasets.get(streamDataset(bench.options), 'postgres');
  await using server = await bench.startServer(dataset, 'P13-stream');
  await using floor = bench.startPostgresFloor('stream', dataset);
  const request = streamRequest(dataset);
  const result = await compare(
    bench,
    () => sampleStream(server, request),
    () => sampleFloor(floor, {}),
  );
  return rowOf(`PostgreSQL: stream of ${bench.options.completions} completions / one connection`, 'MB/s', result);
}

function sampleFloor(floor: Child, asked: object): Promise<Sample> {
  return sample(floor, () => floor.message<{ units: number; seconds: number; cpuSeconds: number }>(asked));
}

async function sampleBareBatches(bench: Bench, floor: Child, bodies: Bodies): Promise<Sample> {
  const file = bench.datasets.scratch('batches.jsonl');
  await writeFile(file, `${bodies.join('\n')}\n`);
  return sampleFloor(floor, { file });
}
