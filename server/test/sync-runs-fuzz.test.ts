import { SyncRow } from '@rollcall/contract/sync-run-shapes.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brokenInvariants } from './support/invariants.ts';
import { oddBody } from './support/odd-bodies.ts';
import { openRun } from './support/sync-runs.ts';
import { startTestServer } from './support/test-server.ts';

const RUNS = 600;
const TIMEOUT_MS = 120_000;

/** The odd bodies of a batch know of no number. */
const numbered = (body: Buffer, batch: number): Buffer =>
  Buffer.from(body.toString('latin1').replace('{"users"', `{"batch":${batch},"users"`), 'latin1');

test(
  'odd batches are taken or refused with their faults, and what was taken is planned, committed and undone',
  async () => {
    await using server = await startTestServer();
    const acme = await server.createOrganization();
    const statuses = new Map<number, number>();
    const run = await openRun(server, acme);
    const headers = { 'content-type': 'application/json' };
    await fc.assert(
      fc.asyncProperty(oddBody(Object.keys(SyncRow.properties)), fc.nat({ max: 20 }), async (body, batch) => {
        const path = `/v1/sync-runs/${run.id}/users`;
        const reply = await server.request(path, {
          method: 'POST',
          key: acme.key,
          headers,
          body: numbered(body, batch),
        });
        statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
        expect([200, 400, 413, 415]).toContain(reply.status);
      }),
      { numRuns: RUNS },
    );
    expect(statuses.get(200)).toBeGreaterThan(RUNS / 10);
    expect(statuses.get(400)).toBeGreaterThan(RUNS / 10);

    const plan = await run.plan();
    const items = await run.items();
    const { unchanged, ...others } = plan.counts;
    expect(unchanged).toBe(0);
    expect(items).toHaveLength(Object.values(others).reduce((sum, count) => sum + count, 0));
    await run.commit({ digest: plan.digest });
    expect(await brokenInvariants(server.database, acme.id)).toEqual([]);
    expect((await run.undo()).undo).toMatchObject({ leftAlone: 0 });
    expect(await brokenInvariants(server.database, acme.id)).toEqual([]);
  },
  TIMEOUT_MS,
);
