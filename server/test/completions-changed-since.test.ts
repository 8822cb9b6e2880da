import { randomUUID } from 'node:crypto';
import type { CompletionList } from '@rollcall/contract/completions.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { expectIssues } from './support/errors.ts';
import { addCompletions, type CompletionSettings, completionRecord } from './support/facts.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

interface Changes {
  readonly ids: string[];
  readonly cursor: string;
  readonly records: CompletionList;
}

async function read(organization: TestOrganization, query = ''): Promise<Changes> {
  const reply = await organization.get(`/v1/completions?${query}`);
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  const records = reply.json<CompletionList>();
  return { records, ids: records.map((record) => record.id), cursor: String(reply.headers['x-next-cursor']) };
}

/** A record that can be written again with other facts. */
function participant(settings: CompletionSettings = {}) {
  const fixed = { id: randomUUID(), registrationId: randomUUID(), clusterId: randomUUID(), ...settings };
  const { module } = {
    module: { id: randomUUID(), name: 'M', category: 'C', thumbnailUrl: null, description: '', duration: 60 },
  };
  return { id: fixed.id, record: (more: CompletionSettings = {}) => completionRecord({ module, ...fixed, ...more }) };
}

describe('X-Next-Cursor', () => {
  test('comes with every answer, also an empty one, and is opaque text fit for a URL', async () => {
    const acme = await server.createOrganization();
    const { cursor, ids } = await read(acme);
    expect(ids).toEqual([]);
    expect(cursor).toMatch(/^[\w-]+$/);
    expect((await read(acme, `changedSince=${cursor}`)).ids).toEqual([]);
  });

  test('brings only what is new or has another hash: nothing missed, nothing twice', async () => {
    const acme = await server.createOrganization();
    const [ann, bob, cleo] = [participant(), participant(), participant()] as const;
    const start = await read(acme);
    await addCompletions(server, acme, [ann.record(), bob.record()]);
    const first = await read(acme, `changedSince=${start.cursor}`);
    expect(new Set(first.ids)).toEqual(new Set([ann.id, bob.id]));
    await addCompletions(server, acme, [ann.record({ totalSteps: 11 }), bob.record(), cleo.record()]);
    const second = await read(acme, `changedSince=${first.cursor}`);
    expect(new Set(second.ids)).toEqual(new Set([ann.id, cleo.id]));
    expect(second.records.find((record) => record.id === ann.id)?.totalSteps).toBe(11);
    expect((await read(acme, `changedSince=${second.cursor}`)).ids).toEqual([]);
  });

  test('of a whole list continues where that list ends', async () => {
    const acme = await server.createOrganization();
    const [ann, bob] = [participant(), participant()] as const;
    await addCompletions(server, acme, [ann.record()]);
    const whole = await read(acme);
    await addCompletions(server, acme, [bob.record({ startAt: '2001-01-01T00:00:00Z' })]);
    expect((await read(acme, `changedSince=${whole.cursor}`)).ids).toEqual([bob.id]);
  });

  test('can be used again and again: it does not expire', async () => {
    const acme = await server.createOrganization();
    const { cursor } = await read(acme);
    const [ann, bob] = [participant(), participant()] as const;
    await addCompletions(server, acme, [ann.record()]);
    await addCompletions(server, acme, [bob.record()]);
    server.clock.advance(400 * 24 * 3_600_000);
    expect((await read(acme, `changedSince=${cursor}`)).ids).toEqual([ann.id, bob.id]);
    expect((await read(acme, `changedSince=${cursor}`)).ids).toEqual([ann.id, bob.id]);
  });

  test('brings a record that changed several times once, as it stands', async () => {
    const acme = await server.createOrganization();
    const { cursor } = await read(acme);
    const ann = participant();
    for (const totalSteps of [10, 11, 12]) await addCompletions(server, acme, [ann.record({ totalSteps })]);
    expect((await read(acme, `changedSince=${cursor}`)).records).toMatchObject([{ id: ann.id, totalSteps: 12 }]);
  });

  test('follows a record whose session was moved, and the whole list shows it once', async () => {
    const acme = await server.createOrganization();
    const ann = participant();
    await addCompletions(server, acme, [ann.record({ startAt: '2024-06-15T14:00:00Z' })]);
    const { cursor } = await read(acme);
    await addCompletions(server, acme, [ann.record({ startAt: '2024-06-16T09:00:00Z' })]);
    expect((await read(acme, `changedSince=${cursor}`)).ids).toEqual([ann.id]);
    expect((await read(acme)).records).toMatchObject([{ id: ann.id, sessionScheduledStartAt: '2024-06-16T09:00:00Z' }]);
  });

  test('keeps up over thousands of changes in small and large steps', async () => {
    const acme = await server.createOrganization();
    const mirror = new Map<string, string>();
    const seen: string[] = [];
    let { cursor } = await read(acme);
    const people = Array.from({ length: 300 }, () => participant());
    for (const size of [1, 127, 128, 129, 300, 0, 257]) {
      await addCompletions(
        server,
        acme,
        people.slice(0, size).map((person) => person.record({ totalSteps: 10 + size })),
      );
      const changes = await read(acme, `changedSince=${cursor}`);
      for (const { id, hash } of changes.records) mirror.set(id, hash);
      expect(new Set(changes.ids).size).toBe(changes.ids.length);
      seen.push(`${changes.ids.length}`);
      cursor = changes.cursor;
    }
    expect(seen).toEqual(['1', '127', '128', '129', '300', '0', '257']);
    const { records } = await read(acme);
    expect(new Map(records.map(({ id, hash }) => [id, hash]))).toEqual(mirror);
  });

  test('misses nothing that is written while it is read', async () => {
    const acme = await server.createOrganization();
    const people = Array.from({ length: 400 }, () => participant());
    await addCompletions(
      server,
      acme,
      people.slice(0, 200).map((person) => person.record()),
    );
    const found = new Set<string>();
    let { cursor, ids } = await read(acme);
    for (const id of ids) found.add(id);
    const writing = (async () => {
      for (const person of people.slice(200)) await addCompletions(server, acme, [person.record()]);
    })();
    for (let round = 0; round < 10; round++) {
      ({ cursor, ids } = await read(acme, `changedSince=${cursor}`));
      for (const id of ids) {
        expect(found).not.toContain(id);
        found.add(id);
      }
    }
    await writing;
    for (const id of (await read(acme, `changedSince=${cursor}`)).ids) found.add(id);
    expect(found).toEqual(new Set(people.map((person) => person.id)));
  });
});

describe('changedSince with other filters', () => {
  test('brings only the changes that pass all of them', async () => {
    const acme = await server.createOrganization();
    const { cursor } = await read(acme);
    const clusterId = randomUUID();
    const [a, b, c, d] = [
      participant({ clusterId, remoteUserId: 'E1', startAt: '2024-06-01T08:00:00Z' }),
      participant({ clusterId, remoteUserId: 'E2', startAt: '2024-06-02T08:00:00Z' }),
      participant({ remoteUserId: 'E1', startAt: '2024-06-03T08:00:00Z' }),
      participant({ clusterId, remoteUserId: 'E1', startAt: '2024-06-04T08:00:00Z' }),
    ] as const;
    await addCompletions(server, acme, [d.record(), c.record(), b.record(), a.record()]);
    const since = `changedSince=${cursor}`;
    expect((await read(acme, `${since}&clusterId=${clusterId}`)).ids).toEqual([d.id, b.id, a.id]);
    expect((await read(acme, `${since}&clusterId=${clusterId}&remoteUserId=E1`)).ids).toEqual([d.id, a.id]);
    expect((await read(acme, `${since}&from=2024-06-02T08:00:00Z&to=2024-06-04T08:00:00Z`)).ids).toEqual([c.id, b.id]);
    const later = await read(acme, `${since}&remoteUserId=E2`);
    expect((await read(acme, `changedSince=${later.cursor}&remoteUserId=E2`)).ids).toEqual([]);
  });
});

describe('a cursor', () => {
  test.each(['x', '0', '-1', 'MS4x', 'null', '%00', 'a'.repeat(5_000), '1.1.1'])(
    'that the server never gave is refused: %s',
    async (cursor) => {
      const acme = await server.createOrganization();
      expect(expectIssues(await acme.get(`/v1/completions?changedSince=${cursor}`))).toEqual([
        expect.stringMatching(/^changedSince: /),
      ]);
    },
  );

  test('that is empty is refused', async () => {
    const acme = await server.createOrganization();
    expect(expectIssues(await acme.get('/v1/completions?changedSince='))).toEqual(['changedSince: must not be empty']);
  });

  test('ahead of the latest change is refused: a restored backup has lost what it stands for', async () => {
    const acme = await server.createOrganization();
    await addCompletions(server, acme, [participant().record()]);
    const { cursor } = await read(acme);
    await server.database.transaction(null, (transaction) =>
      transaction.kysely
        .updateTable('organizations')
        .set({ completions_change_last: 0 })
        .where('id', '=', acme.id)
        .execute(),
    );
    expect(expectIssues(await acme.get(`/v1/completions?changedSince=${cursor}`))).toEqual([
      expect.stringMatching(/^changedSince: is not a cursor of this organization/),
    ]);
  });

  test('of another organization is refused like one that nobody gave', async () => {
    const acme = await server.createOrganization();
    const other = await server.createOrganization();
    for (const organization of [acme, other]) await addCompletions(server, organization, [participant().record()]);
    const foreign = expectIssues(await acme.get(`/v1/completions?changedSince=${(await read(other)).cursor}`));
    const invented = expectIssues(await acme.get('/v1/completions?changedSince=invented'));
    expect(foreign).toEqual(invented);
    expect(foreign).toEqual([expect.stringMatching(/^changedSince: is not a cursor of this organization/)]);
  });
});

test('changes that a filter leaves out, however many lie between, make neither gaps nor commas', async () => {
  const acme = await server.createOrganization();
  const clusterId = randomUUID();
  const wanted = Array.from({ length: 3 }, () => participant({ clusterId }));
  const others = (count: number) => Array.from({ length: count }, () => participant().record());
  const start = await read(acme);
  for (const one of wanted) await addCompletions(server, acme, [...others(300), one.record()]);
  await addCompletions(server, acme, others(300));
  const changes = await read(acme, `changedSince=${start.cursor}&clusterId=${clusterId}`);
  expect(changes.ids).toEqual(wanted.map(({ id }) => id));
  expect((await read(acme, `changedSince=${start.cursor}&remoteUserId=nobody`)).ids).toEqual([]);
  expect(new Set((await read(acme, `clusterId=${clusterId}`)).ids)).toEqual(new Set(wanted.map(({ id }) => id)));
});
