/**
 * Stops PostgreSQL in each of its ways while batches, lists, streams and a room are under way, and starts it again:
 * `node bench/faults/postgres-restart.ts [--rounds 2] [--workers 2]`. Prints one JSON object.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createInstallation } from '../../server/test/support/program.ts';
import { addRoom, watchRoom } from './room.ts';
import { makeStorage } from './storage.ts';
import { startTraffic } from './traffic.ts';

/** Fast, immediate, and as by a crash of the machine. */
const WAYS = ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const;
const QUIET_MS = 2_000;
const DOWN_MS = 2_000;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '2' }, workers: { type: 'string', default: '1' } },
});
await using storage = await makeStorage('postgres');
const { postgres } = storage;
if (!postgres) throw new Error('there is no PostgreSQL');
await using installation = await createInstallation(storage);
const organization = await installation.createOrganization('acme');
const key = await installation.createKey(organization);
await installation.json('seed', '--org', 'acme', '--users', '2000', '--completions', '20000');
const links = await addRoom(installation, organization);
const server = await installation.serve({ LOG_LEVEL: 'silent', WORKERS: values.workers });
const traffic = startTraffic(server.address, key);
const room = await watchRoom(server.address, links);
const backMs: Record<string, object[]> = {};
for (let round = 0; round < Number(values.rounds); round++) {
  for (const way of WAYS) {
    await sleep(QUIET_MS);
    await postgres.stop(way);
    await sleep(DOWN_MS);
    await postgres.start();
    const readyAt = performance.now();
    const [wroteAt, readAt] = await Promise.all([traffic.next('writes'), traffic.next('reads')]);
    const heardAt = await room.nextMoveHeard();
    const since = (at: number) => Math.round(at - readyAt);
    backMs[way] = [...(backMs[way] ?? []), { write: since(wroteAt), read: since(readAt), room: since(heardAt) }];
  }
}
await sleep(QUIET_MS);
await traffic.stop();
await room.stop();
await using database = await installation.openDatabase();
const report = await traffic.report(database, organization);
const hasEnded = server.child.exitCode !== null;
server.child.kill('SIGTERM');
const { code, stderr } = await server.ended;
const { reconnects } = room;
process.stdout.write(`${JSON.stringify({ backMs, ...report, reconnects, hasEnded, code, stderr })}\n`);
process.exitCode = report.lost > 0 || report.wrong.length > 0 || hasEnded ? 1 : 0;
