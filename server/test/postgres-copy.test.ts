import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { upsertUsers } from '../actions/batch-users.ts';
import { createApiKey } from '../actions/create-api-key.ts';
import { createOrganization } from '../actions/create-organization.ts';
import { makeDemo } from '../demo/make-demo.ts';
import { copyDatabase } from '../store/copy.ts';
import type { Database } from '../store/database.ts';
import { openDatabase } from '../store/open-database.ts';
import { openSqlite } from '../store/sqlite.ts';
import { createStorage } from './support/engine.ts';
import { createInstallation, type Installation } from './support/program.ts';
import { sendRequest } from './support/request.ts';

const QUIET = { source: 'the tests’ own', onTotal: () => {}, onCopied: () => {} };
const ONCE = { dryRun: false, idempotency: null } as const;

/** A data directory of SQLite that is not there yet. */
async function makeFolder() {
  const path = await mkdtemp(join(tmpdir(), 'rollcall-copy-'));
  return { path, data: join(path, 'data'), [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A migrated SQLite database and an empty PostgreSQL one. */
async function openPair() {
  const folder = await makeFolder();
  const storage = await createStorage({ migrated: true });
  const url = storage.environment.DATABASE_URL as string;
  const from = openSqlite(folder.data);
  const postgres = { url, readUrl: null, poolSize: 3, statementTimeoutMs: 60_000 };
  const to = await openDatabase({ dataDirectory: '', postgres });
  await from.migrate();
  return {
    from,
    to,
    async [Symbol.asyncDispose]() {
      await from[Symbol.asyncDispose]();
      await to[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** An organization of so many users. */
async function addOrganization(database: Database, slug: string, users: number): Promise<void> {
  const context = { database, now: Date.now };
  const { id } = await createOrganization(context, { slug, name: slug });
  await createApiKey(context, id, { name: 'key', scopes: ['users:read'], expiresAt: null });
  for (let from = 0; from < users; from += 200) {
    const templates = Array.from({ length: Math.min(200, users - from) }, (_, index) => ({
      remoteId: `E${from + index}`,
      lastName: `Ünïcode "${from + index}" \\ 😀`,
    }));
    await upsertUsers(context, id, templates, ONCE);
  }
}

async function addUser({ from: database }: { readonly from: Database }, slug: string): Promise<void> {
  const { id } = await database.reader.kysely
    .selectFrom('organizations')
    .select('id')
    .where('slug', '=', slug)
    .executeTakeFirstOrThrow();
  await upsertUsers({ database, now: Date.now }, id, [{ remoteId: 'late' }], ONCE);
}

async function countUsers({ reader }: Database): Promise<number> {
  const row = await reader.kysely
    .selectFrom('users')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** What the API answers with the demo's key, byte for byte. */
async function answers(
  installation: Installation,
  environment: Record<string, string>,
  key: string,
): Promise<string[]> {
  const server = await installation.serve(environment);
  const paths = ['/v1/users?pageSize=200', '/v1/clusters', '/v1/completions', '/v1/users?active=false'];
  const replies = await Promise.all(paths.map((path) => sendRequest(server.address + path, { key })));
  server.child.kill('SIGTERM');
  await server.ended;
  for (const { status } of replies) expect(status).toBe(200);
  return replies.map(({ text }) => text);
}

test('what is copied to the other engine and back again is answered as before, with the same keys', async () => {
  await using installation = await createInstallation();
  await using folder = await makeFolder();
  await using empty = await createStorage({ migrated: false });
  const url = empty.environment.DATABASE_URL as string;
  await using database = await installation.openDatabase();
  await database.migrate();
  const demo = await makeDemo({ database, now: Date.now }, 'https://rollcall.example');
  const key = demo?.key ?? '';
  const before = await answers(installation, { PUBLIC_URL: 'https://rollcall.example' }, key);
  const own = installation.environment.DATABASE_URL as string;

  const there = await installation.run('copy', '--from', own, '--to', `sqlite:${folder.data}`);
  expect(there).toMatchObject({ code: 0, stdout: expect.stringContaining('the same counts and digests') });
  const onSqlite = { PUBLIC_URL: 'https://rollcall.example', DATABASE_URL: '', DATA_DIR: folder.data };
  expect(await answers(installation, onSqlite, key)).toEqual(before);

  const back = await installation.run('copy', '--from', `sqlite:${folder.data}`, '--to', url, '--json');
  expect(back.code).toBe(0);
  expect(JSON.parse(back.stdout)).toMatchObject({ organizations: 1 });
  const onPostgres = { PUBLIC_URL: 'https://rollcall.example', DATABASE_URL: url };
  expect(await answers(installation, onPostgres, key)).toEqual(before);

  const created = await installation.runWith({ DATABASE_URL: url }, 'org', 'create', 'next', '--name', 'Next');
  expect(created.code).toBe(0);
});

test('a copy that is broken off goes on where it was, and is whole in the end', async () => {
  await using pair = await openPair();
  await addOrganization(pair.from, 'acme', 4_500);
  await addOrganization(pair.from, 'other', 300);
  let copied = 0;
  const breakOff = copyDatabase(pair.from, pair.to, {
    ...QUIET,
    onCopied: (rows) => {
      copied += rows;
      if (copied > 2_000) throw new Error('broken off');
    },
  });
  await expect(breakOff).rejects.toThrow('broken off');
  const before = await countUsers(pair.to);
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(4_800);
  let again = 0;
  let total = 0;
  const comparison = await copyDatabase(pair.from, pair.to, {
    ...QUIET,
    onTotal: (rows) => {
      total = rows;
    },
    onCopied: (rows) => {
      again += rows;
    },
  });
  expect(comparison).toMatchObject({ organizations: 2, differences: [] });
  expect(copied + again).toBe(total);
  expect(await countUsers(pair.to)).toBe(4_800);
});

test('nobody writes to the source while it is copied; who tries is served afterwards', async () => {
  await using pair = await openPair();
  await addOrganization(pair.from, 'acme', 10);
  let writing: Promise<void> | undefined;
  const comparison = await copyDatabase(pair.from, pair.to, {
    ...QUIET,
    onTotal: () => {
      writing = addUser(pair, 'acme');
    },
  });
  await writing;
  expect(comparison.differences).toEqual([]);
  expect([await countUsers(pair.from), await countUsers(pair.to)]).toEqual([11, 10]);
});

test('a source that changed while the copy was broken off is noticed, by organization and table', async () => {
  await using pair = await openPair();
  await addOrganization(pair.from, 'acme', 10);
  await addOrganization(pair.from, 'other', 10);
  let copied = 0;
  const breakOff = copyDatabase(pair.from, pair.to, {
    ...QUIET,
    onCopied: (rows) => {
      copied += rows;
      if (copied > 20) throw new Error('broken off');
    },
  });
  await expect(breakOff).rejects.toThrow('broken off');
  await addUser(pair, 'acme');
  const { differences } = await copyDatabase(pair.from, pair.to, QUIET);
  expect(differences.length).toBeGreaterThan(0);
  expect(new Set(differences.map(({ organization }) => organization))).toEqual(new Set(['acme']));
});

test('a target that is not empty, or holds half of another copy, is refused and stays as it is', async () => {
  await using pair = await openPair();
  await addOrganization(pair.from, 'acme', 10);
  const breakOff = copyDatabase(pair.from, pair.to, {
    ...QUIET,
    onCopied: () => {
      throw new Error('broken off');
    },
  });
  await expect(breakOff).rejects.toThrow('broken off');
  await expect(copyDatabase(pair.from, pair.to, { ...QUIET, source: 'another' })).rejects.toThrow('half-done copy');
  expect((await copyDatabase(pair.from, pair.to, QUIET)).differences).toEqual([]);
  await expect(copyDatabase(pair.from, pair.to, QUIET)).rejects.toThrow('not empty');
  expect(await countUsers(pair.to)).toBe(10);
});

test.each([
  [['--from', 'sqlite:/nowhere/at/all', '--to', 'postgres://rollcall@127.0.0.1/x'], 1, /no data in \/nowhere/],
  [['--from', 'mysql://127.0.0.1/x', '--to', 'sqlite:/tmp/x'], 2, /--from must be sqlite:DIRECTORY or postgres:/],
  [['--from', 'sqlite:/tmp/x', '--to', 'postgres://127.0.0.1'], 2, /--to must be sqlite:DIRECTORY or postgres:/],
  [['--from', 'sqlite:/tmp/x', '--to', 'sqlite:/tmp/../tmp/x'], 2, /name the same database/],
  [['--from', 'sqlite:/tmp/x'], 2, /required option '--to/],
])('rollcall copy %j is refused in one line', async (options, code, message) => {
  await using installation = await createInstallation();
  const outcome = await installation.run('copy', ...options);
  expect(outcome).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
  expect(outcome.stderr).toMatch(/^rollcall: /);
});
