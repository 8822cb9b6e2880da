import { batchesOfRound, newBodies, sampleBatches, sampleStoreFloor } from '../batches.ts';
import { compare } from '../measure.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';

/** P5: batches of 200 new users from eight clients, against the bare insert loop on a copy of the same database. */
export const upsertNew: Scenario = { id: 'P5', title: 'batch upsert, 200 new users each', run };

async function run(bench: Bench): Promise<Row[]> {
  const { users } = bench.options;
  const dataset = await bench.datasets.get({ users });
  await using served = await bench.datasets.copy(dataset);
  await using bare = await bench.datasets.copy(dataset);
  await using server = await bench.startServer(served, 'P5');
  await using floor = bench.startStoreFloor('insert', bare);
  const newcomers = { ours: newBodies(1), floor: newBodies(1) };
  const batches = batchesOfRound(bench.options);
  const result = await compare(
    bench,
    () => sampleBatches(bench, server, served, newcomers.ours(batches)),
    () => sampleStoreFloor(bench, floor, newcomers.floor(batches)),
  );
  const what = `200 new users a batch, 8 clients, ${users} there / bare insert loop`;
  return [{ id: 'P5', what, unit: 'users/s', ...result, goal: { of: 'ratio', least: 0.5 } }];
}
