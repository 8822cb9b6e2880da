import { BATCH_USERS, batchesOfRound, bodiesOf, sampleBatches, sampleStoreFloor } from '../batches.ts';
import { readTemplates } from '../datasets.ts';
import { compare } from '../measure.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';

/** P6: the users that are there already, sent again, against JSON.parse and one indexed read for each of them. */
export const upsertUnchanged: Scenario = { id: 'P6', title: 'batch upsert, nothing changed', run };

async function run(bench: Bench): Promise<Row[]> {
  const { users } = bench.options;
  const dataset = await bench.datasets.get({ users });
  const count = Math.min(batchesOfRound(bench.options) * BATCH_USERS, users);
  const positions = Array.from({ length: count }, (_, index) => index);
  const bodies = bodiesOf(readTemplates(dataset, positions));
  await using server = await bench.startServer(dataset, 'P6');
  await using floor = bench.startStoreFloor('lookup', dataset);
  const result = await compare(
    bench,
    () => sampleBatches(bench, server, dataset, bodies),
    () => sampleStoreFloor(bench, floor, bodies),
  );
  const what = '200 users a batch, nothing changed / JSON.parse and one read a user';
  return [{ id: 'P6', what, unit: 'users/s', ...result, goal: { of: 'ratio', least: 0.6 } }];
}
