import { BATCH_USERS, type Bodies, batchesOfRound, bodiesOf, sampleBatches, sampleStoreFloor } from '../batches.ts';
import type { Template } from '../datasets.ts';
import { compare } from '../measure.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import { randomIntegers } from '../stats.ts';

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

/** Batches of people whom nobody has seen; their addresses fall anywhere in the index, as real ones do. */
export function newBodies(seed: number): (batches: number) => Bodies {
  const random = randomIntegers(seed);
  let number = 0;
  const newcomer = (): Template => {
    const tag = random(2 ** 30).toString(36);
    const serial = (number++).toString().padStart(7, '0');
    return {
      firstName: `First${tag.slice(0, 3)}`,
      lastName: `Lastname${tag}`,
      email: `${tag}.lastname.${serial}@new.example.com`,
      remoteId: `N${serial}`,
    };
  };
  return (batches) => bodiesOf(Array.from({ length: batches * BATCH_USERS }, newcomer));
}
