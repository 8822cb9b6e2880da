import { writeFile } from 'node:fs/promises';
import { compare, sampleRequests } from '../measure.ts';
import { fetchBodies, randomPageRequests } from '../pages.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';

/** Pages that the floor has ready. */
const PREBUILT = 64;

/** P2: random pages of 200 out of all users, against node:http sending pages of the same bytes, ready-made. */
export const randomPages: Scenario = { id: 'P2', title: 'random pages of 200', run };

async function run(bench: Bench): Promise<Row[]> {
  const { users } = bench.options;
  const dataset = await bench.datasets.get({ users });
  const requests = randomPageRequests(dataset, users);
  await using server = await bench.startServer(dataset, 'P2');
  const file = bench.datasets.scratch('pages.jsonl');
  await writeFile(file, (await fetchBodies(server, requests.slice(0, PREBUILT))).join('\n'));
  await using floor = await bench.startHttpFloor('pages', file);
  const result = await compare(
    bench,
    () => sampleRequests(bench, server, requests),
    () => sampleRequests(bench, floor, requests),
  );
  const what = `random pages of 200 out of ${users} / the same bytes prebuilt`;
  return [{ id: 'P2', what, unit: 'pages/s', ...result, goal: { of: 'ratio', least: 0.4 } }];
}
