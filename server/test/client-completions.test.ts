import { randomUUID } from 'node:crypto';
import { InvalidRequestError, Rollcall } from '@rollcall/client';
import { afterAll, expect, test } from 'vitest';
import { addCluster, addCompletions, completionRecord } from './support/facts.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const START = Date.parse('2024-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;

async function createClient(
  count: number,
): Promise<{ organization: TestOrganization; rollcall: Rollcall; ids: string[] }> {
  const organization = await server.createOrganization();
  const records = Array.from({ length: count }, (_, index) =>
    completionRecord({
      remoteUserId: `],"}[${index}€`,
      startAt: new Date(START + index * HOUR_MS).toISOString(),
      registrationId: randomUUID(),
    }),
  );
  await addCompletions(server, organization, records);
  const rollcall = new Rollcall({ url: server.address, key: organization.key, retries: 0 });
  return { organization, rollcall, ids: records.map(({ id }) => id) };
}

test('completions.list gives every record of a long stream, in order', async () => {
  const { rollcall, ids } = await createClient(1_300);
  const met: string[] = [];
  for await (const { id } of rollcall.completions.list()) met.push(id);
  expect(met).toEqual(ids);
});

test('completions.list takes moments as text and as Date, and an empty list is one', async () => {
  const { rollcall, ids } = await createClient(5);
  const from = new Date(START + HOUR_MS);
  const to = new Date(START + 3 * HOUR_MS).toISOString();
  const met: string[] = [];
  for await (const { id } of rollcall.completions.list({ from, to })) met.push(id);
  expect(met).toEqual(ids.slice(1, 3));
  expect(await Array.fromAsync(rollcall.completions.list({ from: '2030-01-01T00:00:00Z' }))).toEqual([]);
});

test('the cursor is there once all was read, and brings what changed since', async () => {
  const { organization, rollcall } = await createClient(3);
  const all = rollcall.completions.list();
  for await (const _ of all) expect(all.nextCursor).toBeNull();
  const changedSince = all.nextCursor;
  if (changedSince === null) throw new Error('no cursor');

  const later = completionRecord({ startAt: '2024-02-01T00:00:00Z' });
  await addCompletions(server, organization, [later]);
  const changed = await Array.fromAsync(rollcall.completions.list({ changedSince }));
  expect(changed.map(({ id }) => id)).toEqual([later.id]);
});

test('a list that the reader leaves early has no cursor, and the client goes on working', async () => {
  const { rollcall, ids } = await createClient(600);
  const all = rollcall.completions.list();
  for await (const { id } of all) {
    expect(id).toBe(ids[0]);
    break;
  }
  expect(all.nextCursor).toBeNull();
  expect(await Array.fromAsync(all)).toHaveLength(600);
});

test('completions.download gives the file as the server writes it', async () => {
  const { rollcall, ids } = await createClient(3);
  const csv = rollcall.completions.download('csv');
  const text = Buffer.concat(await Array.fromAsync(csv)).toString();
  expect(text.trimEnd().split('\r\n')).toHaveLength(4);
  expect(csv.nextCursor).not.toBeNull();
  const lines = Buffer.concat(await Array.fromAsync(rollcall.completions.download('ndjson'))).toString();
  expect(
    lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id),
  ).toEqual(ids);
});

test('a refused query is an error with its place', async () => {
  const { rollcall } = await createClient(0);
  const reading = Array.fromAsync(rollcall.completions.list({ from: '2024-06-31T00:00:00Z' }));
  const refusal = await reading.catch((error) => error);
  expect(refusal).toBeInstanceOf(InvalidRequestError);
  expect(refusal.issues).toMatchObject([{ parameter: 'from' }]);
});

test('clusters.list gives what is on offer', async () => {
  const { organization, rollcall } = await createClient(0);
  const clusterId = await addCluster(server, organization, { selfRegistration: true });
  expect(await rollcall.clusters.list({ from: new Date(0) })).toMatchObject([{ clusterId }]);
});
