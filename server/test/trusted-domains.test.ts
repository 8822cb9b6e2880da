import type { User } from '@rollcall/contract/users.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { updateOrganization } from '../store/organizations.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { deactivateUsers, readPage, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

async function setTrustedDomains({ id }: TestOrganization, trustedDomains: string[] | null): Promise<void> {
  await server.database.transaction(null, (transaction) => updateOrganization(id, transaction, { trustedDomains }));
}

describe('an organization with trusted domains', () => {
  test('takes users of these domains, in whatever spelling', async () => {
    const acme = await server.createOrganization({ trustedDomains: ['example.com', 'xn--bcher-kva.example'] });
    const { success, failed } = await upsertUsers(
      acme,
      { remoteId: 'E1', email: 'ann@example.com' },
      { email: 'BOB@EXAMPLE.COM' },
      { email: 'cleo@Bücher.example' },
    );
    expect(failed).toEqual([]);
    expect(success).toHaveLength(3);
  });

  test('does not create a user outside of them: the item comes back in failed, the others are written', async () => {
    const acme = await server.createOrganization({ trustedDomains: ['example.com'] });
    const outside = { remoteId: 'E2', email: 'eve@example.net', firstName: 'Eve' };
    const { success, failed } = await upsertUsers(acme, { email: 'ann@example.com' }, outside);
    expect(success).toMatchObject([{ email: 'ann@example.com' }]);
    expect(failed).toEqual([
      {
        user: outside,
        error:
          'email "eve@example.net" is outside the organization\'s trusted domains (example.com); use an address in one of them, or have its domain added.',
      },
    ]);
    expect((await readPage(acme)).items).toEqual(success);
  });

  test.each([
    'ann@sub.example.com',
    'ann@notexample.com',
    'ann@example.com.evil.org',
    'ann@example.co',
    'example.com@evil.org',
  ])('is not deceived by %s', async (email) => {
    const acme = await server.createOrganization({ trustedDomains: ['example.com'] });
    const { success, failed } = await upsertUsers(acme, { remoteId: 'E1', email });
    expect(success).toEqual([]);
    expect(failed).toMatchObject([{ error: expect.stringContaining('trusted domains') }]);
  });

  test('takes nobody without an email, and lets nobody lose it', async () => {
    const acme = await server.createOrganization({ trustedDomains: ['example.com'] });
    const { success } = await upsertUsers(acme, { remoteId: 'E1', email: 'ann@example.com' });
    const { failed } = await upsertUsers(acme, { remoteId: 'E2' }, { remoteId: 'E1', email: null });
    expect(failed).toEqual([
      { user: { remoteId: 'E2' }, error: expect.stringMatching(/^email is missing/) },
      { user: { remoteId: 'E1', email: null, id: success[0]?.id }, error: expect.stringMatching(/^email is missing/) },
    ]);
    expect((await readPage(acme)).items).toEqual(success);
  });

  test('does not update a user who is outside since the restriction was turned on, but can deactivate them', async () => {
    const acme = await server.createOrganization();
    const { success } = await upsertUsers(acme, { remoteId: 'E1', email: 'ann@example.net' }, { remoteId: 'E2' });
    const [ann, noEmail] = success as [User, User];
    await setTrustedDomains(acme, ['example.com']);
    const { failed } = await upsertUsers(
      acme,
      { remoteId: 'E1', lastName: 'Changed' },
      { remoteId: 'E1', active: false },
      { remoteId: 'E2', lastName: 'Changed' },
    );
    expect(failed.map(({ user }) => user.id)).toEqual([ann.id, ann.id, noEmail.id]);
    expect((await readPage(acme)).items).toEqual([ann, noEmail]);
    const { success: deactivated } = await deactivateUsers(acme, { remoteId: 'E1' }, { remoteId: 'E2' });
    expect(deactivated.map((user) => user.active)).toEqual([false, false]);
  });

  test('updates a user whom the same item brings into a trusted domain', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, { remoteId: 'E1', email: 'ann@example.net' });
    await setTrustedDomains(acme, ['example.com']);
    const { success } = await upsertUsers(acme, { remoteId: 'E1', email: 'ann@example.com' });
    expect(success).toMatchObject([{ email: 'ann@example.com' }]);
  });

  test('does not let a user leave them', async () => {
    const acme = await server.createOrganization({ trustedDomains: ['example.com'] });
    const { success } = await upsertUsers(acme, { remoteId: 'E1', email: 'ann@example.com' });
    const { failed } = await upsertUsers(acme, { remoteId: 'E1', email: 'ann@example.net' });
    expect(failed).toMatchObject([{ error: expect.stringContaining('"ann@example.net"') }]);
    expect((await readPage(acme)).items).toEqual(success);
  });

  test('takes nobody at all while none is listed', async () => {
    const acme = await server.createOrganization({ trustedDomains: [] });
    const { success, failed } = await upsertUsers(acme, { email: 'ann@example.com' });
    expect(success).toEqual([]);
    expect(failed).toMatchObject([{ error: expect.stringContaining('none is listed yet') }]);
  });

  test('takes everybody again once the restriction is off', async () => {
    const acme = await server.createOrganization({ trustedDomains: ['example.com'] });
    await setTrustedDomains(acme, null);
    expect((await upsertUsers(acme, { email: 'ann@example.net' }, { remoteId: 'E2' })).failed).toEqual([]);
  });
});

test('trusted domains of one organization mean nothing to another', async () => {
  await server.createOrganization({ trustedDomains: ['example.com'] });
  const other = await server.createOrganization();
  expect((await upsertUsers(other, { email: 'ann@example.net' })).failed).toEqual([]);
});
