import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createInstallation, type Installation } from './support/program.ts';
import { sendRequest } from './support/request.ts';

interface Verdict {
  readonly organizations: number;
  readonly rows: number;
  readonly applied: readonly string[];
  readonly changedSince: { organization: string; table: string; from: { rows: number }; to: { rows: number } }[] | null;
}

/** A directory for backups. */
async function makeFolder() {
  const path = await mkdtemp(join(tmpdir(), 'rollcall-backups-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Installs users by a running server, batch after batch, until told to stop; answers how many were acknowledged. */
function keepWriting(address: string, key: string) {
  let isOver = false;
  let acknowledged = 0;
  const running = (async () => {
    for (let batch = 0; !isOver; batch++) {
      const users = Array.from({ length: 50 }, (_, index) => ({ remoteId: `${batch}-${index}` }));
      const reply = await sendRequest(`${address}/v1/users/batch-upsert`, { method: 'POST', key, body: { users } });
      expect(reply.status).toBe(200);
      acknowledged += users.length;
    }
  })();
  return {
    acknowledged: () => acknowledged,
    async stop() {
      isOver = true;
      await running;
    },
  };
}

async function usersOf(installation: Installation): Promise<number> {
  const [acme] = await installation.json<{ usersTotal: number }[]>('org', 'list');
  return acme?.usersTotal ?? 0;
}

test('a backup made while the server writes holds all that was answered before it began, and nothing half', async () => {
  await using installation = await createInstallation();
  await using folder = await makeFolder();
  const key = await installation.createKey(await installation.createOrganization('acme'));
  const server = await installation.serve();
  const writing = keepWriting(server.address, key);
  while (writing.acknowledged() < 200) await sleep(5);
  const before = writing.acknowledged();
  const file = join(folder.path, 'one.db');
  expect(await installation.json('backup', file)).toEqual({ file, bytes: (await stat(file)).size });
  await writing.stop();
  const { changedSince, organizations } = await installation.json<Verdict>('backup', '--verify', file);
  expect(organizations).toBe(1);
  const users = changedSince?.find(({ table }) => table === 'users');
  expect(users?.to.rows ?? writing.acknowledged()).toBe(writing.acknowledged());
  const held = users?.from.rows ?? writing.acknowledged();
  expect(held).toBeGreaterThanOrEqual(before);
  expect(held % 50).toBe(0);
  expect(await readdir(folder.path)).toEqual(['one.db']);
});

test('a backup put in the place of the data is the data again', async () => {
  await using installation = await createInstallation();
  await using folder = await makeFolder();
  await installation.createOrganization('acme');
  const file = join(folder.path, 'one.db');
  await installation.json('backup', file);
  await installation.createOrganization('later');
  await rm(installation.dataDirectory, { recursive: true });
  await installation.createOrganization('other');
  for (const name of await readdir(installation.dataDirectory)) await rm(join(installation.dataDirectory, name));
  await writeFile(join(installation.dataDirectory, 'rollcall.db'), await readFile(file));
  expect(await installation.json<{ slug: string }[]>('org', 'list')).toMatchObject([{ slug: 'acme' }]);
  expect(await usersOf(installation)).toBe(0);
});

test('a check tells what has changed since by organization and table, and that nothing has', async () => {
  await using installation = await createInstallation();
  await using folder = await makeFolder();
  await installation.createOrganization('acme');
  const file = join(folder.path, 'one.db');
  await installation.json('backup', file);
  const same = await installation.run('backup', '--verify', file);
  expect(same.code).toBe(0);
  expect(same.stdout).toMatch(/can be restored.*\n.*holds what the data holds now/);
  await installation.run('key', 'create', '--org', 'acme', '--name', 'new');
  await installation.run('org', 'set', 'acme', '--name', 'Renamed');
  const { code, stdout } = await installation.run('backup', '--verify', file);
  expect(code).toBe(0);
  expect(stdout).toContain('acme: api_keys: 0 rows then, 1 now');
  expect(stdout).toContain('acme: organizations: 1 rows, of which some have changed');
});

test('a file that is there is not replaced unless one says so', async () => {
  await using installation = await createInstallation();
  await using folder = await makeFolder();
  await installation.createOrganization('acme');
  const file = join(folder.path, 'one.db');
  await writeFile(file, 'precious');
  const refused = await installation.run('backup', file);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^rollcall: .*there already.*--force\n$/);
  expect(await readFile(file, 'utf8')).toBe('precious');
  expect((await installation.run('backup', file, '--force')).code).toBe(0);
  expect((await installation.run('backup', '--verify', file)).code).toBe(0);
});

test('a backup is for the eyes of its owner', async () => {
  await using installation = await createInstallation();
  await using folder = await makeFolder();
  await installation.createOrganization('acme');
  const file = join(folder.path, 'one.db');
  await installation.run('backup', file);
  expect((await stat(file)).mode & 0o077).toBe(0);
});

test('a directory that is not there, and data that is not there, are told in one line', async () => {
  await using installation = await createInstallation();
  await using folder = await makeFolder();
  const none = await installation.run('backup', join(folder.path, 'one.db'));
  expect(none).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^rollcall: there is no data in .*DATA_DIR.*\n$/),
  });
  await installation.createOrganization('acme');
  const file = join(folder.path, 'missing', 'one.db');
  const lost = await installation.run('backup', file);
  expect(lost).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^rollcall: cannot back up to .*directory.*\n$/),
  });
  expect(existsSync(file)).toBe(false);
});

test('a backup that is cut off, changed on the disk, no database or none of ours is refused, with what it is', async () => {
  await using installation = await createInstallation();
  await using folder = await makeFolder();
  const key = await installation.createKey(await installation.createOrganization('acme'));
  await using server = await serveFor(installation);
  const writing = keepWriting(server.address, key);
  while (writing.acknowledged() < 1_000) await sleep(5);
  await writing.stop();
  const [cut, changed, text, foreign] = ['cut', 'changed', 'text', 'foreign'].map((name) => join(folder.path, name));
  for (const file of [cut, changed] as string[]) await installation.run('backup', file);
  await truncate(cut as string, (await stat(cut as string)).size - 40_000);
  const bytes = await readFile(changed as string);
  bytes.fill(0x5a, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 60_000);
  await writeFile(changed as string, bytes);
  await writeFile(text as string, 'no database, only a text of some length'.repeat(100));
  await writeFile(foreign as string, '');
  for (const file of [cut, changed, text, foreign] as string[]) {
    const { code, stderr } = await installation.run('backup', '--verify', file);
    expect({ file, code }).toEqual({ file, code: 1 });
    expect(stderr).toMatch(/^rollcall: \S+ (is damaged|is no backup|is a database, but not one of Rollcall)[^\n]*\n$/);
  }
});

async function serveFor(installation: Installation) {
  const { address, child, ended } = await installation.serve();
  return {
    address,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

test('a check of a backup writes nothing into the data', async () => {
  await using installation = await createInstallation();
  await using folder = await makeFolder();
  await installation.createOrganization('acme');
  const file = join(folder.path, 'one.db');
  await installation.run('backup', file);
  const before = await readFile(file);
  await rm(installation.dataDirectory, { recursive: true });
  const { changedSince } = await installation.json<Verdict>('backup', '--verify', file);
  expect(changedSince).toBe(null);
  expect(existsSync(installation.dataDirectory)).toBe(false);
  expect(await readFile(file)).toEqual(before);
});

test('the row of a lost parent is found', async () => {
  await using installation = await createInstallation();
  await using folder = await makeFolder();
  await installation.createKey(await installation.createOrganization('acme'));
  const file = join(folder.path, 'one.db');
  await installation.run('backup', file);
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  database.exec('delete from organizations');
  database.close();
  const { code, stderr } = await installation.run('backup', '--verify', file);
  expect(code).toBe(1);
  expect(stderr).toMatch(/a row of events points to a row of organizations that is not there/);
});

test('with PostgreSQL it says what to use instead', async () => {
  await using installation = await createInstallation();
  const environment = { DATABASE_URL: 'postgres://rollcall@127.0.0.1:1/rollcall' };
  const { code, stderr } = await installation.runWith(environment, 'backup', 'one.db');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^rollcall: .*pg_dump.*pg_basebackup.*\n$/);
});
