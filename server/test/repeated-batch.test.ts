import type { BatchResult } from '@rollcall/contract/users.ts';
import { expect, test } from 'vitest';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { upsertUsers } from './support/users.ts';

/** The first item wants the email that the second one gives up. */
const dependent = {
  users: [
    { remoteId: 'new', email: 'desk@example.com' },
    { remoteId: 'old', email: 'own@example.com' },
  ],
};

async function send(acme: TestOrganization, key?: string): Promise<[succeeded: number, failed: number]> {
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  const { success, failed } = (await acme.post('/v1/users/batch-upsert', dependent, headers)).json<BatchResult>().data;
  return [success.length, failed.length];
}

test('an item that failed on an email which a later item gave up succeeds when the batch is sent again', async () => {
  await using server = await startTestServer();
  const acme = await server.createOrganization();
  await upsertUsers(acme, { remoteId: 'old', email: 'desk@example.com' });
  expect([await send(acme), await send(acme), await send(acme)]).toEqual([
    [1, 1],
    [2, 0],
    [2, 0],
  ]);
});

test('sent again with its Idempotency-Key, such a batch gets the first answer again', async () => {
  await using server = await startTestServer();
  const acme = await server.createOrganization();
  await upsertUsers(acme, { remoteId: 'old', email: 'desk@example.com' });
  expect([await send(acme, 'k1'), await send(acme, 'k1')]).toEqual([
    [1, 1],
    [1, 1],
  ]);
});
