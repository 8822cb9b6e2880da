/**
 * Fills a small file system under a running server, looks at what it answers, makes room and looks again:
 * `node bench/faults/disk-full.ts [--mebibytes 8]`, on Linux and as root, since it mounts a tmpfs.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createInstallation } from '../../server/test/support/program.ts';
import { type Reply, sendRequest } from '../../server/test/support/request.ts';

/** Of the disk, in the way until room is to be made. */
const BALLAST_BYTES = 2 * 1_048_576;
const CLIENTS = 4;
/** How long clients go on once the disk is full. */
const FULL_MS = 3_000;
/** What the refusals said. */
const envelopes = new Set<string>();
const READ_PATHS = ['/v1/users?page=0', '/v1/clusters', '/v1/completions', '/v1/users?active=true'];

const { values } = parseArgs({ options: { mebibytes: { type: 'string', default: '8' } } });
if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  throw new Error('this mounts a tmpfs: run it on Linux as root, for example in a container with CAP_SYS_ADMIN');
}

const disk = mkdtempSync(join(tmpdir(), 'rollcall-disk-'));
execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${Number(values.mebibytes)}m`, 'tmpfs', disk]);
try {
  process.stdout.write(`${JSON.stringify(await fillAndClear())}\n`);
} finally {
  execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true });
}

async function fillAndClear() {
  await using installation = await createInstallation({
    environment: { DATA_DIR: disk },
    async [Symbol.asyncDispose]() {},
  });
  const key = await installation.createKey(await installation.createOrganization('acme'));
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, new Uint8Array(BALLAST_BYTES));
  const server = await installation.serve({ LOG_LEVEL: 'error' });
  const writes: Record<number, number> = {};
  const writing = Array.from({ length: CLIENTS }, (_, client) => writeUntilFull(server.address, key, client, writes));
  const answered = (await Promise.all(writing)).reduce((sum, count) => sum + count, 0);
  const reads = await readAll(server.address, key);
  const total = await countUsers(server.address, key);
  unlinkSync(ballast);
  const clearedAt = performance.now();
  while ((await sendBatch(server.address, key, `after-${performance.now()}`)).status !== 200) await sleep(5);
  const recoveredMs = Math.round(performance.now() - clearedAt);
  server.child.kill('SIGTERM');
  const { code } = await server.ended;
  return { writes, envelopes: [...envelopes], reads, users: { answered, stored: total }, recoveredMs, exitCode: code };
}

async function writeUntilFull(address: string, key: string, client: number, writes: Record<number, number>) {
  let users = 0;
  let fullAt: number | undefined;
  for (let number = 0; fullAt === undefined || performance.now() - fullAt < FULL_MS; number++) {
    const { status, text } = await sendBatch(address, key, `${client}-${number}`);
    writes[status] = (writes[status] ?? 0) + 1;
    if (status === 200) users += 200;
    else {
      fullAt ??= performance.now();
      envelopes.add(text.replace(/req_\w+/, '…'));
    }
  }
  return users;
}

function sendBatch(address: string, key: string, name: string): Promise<Reply> {
  const users = Array.from({ length: 200 }, (_, index) => ({ remoteId: `${name}-${index}`, lastName: 'Full' }));
  return sendRequest(`${address}/v1/users/batch-upsert`, { method: 'POST', key, body: { users } });
}

async function readAll(address: string, key: string): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  for (const path of READ_PATHS) statuses[path] = (await sendRequest(address + path, { key })).status;
  return statuses;
}

async function countUsers(address: string, key: string): Promise<number> {
  const reply = await sendRequest(`${address}/v1/users?pageSize=1`, { key });
  return reply.json<{ data: { total: number } }>().data.total;
}
