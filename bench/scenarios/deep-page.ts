import { compare, sampleRequests } from '../measure.ts';
import { PAGE_USERS, pageRequest } from '../pages.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import { ratios, series } from '../stats.ts';

/** P3: the last page against the first. */
export const deepPage: Scenario = { id: 'P3', title: 'the last page against the first', run };

async function run(bench: Bench): Promise<Row[]> {
  const { users } = bench.options;
  const last = Math.floor(users / PAGE_USERS) - 1;
  const dataset = await bench.datasets.get({ users });
  await using server = await bench.startServer(dataset, 'P3');
  const { ours, floor, cost, waiting } = await compare(
    bench,
    () => sampleRequests(bench, server, [pageRequest(dataset, last)]),
    () => sampleRequests(bench, server, [pageRequest(dataset, 0)]),
  );
  const microseconds = (rates: readonly number[]) => rates.map((rate) => 1e6 / rate);
  const times = { last: microseconds(ours.rounds), first: microseconds(floor.rounds) };
  return [
    {
      id: 'P3',
      what: `page ${last} / page 0, ${users} users`,
      unit: 'µs/page',
      ours: series(times.last),
      floor: series(times.first),
      ratio: ratios(times.last, times.first),
      goal: { of: 'ratio', most: 1.1 },
      cost,
      waiting,
    },
  ];
}
