import { randomUUID } from 'node:crypto';
import type { BatchResult, User } from '@rollcall/contract/users.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { addCluster } from './support/facts.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { createUsers, deactivateUsers, readPage, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const HOUR_MS = 3_600_000;

describe('deactivating', () => {
  test('answers in the shape of the batch upsert, to the letter', async () => {
    const acme = await server.createOrganization();
    const [user] = (await upsertUsers(acme, { remoteId: 'E1', firstName: 'Ann', email: 'ann@example.com' })).success;
    const reply = await acme.post('/v1/users/batch-deactivate', { users: [{ remoteId: 'E1' }, { remoteId: 'E9' }] });
    expect(reply.status).toBe(200);
    expect(reply.text).toBe(
      `{"success":true,"data":{"success":[` +
        `{"id":"${user?.id}","firstName":"Ann","lastName":"","email":"ann@example.com","active":false,"remoteId":"E1"}` +
        `],"failed":[{"user":{"remoteId":"E9"},"error":"No user has remoteId \\"E9\\"; correct it, or leave the item out."}]},"error":null}`,
    );
  });

  test('takes a user’s id, remoteId or email, in any spelling of the address', async () => {
    const acme = await server.createOrganization();
    const { success } = await upsertUsers(
      acme,
      { remoteId: 'E1' },
      { remoteId: 'E2' },
      { email: 'ann@xn--bcher-kva.example' },
      { remoteId: 'E4', email: 'four@example.com' },
    );
    const all = await deactivateUsers(
      acme,
      { id: success[0]?.id as string },
      { remoteId: ' E2 ' },
      { email: 'ANN@Bücher.example' },
      { id: success[3]?.id as string, remoteId: 'E4', email: 'Four@example.com' },
    );
    expect(all).toEqual({ success: success.map((user) => ({ ...user, active: false })), failed: [] });
    expect((await readPage(acme, 'active=true')).total).toBe(0);
  });

  test('changes nothing else of the user', async () => {
    const acme = await server.createOrganization();
    const [user] = (await upsertUsers(acme, { remoteId: 'E1', lastName: 'Lee', email: 'a@example.com' })).success;
    await deactivateUsers(acme, { remoteId: 'E1' });
    expect((await readPage(acme)).items).toEqual([{ ...user, active: false }]);
  });

  test('of someone inactive already is a success and changes nothing', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, { remoteId: 'E1', active: false });
    const before = await acme.get('/v1/users');
    const { success, failed } = await deactivateUsers(acme, { remoteId: 'E1' });
    expect([success, failed]).toMatchObject([[{ remoteId: 'E1', active: false }], []]);
    expect((await acme.get('/v1/users')).headers.etag).toBe(before.headers.etag);
  });

  test('repeated answers the same and changes nothing', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 3);
    const users = [{ remoteId: 'E2' }, { remoteId: 'E9' }, { remoteId: 'E0' }, { remoteId: 'E2' }];
    const first = await acme.post('/v1/users/batch-deactivate', { users });
    const list = await acme.get('/v1/users');
    server.clock.advance(HOUR_MS);
    const second = await acme.post('/v1/users/batch-deactivate', { users });
    expect(second.text).toBe(first.text);
    expect((await acme.get('/v1/users')).headers.etag).toBe(list.headers.etag);
    expect(first.json<BatchResult>().data.success.map((user) => user.remoteId)).toEqual(['E2', 'E0', 'E2']);
  });
});

describe('a ref', () => {
  test('that nobody answers to fails, and the others are deactivated', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 2);
    const refs = [{ id: 'f'.repeat(64) }, { remoteId: 'E0' }, { email: 'no@example.com' }, { id: "' or 1=1" }];
    const { success, failed } = await deactivateUsers(acme, ...refs);
    expect(success).toMatchObject([{ remoteId: 'E0', active: false }]);
    expect(failed).toEqual([
      { user: refs[0], error: expect.stringMatching(/^No user has id "f+"; /) },
      { user: refs[2], error: 'No user has email "no@example.com"; correct it, or leave the item out.' },
      { user: refs[3], error: expect.stringMatching(/^No user has id "' or 1=1"; /) },
    ]);
    expect((await readPage(acme, 'active=true')).items).toMatchObject([{ remoteId: 'E1' }]);
  });

  test('whose members name different users, or one of them nobody, fails with the id of the one found', async () => {
    const acme = await server.createOrganization();
    const { success } = await upsertUsers(acme, { remoteId: 'E1', email: 'a@example.com' }, { remoteId: 'E2' });
    const [ann, bob] = success as [User, User];
    const { success: none, failed } = await deactivateUsers(
      acme,
      { remoteId: 'E2', email: 'a@example.com' },
      { id: ann.id, remoteId: 'E2' },
      { remoteId: 'E1', email: 'nobody@example.com' },
    );
    expect(none).toEqual([]);
    expect(failed).toEqual([
      {
        user: { remoteId: 'E2', email: 'a@example.com', id: bob.id },
        error: 'remoteId "E2" and email "a@example.com" name different users; send the keys of one user only.',
      },
      { user: { id: ann.id, remoteId: 'E2' }, error: expect.stringContaining('name different users') },
      {
        user: { remoteId: 'E1', email: 'nobody@example.com', id: ann.id },
        error: 'No user has email "nobody@example.com"; correct it, or leave the item out.',
      },
    ]);
    expect((await readPage(acme, 'active=false')).total).toBe(0);
  });

  test('without any member, or with nothing but null, fails', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 1);
    const { success, failed } = await deactivateUsers(acme, {}, { remoteId: null, email: null });
    expect(success).toEqual([]);
    expect(failed.map(({ error }) => error)).toEqual([
      'Neither id, remoteId nor email is given; send at least one of them.',
      'Neither id, remoteId nor email is given; send at least one of them.',
    ]);
  });

  test('may have null beside the member that names the user', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, { remoteId: 'E1', email: 'a@example.com' });
    expect((await deactivateUsers(acme, { remoteId: 'E1', email: null })).success).toMatchObject([{ active: false }]);
  });

  test('with an id in capitals is not that user: ids are opaque', async () => {
    const acme = await server.createOrganization();
    const [user] = (await upsertUsers(acme, { remoteId: 'E1' })).success as [User];
    expect((await deactivateUsers(acme, { id: user.id.toUpperCase() })).failed).toHaveLength(1);
  });
});

describe('seats of a deactivated user', () => {
  test('in sessions that have not begun are freed; those of sessions under way, and of others, stay', async () => {
    const acme = await server.createOrganization();
    const users = await createUsers(acme, 2);
    const upcoming = await addSession(acme, server.clock.now() + HOUR_MS);
    const running = await addSession(acme, server.clock.now() - HOUR_MS / 2);
    for (const sessionId of [upcoming, running]) for (const { id } of users) await register(acme, sessionId, id);
    await deactivateUsers(acme, { remoteId: 'E0' });
    expect(await liveSeats(acme, upcoming)).toEqual([users[1]?.id]);
    expect(new Set(await liveSeats(acme, running))).toEqual(new Set(users.map((user) => user.id)));
  });

  test('are freed by an upsert with active: false too, and do not come back with active: true', async () => {
    const acme = await server.createOrganization();
    const [user] = (await createUsers(acme, 1)) as [User];
    const upcoming = await addSession(acme, server.clock.now() + HOUR_MS);
    await register(acme, upcoming, user.id);
    await upsertUsers(acme, { remoteId: 'E0', active: false });
    expect(await liveSeats(acme, upcoming)).toEqual([]);
    await upsertUsers(acme, { remoteId: 'E0', active: true });
    expect(await liveSeats(acme, upcoming)).toEqual([]);
  });
});

async function addSession(organization: TestOrganization, startAt: number): Promise<string> {
  const clusterId = await addCluster(server, organization);
  const id = randomUUID();
  await server.database.transaction((transaction) =>
    transaction.kysely
      .insertInto('sessions')
      .values({
        organization_id: organization.id,
        id,
        cluster_id: clusterId,
        scheduled_start_at: startAt,
        scheduled_end_at: startAt + HOUR_MS,
        capacity: 8,
        meeting_link: null,
        state: 'scheduled',
        current_step: null,
        ended_at: null,
        created_at: startAt,
      })
      .execute(),
  );
  return id;
}

async function register({ id }: TestOrganization, sessionId: string, userId: string): Promise<void> {
  await server.database.transaction((transaction) =>
    transaction.kysely
      .insertInto('registrations')
      .values({
        organization_id: id,
        id: randomUUID(),
        session_id: sessionId,
        user_id: userId,
        join_token: randomUUID(),
        created_at: server.clock.now(),
        cancelled_at: null,
      })
      .execute(),
  );
}

async function liveSeats({ id }: TestOrganization, sessionId: string): Promise<string[]> {
  const rows = await server.database.reader.kysely
    .selectFrom('registrations')
    .select('user_id')
    .where('organization_id', '=', id)
    .where('session_id', '=', sessionId)
    .where('cancelled_at', 'is', null)
    .execute();
  return rows.map((row) => row.user_id);
}
