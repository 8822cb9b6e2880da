import type { BatchResult, User } from '@rollcall/contract/users.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { listLiveRegistrations } from '../store/registrations.ts';
import { addSession, signUp } from './support/learning.ts';
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
  /** Ids of the users who hold a seat in a session. */
  async function seated({ id }: TestOrganization, sessionId: string): Promise<Set<string>> {
    const live = await listLiveRegistrations(id, server.database.reader, sessionId);
    return new Set(live.map((registration) => registration.userId));
  }

  test('in sessions that have not begun are freed; those of sessions under way, and of others, stay', async () => {
    const acme = await server.createOrganization();
    const [gone, stays] = (await createUsers(acme, 2)).map((user) => user.id) as [string, string];
    const { session: running } = await addSession(server, acme);
    await signUp(server, acme, running, 2);
    server.clock.set(running.scheduledStartAt + HOUR_MS / 2);
    const { session: upcoming } = await addSession(server, acme);
    await signUp(server, acme, upcoming, 2);
    await deactivateUsers(acme, { remoteId: 'E0' });
    expect(await seated(acme, upcoming.id)).toEqual(new Set([stays]));
    expect(await seated(acme, running.id)).toEqual(new Set([gone, stays]));
  });

  test('are freed by an upsert with active: false too, and do not come back with active: true', async () => {
    const acme = await server.createOrganization();
    const { session } = await addSession(server, acme);
    await signUp(server, acme, session, 1);
    await upsertUsers(acme, { remoteId: 'E0', active: false });
    expect(await seated(acme, session.id)).toEqual(new Set());
    await upsertUsers(acme, { remoteId: 'E0', active: true });
    expect(await seated(acme, session.id)).toEqual(new Set());
  });

  test('are kept where the deactivation is only a dry run', async () => {
    const acme = await server.createOrganization();
    const { session } = await addSession(server, acme);
    await signUp(server, acme, session, 1);
    await acme.post('/v1/users/batch-deactivate?dryRun=true', { users: [{ remoteId: 'E0' }] });
    expect((await seated(acme, session.id)).size).toBe(1);
  });
});
