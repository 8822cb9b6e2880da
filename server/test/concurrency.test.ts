import type { BatchResult, User, UserPage, UserRef, UserTemplate } from '@rollcall/contract/users.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listEventsAfter } from '../store/events.ts';
import { brokenInvariants } from './support/invariants.ts';
import { storedEvents } from './support/rows.ts';
import { startTestServer, type TestOrganization, type TestServer } from './support/test-server.ts';
import { readPage, upsertUsers } from './support/users.ts';

const CLIENTS = 8;
const BATCHES_MAX = 8;
const PEOPLE = 24;
const PAGE_SIZE = 7;
/** More than so few batches can write. */
const EVENTS_MAX = 10_000;
const TIMEOUT_MS = 120_000;

type Batch = UpsertBatch | DeactivateBatch;
interface UpsertBatch {
  readonly kind: 'upsert';
  readonly users: readonly UserTemplate[];
}
interface DeactivateBatch {
  readonly kind: 'deactivate';
  readonly users: readonly UserRef[];
}

/** A batch that was sent, with the user that it alone touched and whose event says when. */
interface Sent {
  readonly batch: Batch;
  readonly markerId: string;
  readonly answer: BatchResult['data'];
}

/** Few people and many batches: clients meet at every turn, link, rename, swap and switch off the same users. */
function batches(): fc.Arbitrary<Batch[][]> {
  const remoteId = fc.nat({ max: PEOPLE }).map((number) => `E${number}`);
  const email = fc.nat({ max: PEOPLE }).map((number) => `p${number}@example.com`);
  const template = fc.record<UserTemplate>(
    { remoteId, email, firstName: fc.constantFrom('Ada', 'Grace', 'Joan'), active: fc.boolean() },
    { requiredKeys: [] },
  );
  const ref = fc.record<UserRef>({ remoteId, email }, { requiredKeys: [] });
  const batch = fc.oneof(
    fc.record({ kind: fc.constant('upsert' as const), users: fc.array(template, { maxLength: 12 }) }),
    fc.record({ kind: fc.constant('deactivate' as const), users: fc.array(ref, { maxLength: 6 }) }),
  );
  const client = fc.array(batch, { minLength: 1, maxLength: BATCHES_MAX, size: 'max' });
  return fc.array(client, { minLength: 2, maxLength: CLIENTS, size: 'max' });
}

async function send(organization: TestOrganization, { kind, users }: Batch): Promise<BatchResult['data']> {
  const reply = await organization.post(`/v1/users/batch-${kind}`, { users });
  if (reply.status !== 200) throw new Error(`answered ${reply.status}: ${reply.text}`);
  return reply.json<BatchResult>().data;
}

/** Makes a user for each deactivation to come, so that it has someone of its own to switch off. */
async function prepare(organization: TestOrganization, plan: readonly Batch[][]): Promise<void> {
  const markers = plan.flatMap((client, index) => client.map((_, number) => ({ remoteId: `off-${index}-${number}` })));
  await upsertUsers(organization, ...markers);
}

/** The batch with its marker: a user that an upsert creates, or that a deactivation switches off. */
function marked({ kind, users }: Batch, client: number, number: number): Batch {
  if (kind === 'deactivate') return { kind, users: [{ remoteId: `off-${client}-${number}` }, ...users] };
  return { kind, users: [{ remoteId: `new-${client}-${number}` }, ...users] };
}

async function runClient(organization: TestOrganization, plan: readonly Batch[], client: number): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (const [number, planned] of plan.entries()) {
    const batch = marked(planned, client, number);
    const answer = await send(organization, batch);
    sent.push({ batch, answer, markerId: answer.success[0]?.id ?? '' });
  }
  return sent;
}

/** The batches in the order in which they took effect, told by the events that name their markers. */
async function inOrder(server: TestServer, organization: TestOrganization, sent: readonly Sent[]): Promise<Sent[]> {
  const numbers = new Map<string, number>();
  // A marker of a deactivation was created before: the later event counts.
  for (const { number, data } of await listEventsAfter(organization.id, server.database.reader, 0, EVENTS_MAX)) {
    for (const id of data.userIds as string[]) numbers.set(id, number);
  }
  return [...sent].sort((a, b) => (numbers.get(a.markerId) ?? 0) - (numbers.get(b.markerId) ?? 0));
}

/** An answer or a list of users in words that do not depend on the ids that a server draws. */
function withoutIds(value: unknown, users: readonly User[]): string {
  const places = new Map(users.map(({ id }, index) => [id, `user ${index}`]));
  return JSON.stringify(value, null, 1).replaceAll(/\b[\da-f]{64}\b/g, (id) => places.get(id) ?? 'nobody');
}

/** Walks all pages again and again until it is told to stop; answers the ids that each walk met. */
async function walkPages(organization: TestOrganization, isOver: () => boolean): Promise<string[][]> {
  const walks: string[][] = [];
  do {
    const ids: string[] = [];
    for (let page: number | null = 0; page !== null; ) {
      const data: UserPage['data'] = await readPage(organization, `page=${page}&pageSize=${PAGE_SIZE}`);
      ids.push(...data.items.map(({ id }) => id));
      page = data.next;
    }
    walks.push(ids);
  } while (!isOver());
  return walks;
}

/** Sends all batches, each client one after the other, while somebody walks the pages. */
async function runClients(organization: TestOrganization, plan: readonly Batch[][]) {
  let over = false;
  const walking = walkPages(organization, () => over);
  const sent = await Promise.all(plan.map((client, index) => runClient(organization, client, index)));
  over = true;
  return { sent: sent.flat(), walks: await walking };
}

async function allUsers(organization: TestOrganization): Promise<User[]> {
  return (await readPage(organization)).items;
}

test(
  'batches that many clients send at once come out as if they had been sent one after the other',
  async () => {
    await using server = await startTestServer();
    await fc.assert(
      fc.asyncProperty(batches(), async (plan) => {
        const together = await server.createOrganization();
        await prepare(together, plan);
        const { sent } = await runClients(together, plan);
        const order = await inOrder(server, together, sent);

        const alone = await server.createOrganization();
        await prepare(alone, plan);
        const answers: BatchResult['data'][] = [];
        for (const { batch } of order) answers.push(await send(alone, batch));

        const [users, usersAlone] = [await allUsers(together), await allUsers(alone)];
        expect(withoutIds(users, users)).toBe(withoutIds(usersAlone, usersAlone));
        order.forEach(({ answer }, index) => {
          expect(withoutIds(answer, users)).toBe(withoutIds(answers[index], usersAlone));
        });
        expect(await brokenInvariants(server.database, together.id)).toEqual([]);
      }),
      { numRuns: 12 },
    );
  },
  TIMEOUT_MS,
);

test(
  'a walk over the pages meets everyone once and in order, while others are being added and changed',
  async () => {
    await using server = await startTestServer();
    await fc.assert(
      fc.asyncProperty(batches(), async (plan) => {
        const organization = await server.createOrganization();
        await prepare(organization, plan);
        const before = (await allUsers(organization)).map(({ id }) => id);
        const { walks } = await runClients(organization, plan);
        const after = (await allUsers(organization)).map(({ id }) => id);

        for (const walk of walks) {
          expect(walk).toEqual(after.slice(0, walk.length));
          expect(walk.length).toBeGreaterThanOrEqual(before.length);
        }
      }),
      { numRuns: 6 },
    );
  },
  TIMEOUT_MS,
);

test('one Idempotency-Key that many clients send at once is carried out once, and all get the same answer', async () => {
  await using server = await startTestServer();
  const organization = await server.createOrganization();
  const body = { users: [{ remoteId: 'E1' }, { email: 'ada@example.com' }] };
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => organization.post('/v1/users/batch-upsert', body, { 'idempotency-key': 'once' })),
  );
  expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(replies.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
  expect(await storedEvents(server, organization)).toHaveLength(1);
});
