import { setTimeout as sleep } from 'node:timers/promises';
import type { SyncPlan, SyncRun } from '@rollcall/contract/sync-run-shapes.ts';
import type { UserPage } from '@rollcall/contract/users.ts';
import { expect, test } from 'vitest';
import { brokenInvariants } from './support/invariants.ts';
import { createInstallation } from './support/program.ts';
import { type Reply, sendRequest } from './support/request.ts';

const ROWS = 4_000;
const BATCH = 200;
const KILLS = 7;
const TIMEOUT_MS = 240_000;

const batches = Array.from({ length: ROWS / BATCH }, (_, batch) => ({
  batch,
  users: Array.from({ length: BATCH }, (_row, index) => {
    const row = batch * BATCH + index;
    return { row, remoteId: `E${row}`, firstName: `First ${row}`, email: `e${row}@example.com` };
  }),
}));

type Ask = (method: string, path: string, body?: unknown) => Promise<Reply>;

/** What an integrator's program does each night, and does again after whatever went wrong; answers the committed run. */
async function sync(ask: Ask): Promise<SyncRun> {
  const opened = await ask('POST', '/v1/sync-runs', { label: 'tonight' });
  const open = opened.json<{ data?: SyncRun; error?: { metadata: { runId?: string } } }>();
  const path = `/v1/sync-runs/${open.data?.id ?? open.error?.metadata.runId}`;
  for (const batch of batches) await dataOf(await ask('POST', `${path}/users`, batch));
  const plan = dataOf<SyncPlan>(await ask('GET', `${path}/plan`));
  return dataOf(await ask('POST', `${path}/commit`, { digest: plan.digest }));
}

function dataOf<T>(reply: Reply): T {
  if (reply.status !== 200) throw new Error(`answered ${reply.status}: ${reply.text}`);
  return reply.json<{ data: T }>().data;
}

test(
  'a sync that is killed at any moment is gone on with, and its users are there all at once or not at all',
  async () => {
    await using installation = await createInstallation();
    const organization = await installation.createOrganization('acme');
    const key = await installation.createKey(organization);
    let done: SyncRun | null = null;
    for (let kill = 0; done === null; kill++) {
      const server = await installation.serve();
      const ask: Ask = (method, path, body) =>
        sendRequest(server.address + path, { method, key, ...(body !== undefined && { body }) });
      const working = sync(ask).catch((error: unknown) => error);
      const { total } = dataOf<UserPage['data']>(await ask('GET', '/v1/users?pageSize=1'));
      expect([0, ROWS]).toContain(total);
      // Each server lives longer than the one before, so that every step is cut off at some time.
      if (kill < KILLS) await Promise.race([sleep(60 * (kill + 1)), working]);
      else done = (await working) as SyncRun;
      server.child.kill('SIGKILL');
      await server.ended;
      await working;
    }
    expect(done).toMatchObject({ state: 'committed' });
    await using database = await installation.openDatabase();
    expect(await brokenInvariants(database, organization)).toEqual([]);

    const server = await installation.serve();
    const list = await sendRequest(`${server.address}/v1/sync-runs`, { key });
    const { items } = dataOf<{ items: SyncRun[] }>(list);
    expect(items.filter(({ result }) => result && result.create > 0).map(({ result }) => result?.create)).toEqual([
      ROWS,
    ]);
    server.child.kill('SIGKILL');
    await server.ended;
  },
  TIMEOUT_MS,
);
