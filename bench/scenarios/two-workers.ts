import { compare, sampleRequests } from '../measure.ts';
import { randomPageRequests } from '../pages.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';

const WORKERS = 2;

/** P14: P2 with two worker processes against one, both on any core: the load client takes its share of them. */
export const twoWorkers: Scenario = { id: 'P14', title: 'two worker processes against one', run };

async function run(bench: Bench): Promise<Row[]> {
  const { users } = bench.options;
  const dataset = await bench.datasets.get({ users });
  await using copy = await bench.datasets.copy(dataset);
  const requests = randomPageRequests(dataset, users);
  const started = (workers: number) => ({ place: 'all' as const, env: { WORKERS: String(workers) } });
  await using many = await bench.startServer(copy, 'P14', started(WORKERS));
  if (many.child.children() < WORKERS) throw new Error(`the server did not start ${WORKERS} processes`);
  await using one = await bench.startServer(dataset, 'P14-one', started(1));
  const { ours, floor, ratio, waiting } = await compare(
    bench,
    () => sampleRequests(bench, many, requests),
    () => sampleRequests(bench, one, requests),
  );
  const what = `random pages of 200, ${WORKERS} workers / one process`;
  return [{ id: 'P14', what, unit: 'pages/s', ours, floor, ratio, waiting, goal: { of: 'ratio', least: 1.7 } }];
}
