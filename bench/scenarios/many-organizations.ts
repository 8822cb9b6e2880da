import { listUsers } from '@rollcall/contract/users.ts';
import { requestBytes } from '../load/request.ts';
import { compare, sampleRequests } from '../measure.ts';
import { PAGE_USERS, randomPageRequests } from '../pages.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import { randomIntegers } from '../stats.ts';

const SEQUENCE = 100_000;

/** P4: pages of organizations taken at random, each with a key of its own, against random pages with one key. */
export const manyOrganizations: Scenario = { id: 'P4', title: 'a random organization each time', run };

async function run(bench: Bench): Promise<Row[]> {
  const { users, organizations } = bench.options;
  const many = await bench.datasets.get({ organizations, users: PAGE_USERS });
  const one = await bench.datasets.get({ users });
  const pages = many.keys.map((key) => requestBytes({ path: `${listUsers.path}?page=0`, key }));
  const random = randomIntegers(organizations);
  const randomKeys = Array.from({ length: SEQUENCE }, () => pages[random(pages.length)] as Buffer);
  const oneKey = randomPageRequests(one, users);
  await using server = await bench.startServer(many, 'P4');
  await using floor = await bench.startServer(one, 'P4-one-key');
  const result = await compare(
    bench,
    () => sampleRequests(bench, server, randomKeys),
    () => sampleRequests(bench, floor, oneKey),
  );
  const what = `pages of 200, ${organizations} organizations, a random key each / P2 with one key`;
  return [{ id: 'P4', what, unit: 'pages/s', ...result, goal: { of: 'ratio', least: 0.95 } }];
}
