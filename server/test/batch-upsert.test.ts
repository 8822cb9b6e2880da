import type { BatchResult, User } from '@rollcall/contract/users.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { storedEvents } from './support/rows.ts';
import { startTestServer } from './support/test-server.ts';
import { createUsers, deactivateUsers, readPage, remoteIds, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

describe('the reference’s sample request', () => {
  const sample = {
    users: [
      { firstName: 'John', lastName: 'Doe', active: true, remoteId: '12345' },
      { firstName: 'Jane', lastName: 'Smith', active: true, remoteId: '67890' },
    ],
  };

  test('which has no emails, works and is answered to the letter', async () => {
    const acme = await server.createOrganization();
    const reply = await acme.post('/v1/users/batch-upsert', sample);
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    const [john, jane] = reply.json<BatchResult>().data.success as [User, User];
    expect(reply.text).toBe(
      `{"success":true,"data":{"success":[` +
        `{"id":"${john.id}","firstName":"John","lastName":"Doe","email":null,"active":true,"remoteId":"12345"},` +
        `{"id":"${jane.id}","firstName":"Jane","lastName":"Smith","email":null,"active":true,"remoteId":"67890"}` +
        `],"failed":[]},"error":null}`,
    );
    expect((await readPage(acme)).items).toEqual([john, jane]);
  });
});

describe('users that do not exist', () => {
  test('are created active and with empty names unless the template says otherwise', async () => {
    const acme = await server.createOrganization();
    const { success } = await upsertUsers(
      acme,
      { remoteId: 'E1' },
      { email: 'two@example.com' },
      { remoteId: 'E3', firstName: 'Ann', lastName: 'Lee', email: 'three@example.com', active: false },
      { remoteId: 'E4', email: null },
      { remoteId: null, email: 'five@example.com' },
    );
    const blank = { id: expect.any(String), firstName: '', lastName: '', email: null, active: true, remoteId: null };
    expect(success).toEqual([
      { ...blank, remoteId: 'E1' },
      { ...blank, email: 'two@example.com' },
      { ...blank, firstName: 'Ann', lastName: 'Lee', email: 'three@example.com', active: false, remoteId: 'E3' },
      { ...blank, remoteId: 'E4' },
      { ...blank, email: 'five@example.com' },
    ]);
  });

  test('join the sequence in the order in which they were sent', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, { remoteId: 'z' }, { remoteId: 'a' });
    await upsertUsers(acme, { remoteId: 'm' }, { remoteId: 'a' }, { remoteId: 'b' });
    expect(await remoteIds(acme)).toEqual(['z', 'a', 'm', 'b']);
  });

  test('need not be sent in full: 200 in one batch are all written', async () => {
    const acme = await server.createOrganization();
    const users = await createUsers(acme, 200);
    expect((await readPage(acme)).items).toEqual(users);
  });
});

describe('users that exist', () => {
  const everything = {
    remoteId: 'E1',
    firstName: 'Ann',
    lastName: 'Lee',
    email: 'ann@example.com',
    active: false,
  };

  test('keep what the template leaves out', async () => {
    const acme = await server.createOrganization();
    const [before] = (await upsertUsers(acme, everything)).success as [User];
    expect((await upsertUsers(acme, { remoteId: 'E1' })).success).toEqual([before]);
    expect((await upsertUsers(acme, { remoteId: 'E1', lastName: 'Li' })).success).toEqual([
      { ...before, lastName: 'Li' },
    ]);
    expect((await upsertUsers(acme, { email: 'ann@example.com', active: true })).success).toEqual([
      { ...before, lastName: 'Li', active: true },
    ]);
  });

  test('keep their id through every change', async () => {
    const acme = await server.createOrganization();
    const [{ id }] = (await upsertUsers(acme, everything)).success as [User];
    const steps = [
      { remoteId: 'E1', firstName: 'Anna' },
      { remoteId: 'E1', email: 'anna@example.com' },
      { remoteId: null, email: 'anna@example.com' },
      { remoteId: 'E2', email: 'anna@example.com' },
      { remoteId: 'E2', email: null },
    ];
    for (const step of steps) expect((await upsertUsers(acme, step)).success).toMatchObject([{ id }]);
    expect((await readPage(acme)).items).toEqual([
      { id, firstName: 'Anna', lastName: 'Lee', email: null, active: false, remoteId: 'E2' },
    ]);
  });

  test('lose remoteId or email to null while the other remains', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, everything, { ...everything, remoteId: 'E2', email: 'bob@example.com' });
    const { success } = await upsertUsers(
      acme,
      { remoteId: 'E1', email: null },
      { remoteId: null, email: 'bob@example.com' },
    );
    expect(success).toMatchObject([
      { remoteId: 'E1', email: null },
      { remoteId: null, email: 'bob@example.com' },
    ]);
  });

  test('give a cleared key free for somebody else', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, everything);
    const { success } = await upsertUsers(
      acme,
      { remoteId: 'E1', email: null },
      { remoteId: 'E2', email: 'ann@example.com' },
    );
    expect(success).toMatchObject([
      { remoteId: 'E1', email: null },
      { remoteId: 'E2', email: 'ann@example.com' },
    ]);
    expect(await remoteIds(acme, 'email=ann@example.com')).toEqual(['E2']);
  });

  test('that were deactivated come back with active: true, not without', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 1);
    await deactivateUsers(acme, { remoteId: 'E0' });
    expect((await upsertUsers(acme, { remoteId: 'E0', lastName: 'Lee' })).success).toMatchObject([{ active: false }]);
    expect((await upsertUsers(acme, { remoteId: 'E0', active: true })).success).toMatchObject([{ active: true }]);
  });
});

describe('a template that gives null for both, or neither', () => {
  test('names nobody and fails', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 1);
    const templates = [{}, { firstName: 'Ann' }, { remoteId: null }, { remoteId: null, email: null }];
    const { success, failed } = await upsertUsers(acme, ...templates);
    expect(success).toEqual([]);
    expect(failed).toEqual(
      templates.map((user) => ({ user, error: expect.stringMatching(/^Neither remoteId nor email is given/) })),
    );
    expect((await readPage(acme)).total).toBe(1);
  });
});

describe('partial failure', () => {
  test('writes every other item and keeps the order of input in both lists', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, { remoteId: 'old', email: 'old@example.com' });
    const { success, failed } = await upsertUsers(
      acme,
      { remoteId: 'z', firstName: 'Zoe' },
      { email: 'no address' },
      { remoteId: 'old', firstName: 'Oldie' },
      { remoteId: 'b', email: 'old@example.com' },
      { remoteId: 'a' },
      { remoteId: '' },
    );
    expect(success.map((user) => [user.remoteId, user.firstName])).toEqual([
      ['z', 'Zoe'],
      ['old', 'Oldie'],
      ['a', ''],
    ]);
    expect(failed.map(({ user }) => user)).toEqual([
      { email: 'no address' },
      { remoteId: 'b', email: 'old@example.com', id: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { remoteId: '' },
    ]);
    expect(await remoteIds(acme)).toEqual(['old', 'z', 'a']);
  });

  test('shows the item as it was sent, member order and white space too, plus id where the user exists', async () => {
    const acme = await server.createOrganization();
    const [known] = await createUsers(acme, 1);
    const reply = await acme.post(
      '/v1/users/batch-upsert',
      '{"users": [{"email": " bad ", "lastName":"  Lee ", "active":false, "remoteId":" E0 "}, {"email":"@", "remoteId":"new"}]}',
    );
    const { failed } = reply.json<BatchResult>().data;
    expect(JSON.stringify(failed.map(({ user }) => user))).toBe(
      `[{"email":" bad ","lastName":"  Lee ","active":false,"remoteId":" E0 ","id":"${known?.id}"},{"email":"@","remoteId":"new"}]`,
    );
    expect(reply.status).toBe(200);
    expect(Object.keys(failed[0] ?? {})).toEqual(['user', 'error']);
  });

  test('of all items is still an answer of 200 with nothing written', async () => {
    const acme = await server.createOrganization();
    const reply = await acme.post('/v1/users/batch-upsert', { users: [{ email: 'x' }, { email: 'y' }] });
    expect(reply.status).toBe(200);
    expect(reply.json<BatchResult>()).toMatchObject({ success: true, error: null, data: { success: [] } });
    expect(reply.json<BatchResult>().data.failed).toHaveLength(2);
    expect((await readPage(acme)).total).toBe(0);
  });
});

describe('the same user twice in one batch', () => {
  test('is written in order, the later wins, and both items show how the user stands after the batch', async () => {
    const acme = await server.createOrganization();
    const { success } = await upsertUsers(
      acme,
      { remoteId: 'E1', firstName: 'First', lastName: 'Stays', email: 'one@example.com' },
      { email: 'ONE@example.com', firstName: 'Second' },
      { remoteId: 'E1', active: false },
    );
    const [user] = success as [User];
    expect(user).toMatchObject({ firstName: 'Second', lastName: 'Stays', email: 'one@example.com', active: false });
    expect(success).toEqual([user, user, user]);
    expect((await readPage(acme)).items).toEqual([user]);
  });

  test('can be found by a key that an earlier item of the batch gave', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 1);
    const { success } = await upsertUsers(
      acme,
      { remoteId: 'E0', email: 'new@example.com' },
      { email: 'new@example.com', lastName: 'Lee' },
    );
    expect(success).toMatchObject([{ lastName: 'Lee' }, { lastName: 'Lee' }]);
    expect((await readPage(acme)).total).toBe(1);
  });

  test('is not found any more by a key that an earlier item of the batch took away', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, { remoteId: 'E1', email: 'one@example.com' });
    await upsertUsers(acme, { remoteId: 'E1', email: 'uno@example.com' }, { email: 'one@example.com' });
    expect((await readPage(acme)).items).toMatchObject([
      { remoteId: 'E1', email: 'uno@example.com' },
      { remoteId: null, email: 'one@example.com' },
    ]);
  });
});

describe('a repeated batch', () => {
  test('changes nothing and answers the same', async () => {
    const acme = await server.createOrganization();
    const users = [
      { remoteId: 'E1', firstName: 'Ann', email: 'ann@example.com' },
      { remoteId: 'E2', email: 'ann@example.com' },
      { email: 'bob@example.com', active: false },
      { remoteId: 'E1', lastName: 'Lee' },
    ];
    const first = await acme.post('/v1/users/batch-upsert', { users });
    const list = await acme.get('/v1/users');
    server.clock.advance(60_000);
    const second = await acme.post('/v1/users/batch-upsert', { users });
    const listAgain = await acme.get('/v1/users');
    expect(second.status).toBe(200);
    expect(second.text).toBe(first.text);
    expect(listAgain.text).toBe(list.text);
    expect(listAgain.headers.etag).toBe(list.headers.etag);
  });

  test('is no event and no update', async () => {
    const acme = await server.createOrganization();
    const users = [{ remoteId: 'E1', firstName: ' Ann ', email: 'ANN@example.com' }];
    await acme.post('/v1/users/batch-upsert', { users });
    server.clock.advance(60_000);
    const since = new Date(server.clock.now()).toISOString();
    await acme.post('/v1/users/batch-upsert', { users });
    expect(await readPage(acme, `updatedSince=${since}`)).toMatchObject({ total: 0 });
    expect(await storedEvents(server, acme)).toEqual([[1, 'users.created']]);
  });
});
