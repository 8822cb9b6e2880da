import { fileURLToPath } from 'node:url';
import { BATCH_USERS, batchesOfRound, newBodies, sampleBatches } from '../batches.ts';
import type { Dataset } from '../datasets.ts';
import { addKey } from '../keys.ts';
import { expectStatus, once } from '../load/drive.ts';
import { requestBytes } from '../load/request.ts';
import { compare, sampleLoad, sampleRequests } from '../measure.ts';
import { PAGE_USERS, randomPageRequests } from '../pages.ts';
import { startDirectus, TOKEN } from '../peers/directus.ts';
import { ready, type Target } from '../rollcall.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import { randomIntegers, ratios, series } from '../stats.ts';
import { sampleStream, streamRequest } from './stream.ts';

/** Rows of each kind that both sides have. */
const ROWS_MAX = 100_000;
const SEQUENCE = 1_000;
/** How many times fewer batches the peer is sent, so that its rounds end. */
const FEWER_BATCHES = 20;
const CLIENTS = 8;
const SLOWER_MAX = 5;
const SCIM = fileURLToPath(new URL('../peers/scim.ts', import.meta.url));

/** What others do with the same work: D for Directus and what else integrators would take. */
export const peers: readonly Scenario[] = [
  { id: 'D1', title: 'pages, batches and a stream against Directus on SQLite', group: 'peers', run: directus },
  { id: 'D2', title: 'a SCIM list against SCIMMY’s router', group: 'peers', run: scim },
];

async function directus(bench: Bench): Promise<Row[]> {
  const users = Math.min(bench.options.users, ROWS_MAX);
  const completions = Math.min(bench.options.completions, ROWS_MAX);
  await using dataset = await bench.datasets.copy(await bench.datasets.get({ users, completions }));
  await using peer = await startDirectus(bench, await bench.installPeers(), dataset);
  await using server = await bench.startServer(dataset, 'D1');
  const streams = await streamed(bench, server, peer, dataset, completions);
  return [await pages(bench, server, peer, dataset, users), ...streams, await batches(bench, server, peer, dataset)];
}

async function pages(bench: Bench, server: Target, peer: Target, dataset: Dataset, users: number): Promise<Row> {
  const random = randomIntegers(users);
  const requests = Array.from({ length: SEQUENCE }, () => {
    const page = random(Math.floor(users / PAGE_USERS)) + 1;
    return requestBytes({ path: `/items/people?limit=${PAGE_USERS}&page=${page}`, key: TOKEN });
  });
  const own = randomPageRequests(dataset, users);
  const result = await compare(
    bench,
    () => sampleRequests(bench, server, own),
    () => sampleRequests(bench, peer, requests),
  );
  const what = `random pages of ${PAGE_USERS} out of ${users} / Directus`;
  return { id: 'D1', what, unit: 'pages/s', ...result, goal: { of: 'ratio', least: 30 } };
}

async function batches(bench: Bench, server: Target, peer: Target, dataset: Dataset): Promise<Row> {
  const newcomers = { ours: newBodies(1), peer: newBodies(2) };
  const count = batchesOfRound(bench.options);
  const result = await compare(
    bench,
    () => sampleBatches(bench, server, dataset, newcomers.ours(count)),
    () => samplePeerBatches(bench, peer, newcomers.peer(Math.max(CLIENTS, Math.round(count / FEWER_BATCHES)))),
  );
  const what = `${BATCH_USERS} new users a batch, 8 clients / Directus, no history`;
  return { id: 'D1', what, unit: 'users/s', ...result, goal: { of: 'ratio', least: 20 } };
}

function samplePeerBatches(bench: Bench, peer: Target, bodies: readonly string[]) {
  const requests = bodies.map((body) => {
    const items = JSON.stringify((JSON.parse(body) as { users: object[] }).users);
    return requestBytes({ method: 'POST', path: '/items/people', key: TOKEN, body: items });
  });
  const next = once(requests, bench.options.seconds * SLOWER_MAX);
  return sampleLoad(peer, { connections: CLIENTS, next, check: expectStatus(200) }, BATCH_USERS);
}

/** The rate, and the highest memory of both since their start. */
async function streamed(bench: Bench, server: Target, peer: Target, dataset: Dataset, count: number): Promise<Row[]> {
  const headers = { Connection: 'close' };
  const request = requestBytes({ path: '/items/completions?limit=-1', key: TOKEN, headers });
  const result = await compare(
    bench,
    () => sampleStream(server, streamRequest(dataset)),
    () => sampleStream(peer, request),
  );
  const [ours, theirs] = [[server.child.memory().peak], [peer.child.memory().peak]];
  const what = `${count} completions in one answer / Directus`;
  return [
    { id: 'D1', what, unit: 'MB/s', ...result, goal: { of: 'ratio', least: 30 } },
    {
      id: 'D1',
      what: `peak memory: ${what}`,
      unit: 'MB',
      ours: series(ours),
      floor: series(theirs),
      ratio: ratios(ours, theirs),
      goal: { of: 'ratio', most: 0.2 },
    },
  ];
}

async function scim(bench: Bench): Promise<Row[]> {
  const { directory } = await bench.installPeers();
  await using dataset = await bench.datasets.copy(
    await bench.datasets.get({ users: Math.min(bench.options.users, ROWS_MAX) }),
  );
  const key = await addKey(bench, dataset, 'scim');
  await using server = await bench.startServer(dataset, 'D2');
  const child = bench.startPeer({ argv: [SCIM, directory], ipc: true });
  await using peer = await ready(child, async () => (await child.message<{ address: string }>()).address);
  const query = new URLSearchParams({ filter: 'active eq true', startIndex: '1', count: String(PAGE_USERS) });
  const result = await compare(
    bench,
    () => sampleRequests(bench, server, [requestBytes({ path: `/scim/v2/Users?${query}`, key })]),
    () => sampleRequests(bench, peer, [requestBytes({ path: `/scim/Users?${query}`, key: TOKEN })]),
  );
  const what = `SCIM list of ${PAGE_USERS} with a filter / SCIMMY’s router with ${PAGE_USERS} people in memory`;
  return [{ id: 'D2', what, unit: 'lists/s', ...result, goal: { of: 'ratio', least: 20 } }];
}
