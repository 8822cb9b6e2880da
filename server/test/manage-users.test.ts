import type { ManagedUser } from '@rollcall/contract/manage/users.ts';
import { afterAll, expect, test } from 'vitest';
import { expectError } from './support/errors.ts';
import { createManager, createSession, type Manager, takeSeat } from './support/manage.ts';
import { storedEvents } from './support/rows.ts';
import { startTestServer } from './support/test-server.ts';
import { readPage, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

/** A user of the organization, by the path of the management API. */
async function makeUser(manager: Manager, template: object): Promise<string> {
  const { success } = await upsertUsers(manager.organization, template);
  return `/users/${success[0]?.id}`;
}

test('a user can be edited by hand, and what was edited is noted as sticky until it is released', async () => {
  const manager = await createManager(server);
  const path = await makeUser(manager, { remoteId: 'E1', firstName: 'Ann', email: 'ann@example.com' });
  expect(await manager.read(path)).toMatchObject({ firstName: 'Ann', stickyFields: [], synced: true });

  const edited = await manager.change<ManagedUser>(path, { firstName: ' Anna ', email: 'ANNA@example.com' });
  expect(edited).toMatchObject({ firstName: 'Anna', email: 'anna@example.com', stickyFields: ['firstName', 'email'] });
  expect(await manager.read(path)).toEqual(edited);
  const { id, firstName, lastName, email, active, remoteId } = edited;
  expect((await readPage(manager.organization)).items).toEqual([{ id, firstName, lastName, email, active, remoteId }]);
  expect((await storedEvents(server, manager.organization)).map(([, type]) => type)).toEqual([
    'users.created',
    'users.updated',
  ]);

  expect(await manager.change(path, { stickyFields: ['lastName'] })).toMatchObject({ stickyFields: ['lastName'] });
  expect(await manager.change(path, { stickyFields: [] })).toMatchObject({ firstName: 'Anna', stickyFields: [] });
});

test('deactivating a user by hand frees the seats to come', async () => {
  const manager = await createManager(server);
  const session = await createSession(manager, { startsAt: new Date(server.clock.now() + 3_600_000).toISOString() });
  const { id, user } = await takeSeat(manager, session.id, 'E1');
  await manager.change(`/users/${user.id}`, { active: false });
  expect(await manager.read(`/registrations/${id}`)).toMatchObject({ joinUrl: null, user: { active: false } });
});

test('an edit that the identity rules refuse changes nothing and says what to do', async () => {
  const manager = await createManager(server, { trustedDomains: ['example.com'] });
  await makeUser(manager, { email: 'bob@example.com' });
  const path = await makeUser(manager, { remoteId: 'E1', email: 'ann@example.com' });
  const alone = await makeUser(manager, { email: 'eve@example.com' });
  const before = await readPage(manager.organization);

  const refused = async (where: string, change: object) =>
    expectError(await manager.patch(where, change), 'conflict').message;
  expect(await refused(path, { firstName: 'X', email: 'bob@example.com' })).toContain('belongs to another user');
  expect(await refused(path, { email: 'ann@elsewhere.example' })).toContain('trusted domains');
  expect(await refused(alone, { email: null })).toContain('remoteId');
  const { metadata } = expectError(
    await manager.patch(path, { email: 'ann', firstName: 'a\u0000b', lastName: 'x'.repeat(257) }),
    'invalid_request',
  );
  expect(JSON.stringify(metadata)).toMatch(/\/firstName.*\/lastName.*\/email/);
  expectError(await manager.patch(path, { remoteId: 'E2' }), 'invalid_request');
  expectError(await manager.patch(path, { stickyFields: ['remoteId'] }), 'invalid_request');
  expect(await readPage(manager.organization)).toEqual(before);
});

test('what is no id of a user of the organization is not found', async () => {
  const manager = await createManager(server);
  const stranger = await createManager(server);
  const path = await makeUser(stranger, { remoteId: 'E1' });
  for (const absent of [path, `/users/${'0'.repeat(64)}`, '/users/E1', '/users/A'.repeat(10)]) {
    expectError(await manager.get(absent), 'not_found');
    expectError(await manager.patch(absent, { firstName: 'X' }), 'not_found');
  }
});
