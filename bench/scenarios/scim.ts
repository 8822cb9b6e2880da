import { BATCH_USERS, batchRequest, expectAllWritten, newBodies } from '../batches.ts';
import type { Template } from '../datasets.ts';
import { expectStatus, type Load, once } from '../load/drive.ts';
import { compare, type Sample, sampleLoad, sampleRequests } from '../measure.ts';
import { PAGE_USERS, randomPageRequests } from '../pages.ts';
import type { Target } from '../rollcall.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import { createScimKey, scimCreateRequest, scimListRequests } from '../scim.ts';

const CLIENTS = 8;
/** How many people a round brings in, so that it lasts about as long as asked; cut short where it takes longer. */
const PER_SECOND = 2_000;
const SLOWER_MAX = 5;
const LEAST = 0.5;

/** P15: SCIM against what does the same by the Account API, both by the same server on the same database. */
export const scim: Scenario = { id: 'P15', title: 'SCIM: lists of 200 and people made one by one', run };

async function run(bench: Bench): Promise<Row[]> {
  const { users } = bench.options;
  await using copy = await bench.datasets.copy(await bench.datasets.get({ users }));
  const scimKey = await createScimKey(bench, copy);
  await using server = await bench.startServer(copy, 'P15');
  const [key = ''] = copy.keys;
  return [
    await lists(bench, server, scimKey, randomPageRequests(copy, users)),
    await people(bench, server, scimKey, key),
  ];
}

async function lists(bench: Bench, server: Target, scimKey: string, pages: readonly Buffer[]): Promise<Row> {
  const { users } = bench.options;
  const filtered = scimListRequests(scimKey, users);
  const result = await compare(
    bench,
    () => sampleRequests(bench, server, filtered),
    () => sampleRequests(bench, server, pages),
  );
  const what = `SCIM: ${PAGE_USERS} of the active among ${users} / pages of P2`;
  return { id: 'P15', what, unit: 'lists/s', ...result, goal: { of: 'ratio', least: LEAST } };
}

async function people(bench: Bench, server: Target, scimKey: string, key: string): Promise<Row> {
  const { users, seconds } = bench.options;
  const batches = newBodies(15);
  const newcomers = () =>
    batches(Math.ceil((seconds * PER_SECOND) / BATCH_USERS)).flatMap(
      (body) => (JSON.parse(body) as { users: Template[] }).users,
    );
  const write = (request: (person: Template) => Buffer, check: Load['check']): Promise<Sample> => {
    const next = once(newcomers().map(request), seconds * SLOWER_MAX);
    return sampleLoad(server, { connections: CLIENTS, next, check, keepBodies: true });
  };
  const result = await compare(
    bench,
    () => write((person) => scimCreateRequest(scimKey, person), expectStatus(201)),
    () => write((person) => batchRequest(key, JSON.stringify({ users: [person] })), expectAllWritten),
  );
  const what = `SCIM: a new person each, ${CLIENTS} clients, ${users} there / batches of one`;
  return { id: 'P15', what, unit: 'users/s', ...result, goal: { of: 'ratio', least: LEAST } };
}
