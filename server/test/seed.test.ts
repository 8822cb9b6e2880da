import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterList } from '@rollcall/contract/clusters.ts';
import { Completion } from '@rollcall/contract/completions.ts';
import { User, type UserPage } from '@rollcall/contract/users.ts';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { completionHash } from '../domain/completion.ts';
import { findOrganization } from '../store/organizations.ts';
import { brokenInvariants } from './support/invariants.ts';
import { createInstallation, type Installation } from './support/program.ts';
import { sendRequest } from './support/request.ts';

interface Summary {
  readonly organizations: number;
  readonly users: number;
  readonly completions: number;
  readonly seconds: number;
}

interface SeededKey {
  readonly organization: string;
  readonly id: string;
  readonly key: string;
}

/** Seeds, and answers what was said and the keys that were written. */
async function seed(installation: Installation, ...options: string[]): Promise<Summary & { keys: SeededKey[] }> {
  // Beside the data directory, which is not made where the data is in PostgreSQL.
  const file = join(installation.dataDirectory, '..', 'keys.jsonl');
  const summary = await installation.json<Summary>('seed', '--keys-file', file, ...options);
  // Nobody else may read keys.
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return { ...summary, keys: lines.map((line) => JSON.parse(line) as SeededKey) };
}

/** Everything that a key reads of an organization, by a server on the seeded data. */
async function readAll(installation: Installation, { key }: SeededKey) {
  // The same address every time, since embed codes show it.
  const { address, child, ended } = await installation.serve({ PUBLIC_URL: 'https://rollcall.example.com' });
  const read = async <T>(path: string) => (await sendRequest(address + path, { key })).json<T>();
  const users: User[] = [];
  for (let page: number | null = 0; page !== null; ) {
    const { data }: UserPage = await read(`/v1/users?page=${page}`);
    users.push(...data.items);
    page = data.next;
  }
  const clusters = (await read<ClusterList>('/v1/clusters')).data.items;
  const completions = await read<Completion[]>('/v1/completions');
  child.kill('SIGTERM');
  await ended;
  return { users, clusters, completions };
}

async function faultsOf(installation: Installation, slug: string): Promise<string[]> {
  await using database = await installation.openDatabase();
  const organization = await findOrganization(slug, database.reader);
  if (!organization) throw new Error(`no organization ${slug}`);
  return await brokenInvariants(database, organization.id);
}

test('a seeded organization has as many users and completions as wanted, all as the contract describes them', async () => {
  await using installation = await createInstallation();
  const { keys, ...summary } = await seed(installation, '--org', 'bench', '--users', '5200', '--completions', '5000');
  expect(summary).toMatchObject({ organizations: 1, users: 5_200, completions: 5_000 });
  expect(keys).toMatchObject([{ organization: 'bench' }]);
  const { users, clusters, completions } = await readAll(installation, keys[0] as SeededKey);
  expect(await faultsOf(installation, 'bench')).toEqual([]);
  expect(users).toHaveLength(5_200);
  expect(users[0]?.remoteId).toBe('E0000001');
  expect(users.at(-1)?.remoteId).toBe('E0005200');
  expect(users.filter((user) => !Compile(User).Check(user))).toEqual([]);
  expect(users.filter(({ active }) => !active).length).toBeGreaterThan(50);
  expect(new Set(users.map(({ firstName, lastName }) => `${firstName} ${lastName}`)).size).toBeGreaterThan(3_000);

  expect(completions).toHaveLength(5_000);
  const form = Compile(Completion);
  const modules = new Map(clusters.map((cluster) => [cluster.clusterId, cluster.moduleId]));
  const remoteIds = new Set(users.map(({ remoteId }) => remoteId));
  for (const { hash, ...fields } of completions) {
    expect(form.Check({ hash, ...fields })).toBe(true);
    expect(completionHash(fields)).toBe(hash);
    expect(modules.get(fields.clusterId)).toBe(fields.moduleId);
    expect(remoteIds.has(fields.remoteUserId)).toBe(true);
    const minutes =
      Date.parse(fields.participantLastVisitedAt ?? '') - Date.parse(fields.participantFirstVisitedAt ?? '');
    expect(fields.attended ? fields.timeInSessionMins <= minutes / 60_000 : fields.stepsVisited === 0).toBe(true);
    expect(fields.timeInSessionMins).toBeGreaterThanOrEqual(0);
    expect(fields.stepsVisited).toBeLessThanOrEqual(fields.totalSteps);
  }
  const order = completions.map(({ sessionScheduledStartAt, id }) => sessionScheduledStartAt + id);
  expect(order).toEqual(order.toSorted());
  const seats = new Set(completions.map((c) => `${c.clusterId} ${c.sessionScheduledStartAt} ${c.remoteUserId}`));
  expect(seats.size).toBe(5_000);
  const sizes = completions.map((completion) => JSON.stringify(completion).length);
  const average = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  expect(average).toBeGreaterThan(700);
  expect(average).toBeLessThan(1_000);
});

test('the same seed gives the same data, another gives other data', async () => {
  const data = async (...options: string[]) => {
    await using installation = await createInstallation();
    const { keys } = await seed(installation, '--org', 'bench', '--users', '50', '--completions', '60', ...options);
    return await readAll(installation, keys[0] as SeededKey);
  };
  const first = await data();
  expect(await data('--seed', '1')).toEqual(first);
  const other = await data('--seed', '2');
  expect(other.users).toHaveLength(50);
  expect(other.users.map(({ id }) => id)).not.toEqual(first.users.map(({ id }) => id));
  expect(other.completions.map(({ id }) => id)).not.toEqual(first.completions.map(({ id }) => id));
});

test('seeding again adds nothing, and a higher number adds what is missing', async () => {
  await using installation = await createInstallation();
  const size = (users: number, completions: number) => ['--users', `${users}`, '--completions', `${completions}`];
  const { keys } = await seed(installation, '--org', 'bench', ...size(20, 31));
  const before = await readAll(installation, keys[0] as SeededKey);
  expect(await seed(installation, '--org', 'bench', ...size(20, 31))).toMatchObject({ users: 0, completions: 0 });
  expect(await readAll(installation, keys[0] as SeededKey)).toEqual(before);
  expect(await seed(installation, '--org', 'bench', ...size(30, 100))).toMatchObject({ users: 10, completions: 69 });
  const after = await readAll(installation, keys[0] as SeededKey);
  expect(after.users.slice(0, 20)).toEqual(before.users);
  expect(after.completions).toEqual(expect.arrayContaining(before.completions));
  expect([after.users.length, after.completions.length, after.clusters]).toEqual([30, 100, before.clusters]);
  expect(await faultsOf(installation, 'bench')).toEqual([]);
});

test('many organizations get users and a key each, and no two of them share a user', async () => {
  await using installation = await createInstallation();
  const options = ['--org', 'tenant', '--organizations', '40', '--users', '30'];
  const { keys, ...summary } = await seed(installation, ...options);
  expect(summary).toMatchObject({ organizations: 40, users: 1_200, completions: 0 });
  expect(keys.map(({ organization }) => organization)).toEqual(
    Array.from({ length: 40 }, (_, at) => `tenant-${at + 1}`),
  );
  const { address } = await installation.serve();
  const ids = new Set<string>();
  for (const { key } of keys) {
    const answer = await sendRequest(`${address}/v1/users`, { key });
    const { data } = answer.json<UserPage>();
    expect(data.total).toBe(30);
    for (const { id } of data.items) ids.add(id);
  }
  expect(ids.size).toBe(1_200);
});

test('numbers that cannot be are refused with a word about why', async () => {
  await using installation = await createInstallation();
  const refusals = [
    [['--users', '1e6'], 2, 'whole number'],
    [['--users', '5', '--completions', '1'], 1, '--users 6'],
    [['--users', '6', '--completions', '99999999'], 1, 'future'],
  ] as const;
  for (const [options, code, reason] of refusals) {
    expect(await installation.run('seed', '--org', 'bench', ...options)).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(reason),
    });
  }
});
