import { expect, test } from 'vitest';
import { startTestServer } from './support/test-server.ts';
import { createUsers, deactivateUsers, readPage, upsertUsers } from './support/users.ts';

/** What no database text can be: with a NUL character, or with half of a surrogate pair. */
const UNSTORABLE = ['\0', 'E0\0', '\ud800', '\udfff\ud800', 'E0\udc00'];

test('whom a text names that cannot be stored is nobody, and the others of the batch are found', async () => {
  await using server = await startTestServer();
  const organization = await server.createOrganization();
  await createUsers(organization, 2);
  for (const text of UNSTORABLE) {
    for (const ref of [{ id: text }, { remoteId: text }, { email: `${text}@example.com` }]) {
      const { success, failed } = await deactivateUsers(organization, ref, { remoteId: 'E1' });
      expect(success.map(({ remoteId }) => remoteId)).toEqual(['E1']);
      expect(failed).toHaveLength(1);
    }
    const { success, failed } = await upsertUsers(organization, { remoteId: text }, { remoteId: 'E0' });
    expect([success.length, failed.length]).toEqual([1, 1]);
  }
  expect((await readPage(organization)).total).toBe(2);
});

test('a list that is asked for such a text is refused or empty', async () => {
  await using server = await startTestServer();
  const organization = await server.createOrganization();
  await createUsers(organization, 2);
  for (const path of ['/v1/users?remoteId=%00', '/v1/users?remoteId=E0%00', '/v1/completions?remoteUserId=E0%00']) {
    const reply = await organization.get(path);
    if (reply.status === 200) expect(reply.text).not.toContain('"E0"');
    else expect(reply.status).toBe(400);
  }
});
