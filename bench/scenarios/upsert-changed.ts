import { BATCH_USERS, type Bodies, batchesOfRound, bodiesOf, sampleBatches, sampleStoreFloor } from '../batches.ts';
import { type Dataset, readTemplates } from '../datasets.ts';
import { compare } from '../measure.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import { shuffled } from '../stats.ts';

/** P7: batches of 200 users from anywhere, each with a new last name, against the bare update by primary key. */
export const upsertChanged: Scenario = { id: 'P7', title: 'batch upsert, 200 random users changed', run };

async function run(bench: Bench): Promise<Row[]> {
  const { users } = bench.options;
  const dataset = await bench.datasets.get({ users });
  await using served = await bench.datasets.copy(dataset);
  await using bare = await bench.datasets.copy(dataset);
  await using server = await bench.startServer(served, 'P7');
  await using floor = bench.startStoreFloor('update', bare);
  const renamed = { ours: renamedBodies(dataset, users), floor: renamedBodies(dataset, users) };
  const batches = batchesOfRound(bench.options);
  const result = await compare(
    bench,
    () => sampleBatches(bench, server, served, renamed.ours(batches)),
    () => sampleStoreFloor(bench, floor, renamed.floor(batches)),
  );
  const what = `200 random users of ${users} renamed a batch / bare update by primary key`;
  return [{ id: 'P7', what, unit: 'users/s', ...result, goal: { of: 'ratio', least: 0.5 } }];
}

/** Batches of users at random places, nobody twice before everyone's turn, with a last name that is new to them. */
export function renamedBodies(dataset: Dataset, users: number): (batches: number) => Bodies {
  const order = shuffled(users, users);
  let taken = 0;
  return (batches) => {
    const positions = Array.from(
      { length: batches * BATCH_USERS },
      (_, index) => order[(taken + index) % users] as number,
    );
    const turn = taken;
    taken += positions.length;
    return bodiesOf(
      readTemplates(dataset, positions).map((user) => ({ ...user, lastName: `${user.lastName} ${turn}` })),
    );
  };
}
