import { setTimeout as sleep } from 'node:timers/promises';
import type { RoomPeople, RoomState } from '@rollcall/contract/room.ts';
import type { BatchResult } from '@rollcall/contract/users.ts';
import { expect, test } from 'vitest';
import type { Announcement } from '../store/broadcast.ts';
import { getSession } from '../store/sessions.ts';
import { runStatement } from './support/engine.ts';
import { connectEvents } from './support/events.ts';
import { brokenInvariants } from './support/invariants.ts';
import { addSession, readCompletions, signUp } from './support/learning.ts';
import { startMailServer } from './support/mail-server.ts';
import { addOffer, sendForm } from './support/offers.ts';
import { askServer, startTwo, type TwoServers } from './support/postgres-servers.ts';
import { here, makeRoom, type TestGuest } from './support/room.ts';
import { storedEvents } from './support/rows.ts';
import type { TestOrganization, TestServer } from './support/test-server.ts';
import { createUsers, readPage } from './support/users.ts';

/** The same organization and key, asked through another server. */
function through(server: TestServer, { key }: TestOrganization): Pick<TestOrganization, 'get' | 'post'> {
  return {
    get: (path, headers) => server.request(path, { key, ...(headers && { headers }) }),
    post: (path, body, headers) => server.request(path, { method: 'POST', key, body, ...(headers && { headers }) }),
  };
}

/** Waits until `holds` answers true; a test that waits in vain runs into its own time limit. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

/** Process ids of the connections of this database that listen. */
async function listeners({ url }: TwoServers): Promise<number[]> {
  const rows = await askServer<{ pid: number }>(
    url,
    "select pid from pg_stat_activity where datname = current_database() and query like 'listen%' order by pid",
  );
  return rows.map(({ pid }) => pid);
}

/** A room that has begun, its first guest's page on the first server, the second's on the other. */
async function watchedRoom({ one, other }: TwoServers) {
  const room = await makeRoom(one, { minute: 1 });
  other.clock.set(one.clock.now());
  const [ada, grace] = room.guests as unknown as [TestGuest, TestGuest];
  await here(ada);
  const connection = await connectEvents(`${other.address}${grace.link}/events`);
  await connection.next<RoomState>('state');
  return { room, ada, grace, connection };
}

test('a move in a room reaches those who are connected to another process', async () => {
  await using servers = await startTwo();
  const { ada, connection } = await watchedRoom(servers);
  using _ = connection;
  await ada.post('move', { from: 0, step: 1 });
  expect(await connection.next<RoomState>('state')).toMatchObject({ currentStep: 1 });
});

test('who comes into a room is seen by those who are connected to another process', async () => {
  await using servers = await startTwo();
  const { room, connection } = await watchedRoom(servers);
  using _ = connection;
  await here(room.guests[2] as TestGuest);
  const { people } = await connection.next<RoomPeople>('people');
  expect(people.filter(({ isHere }) => isHere).map(({ name }) => name)).toEqual(['Ada L.', 'Alan T.']);
});

test('what one process commits is announced in the others, and goes on being so after their connection was cut', async () => {
  await using servers = await startTwo();
  const { one, other } = servers;
  const organization = await one.createOrganization();
  const heard: Announcement[] = [];
  other.database.listen((announcement) => heard.push(announcement));
  await until(async () => (await listeners(servers)).length === 2);
  await createUsers(organization, 1);
  await until(async () => heard.length > 0);
  expect(heard).toContainEqual({ about: 'events', organization: organization.id });

  const before = await listeners(servers);
  await runStatement(servers.url, `select pg_terminate_backend(pid) from unnest(array[${before.join()}]) as pid`);
  await until(async () => {
    const now = await listeners(servers);
    return now.length === 2 && now.every((pid) => !before.includes(pid));
  });
  heard.length = 0;
  await createUsers(organization, 1, 1);
  await until(async () => heard.length > 0);
  expect(heard).toContainEqual({ about: 'events', organization: organization.id });
});

test('a move that nobody was told of, since the connection was gone, is found all the same', async () => {
  await using servers = await startTwo();
  const { ada, connection } = await watchedRoom(servers);
  using _ = connection;
  await until(async () => (await listeners(servers)).length === 2);
  const pids = await listeners(servers);
  await runStatement(servers.url, `select pg_terminate_backend(pid) from unnest(array[${pids.join()}]) as pid`);
  await ada.post('move', { from: 0, step: 1 });
  expect(await connection.next<RoomState>('state')).toMatchObject({ currentStep: 1 });
});

test('messages of others on the channel of the same name harm nobody', async () => {
  await using servers = await startTwo();
  const { ada, connection } = await watchedRoom(servers);
  using _ = connection;
  await until(async () => (await listeners(servers)).length === 2);
  for (const message of ['hello', '{}', 'null', '{"from":"us"}'])
    await runStatement(servers.url, `notify rollcall, '${message}'`);
  await ada.post('move', { from: 0, step: 1 });
  expect(await connection.next<RoomState>('state')).toMatchObject({ currentStep: 1 });
});

test('a session begins and ends once, whichever process does it', async () => {
  await using servers = await startTwo();
  const { one, other } = servers;
  const organization = await one.createOrganization();
  const { session } = await addSession(one, organization);
  await signUp(one, organization, session, 5);
  const reaches = async (state: string) => {
    return (await getSession(organization.id, one.database.reader, session.id))?.state === state;
  };
  for (const server of [one, other]) server.clock.set(session.scheduledStartAt);
  await until(() => reaches('open'));
  for (const server of [one, other]) server.clock.set(session.scheduledEndAt);
  // Those who ask do the job's work themselves where they are quicker.
  await Promise.all([one, other].map((server) => through(server, organization).get('/v1/completions')));
  await until(() => reaches('ended'));

  expect(await readCompletions(organization)).toHaveLength(5);
  const types = (await storedEvents(one, organization)).map(([, type]) => type);
  expect(types.filter((type) => type === 'session.opened')).toHaveLength(1);
  expect(types.filter((type) => type === 'session.ended')).toHaveLength(1);
  const { completions_change_last: changes } = await one.database.reader.kysely
    .selectFrom('organizations')
    .select('completions_change_last')
    .where('id', '=', organization.id)
    .executeTakeFirstOrThrow();
  expect(Number(changes)).toBe(5);
  expect(await brokenInvariants(one.database, organization.id)).toEqual([]);
});

test('a mail is sent once, whichever process sends it', async () => {
  await using mail = await startMailServer();
  await using servers = await startTwo({ SMTP_URL: mail.url, MAIL_FROM: 'rollcall@example.com' });
  const { one, other } = servers;
  const organization = await one.createOrganization();
  const offer = await addOffer(one, organization, { capacities: [20] });
  const to = Array.from({ length: 20 }, (_, index) => `p${String(index).padStart(2, '0')}@example.com`);
  await Promise.all(to.map((email, index) => sendForm(index % 2 === 0 ? one : other, offer, { email })));
  await mail.waitFor(to.length);
  await until(async () => {
    const waiting = one.database.reader.kysely.selectFrom('mails').select('id').where('sent_at', 'is', null);
    return (await waiting.execute()).length === 0;
  });
  expect(mail.mails.flatMap((received) => received.to).sort()).toEqual(to);
});

test('a key that was revoked in one process is refused by all at once', async () => {
  await using servers = await startTwo();
  const { one, other } = servers;
  const organization = await one.createOrganization();
  const { id, key } = await organization.createKey();
  expect((await other.request('/v1/users', { key })).status).toBe(200);
  await organization.revokeKey(id);
  expect((await other.request('/v1/users', { key })).status).toBe(401);
});

test('a batch with the same Idempotency-Key is written once, whichever processes it is sent to', async () => {
  await using servers = await startTwo();
  const { one, other } = servers;
  const organization = await one.createOrganization();
  const send = (server: TestServer, users: object[]) =>
    through(server, organization).post('/v1/users/batch-upsert', { users }, { 'Idempotency-Key': 'k1' });
  const users = [{ remoteId: 'E1', firstName: 'Ada' }];
  const replies = await Promise.all([one, other, one, other].map((server) => send(server, users)));
  expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
  expect(replies[0]?.json<BatchResult>().data.success).toHaveLength(1);
  expect(await storedEvents(one, organization)).toEqual([[1, 'users.created']]);
  expect((await send(other, [{ remoteId: 'E2' }])).status).toBe(422);
});

test('of a hundred people who sign up at two processes at once, as many get a seat as there are', async () => {
  await using servers = await startTwo({ SIGN_UP_LIMIT: '0' });
  const { one, other } = servers;
  const organization = await one.createOrganization();
  const offer = await addOffer(one, organization, { capacities: [7] });
  const pages = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      sendForm(index % 2 === 0 ? one : other, offer, { email: `p${index}@example.com` }),
    ),
  );
  const statuses = pages.map(({ status }) => status).sort();
  expect(statuses).toEqual([...Array(7).fill(200), ...Array(93).fill(409)]);
  expect((await readPage(organization)).total).toBe(7);
  const seats = one.database.reader.kysely.selectFrom('registrations').select('id');
  expect(await seats.where('organization_id', '=', organization.id).execute()).toHaveLength(7);
});

test('batches that two processes write at the same time leave everything in order', async () => {
  await using servers = await startTwo();
  const { one, other } = servers;
  const organization = await one.createOrganization();
  const batch = (server: TestServer, from: number) => {
    const users = Array.from({ length: 20 }, (_, index) => ({
      remoteId: `E${from + index}`,
      firstName: server.address,
    }));
    return through(server, organization).post('/v1/users/batch-upsert', { users });
  };
  const rounds = Array.from({ length: 10 }, (_, round) => [batch(one, round * 10), batch(other, round * 10)]);
  const replies = await Promise.all(rounds.flat());
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await readPage(organization)).total).toBe(110);
  expect(await brokenInvariants(one.database, organization.id)).toEqual([]);
});
