import type { User, UserTemplate } from '@rollcall/contract/users.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { readPage, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

/** An organization with these users, and what is stored of them. */
async function organizationWith(...templates: UserTemplate[]): Promise<[TestOrganization, User[]]> {
  const organization = await server.createOrganization();
  const { success } = await upsertUsers(organization, ...templates);
  return [organization, success];
}

describe('linking', () => {
  test('an email found on a user without a remoteId gives that user the remoteId', async () => {
    const [acme, [signedUp]] = await organizationWith({ email: 'ann@example.com', firstName: 'Ann' });
    const { success, failed } = await upsertUsers(acme, { remoteId: 'E1', email: 'Ann@Example.com' });
    expect(failed).toEqual([]);
    expect(success).toEqual([{ ...signedUp, remoteId: 'E1' }]);
    expect((await readPage(acme)).items).toEqual(success);
  });

  test('an email sent with a known remoteId becomes that user’s email', async () => {
    const [acme, [ann]] = await organizationWith({ remoteId: 'E1', email: 'ann@example.com' });
    const { success } = await upsertUsers(acme, { remoteId: 'E1', email: 'ann.lee@example.com' });
    expect(success).toEqual([{ ...ann, email: 'ann.lee@example.com' }]);
    expect((await readPage(acme)).total).toBe(1);
  });

  test('two items of one batch link once: the second remoteId finds the email taken', async () => {
    const [acme, [ann]] = await organizationWith({ email: 'ann@example.com' });
    const { success, failed } = await upsertUsers(
      acme,
      { remoteId: 'E1', email: 'ann@example.com' },
      { remoteId: 'E2', email: 'ann@example.com' },
    );
    expect(success).toEqual([{ ...ann, remoteId: 'E1' }]);
    expect(failed).toMatchObject([{ user: { remoteId: 'E2' }, error: expect.stringContaining('"E1"') }]);
  });
});

describe('a conflict', () => {
  test('is an email that belongs to a user with another remoteId: nothing of the item is written', async () => {
    const [acme, users] = await organizationWith({ remoteId: 'E1', email: 'ann@example.com' });
    const item = { remoteId: 'E2', email: 'ann@example.com', firstName: 'Eve', active: false };
    const { success, failed } = await upsertUsers(acme, item);
    expect(success).toEqual([]);
    expect(failed).toEqual([
      {
        user: { ...item, id: users[0]?.id },
        error:
          'email "ann@example.com" belongs to the user with remoteId "E1", not to remoteId "E2"; correct one of the two, or first give the other user another email.',
      },
    ]);
    expect((await readPage(acme)).items).toEqual(users);
  });

  test('is a remoteId and an email that find two users, whether the second has a remoteId or not', async () => {
    const [acme, users] = await organizationWith(
      { remoteId: 'E1', email: 'ann@example.com' },
      { remoteId: 'E2', email: 'bob@example.com' },
      { email: 'cleo@example.com' },
    );
    const { success, failed } = await upsertUsers(
      acme,
      { remoteId: 'E1', email: 'bob@example.com', lastName: 'Changed' },
      { remoteId: 'E1', email: 'cleo@example.com', lastName: 'Changed' },
    );
    expect(success).toEqual([]);
    expect(failed).toMatchObject([
      { user: { id: users[0]?.id }, error: expect.stringMatching(/"bob@example.com".+"E2".+"E1"/) },
      { user: { id: users[0]?.id }, error: expect.stringMatching(/"cleo@example.com".+no remoteId/) },
    ]);
    expect((await readPage(acme)).items).toEqual(users);
  });

  test('of one item does not keep the others from being written', async () => {
    const [acme] = await organizationWith({ remoteId: 'E1', email: 'ann@example.com' });
    const { success, failed } = await upsertUsers(
      acme,
      { remoteId: 'E2', email: 'ann@example.com' },
      { remoteId: 'E3' },
      { remoteId: 'E1', firstName: 'Ann' },
    );
    expect(success).toMatchObject([{ remoteId: 'E3' }, { remoteId: 'E1', firstName: 'Ann' }]);
    expect(failed).toHaveLength(1);
  });

  test('is gone once the other user has another email, also within one batch', async () => {
    const [acme] = await organizationWith({ remoteId: 'E1', email: 'ann@example.com' });
    const { failed } = await upsertUsers(
      acme,
      { remoteId: 'E1', email: 'ann.old@example.com' },
      { remoteId: 'E2', email: 'ann@example.com' },
    );
    expect(failed).toEqual([]);
    expect((await readPage(acme)).items).toMatchObject([
      { remoteId: 'E1', email: 'ann.old@example.com' },
      { remoteId: 'E2', email: 'ann@example.com' },
    ]);
  });
});

describe('two users who swap emails', () => {
  const ann = { remoteId: 'E1', email: 'ann@example.com' };
  const bob = { remoteId: 'E2', email: 'bob@example.com' };

  test('at once are two conflicts, and both keep what they have', async () => {
    const [acme, users] = await organizationWith(ann, bob);
    const { success, failed } = await upsertUsers(
      acme,
      { remoteId: 'E1', email: bob.email },
      { remoteId: 'E2', email: ann.email },
    );
    expect(success).toEqual([]);
    expect(failed.map(({ user }) => user.remoteId)).toEqual(['E1', 'E2']);
    expect((await readPage(acme)).items).toEqual(users);
  });

  test('can do so in one batch by clearing one of the two first', async () => {
    const [acme, [before, other]] = await organizationWith(ann, bob);
    const { success, failed } = await upsertUsers(
      acme,
      { remoteId: 'E1', email: null },
      { remoteId: 'E2', email: ann.email },
      { remoteId: 'E1', email: bob.email },
    );
    expect(failed).toEqual([]);
    const after = [
      { ...before, email: bob.email },
      { ...other, email: ann.email },
    ];
    expect(success).toEqual([after[0], after[1], after[0]]);
    expect((await readPage(acme)).items).toEqual(after);
  });

  test('can hand remote ids round in a ring the same way', async () => {
    const [acme, before] = await organizationWith(
      { remoteId: 'E1', email: 'one@example.com' },
      { remoteId: 'E2', email: 'two@example.com' },
      { remoteId: 'E3', email: 'three@example.com' },
    );
    const { failed } = await upsertUsers(
      acme,
      { remoteId: null, email: 'one@example.com' },
      { remoteId: null, email: 'two@example.com' },
      { remoteId: null, email: 'three@example.com' },
      { remoteId: 'E2', email: 'one@example.com' },
      { remoteId: 'E3', email: 'two@example.com' },
      { remoteId: 'E1', email: 'three@example.com' },
    );
    expect(failed).toEqual([]);
    expect((await readPage(acme)).items).toEqual(
      before.map((user, index) => ({ ...user, remoteId: ['E2', 'E3', 'E1'][index] })),
    );
  });
});

describe('emails', () => {
  test('are compared without case and kept in lower case, the domain in its IDNA ASCII form', async () => {
    const [acme, users] = await organizationWith({ email: 'ÉLISE@BÜCHER.Example' });
    expect(users).toMatchObject([{ email: 'élise@xn--bcher-kva.example' }]);
    for (const email of [
      'élise@bücher.example',
      'E\u0301lise@xn--bcher-kva.EXAMPLE',
      '\u00a0élise@bücher。example\n',
    ]) {
      expect((await upsertUsers(acme, { email })).success).toEqual(users);
    }
    expect((await readPage(acme)).total).toBe(1);
  });

  test('of different domains or local parts stay different', async () => {
    const [acme] = await organizationWith(
      { email: 'ann@example.com' },
      { email: 'ann@example.org' },
      { email: 'ann+x@example.com' },
      { email: 'a.nn@example.com' },
    );
    expect((await readPage(acme)).total).toBe(4);
  });

  test.each([
    'ann',
    '@example.com',
    'ann@',
    'ann@example',
    'ann@@example.com',
    'ann lee@example.com',
    'ann@exa mple.com',
    'ann@-example.com',
    'ann@127.0.0.1',
    '.ann@example.com',
    'ann..lee@example.com',
    '"ann lee"@example.com',
    'ann@example.com, bob@example.com',
    'Ann <ann@example.com>',
    'ann@example.com\u0000',
    `${'a'.repeat(65)}@example.com`,
    `ann@${'a'.repeat(62)}.${'b'.repeat(62)}.${'c'.repeat(62)}.${'d'.repeat(62)}.example`,
    '',
  ])('that are not valid fail by item: %j', async (email) => {
    const acme = await server.createOrganization();
    const { success, failed } = await upsertUsers(acme, { remoteId: 'E1', email }, { remoteId: 'E2' });
    expect(success).toMatchObject([{ remoteId: 'E2' }]);
    expect(failed).toEqual([{ user: { remoteId: 'E1', email }, error: expect.stringMatching(/^email ".*" .+\.$/s) }]);
    expect((await readPage(acme)).total).toBe(1);
  });

  test('may be 254 characters long', async () => {
    const labels = `${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(53)}.example`;
    const email = `${'a'.repeat(64)}@${labels}`;
    expect(email).toHaveLength(254);
    const [, users] = await organizationWith({ email });
    expect(users).toMatchObject([{ email }]);
  });
});

describe('id in a template', () => {
  test('that is the found user’s is fine, so that a listed user can be sent as it came', async () => {
    const [acme, [ann]] = await organizationWith({ remoteId: 'E1', firstName: 'Ann' });
    expect((await upsertUsers(acme, { ...(ann as User), lastName: 'Lee' })).success).toEqual([
      { ...ann, lastName: 'Lee' },
    ]);
  });

  test('that is another’s, or nobody’s, fails: it is never taken for the key', async () => {
    const [acme, [ann, bob]] = await organizationWith({ remoteId: 'E1' }, { remoteId: 'E2' });
    const unknown = 'f'.repeat(64);
    const { success, failed } = await upsertUsers(
      acme,
      { id: (bob as User).id, remoteId: 'E1', firstName: 'Eve' },
      { id: (bob as User).id, remoteId: 'E9' },
      { id: unknown, remoteId: 'E8' },
      { id: (ann as User).id },
    );
    expect(success).toEqual([]);
    expect(failed.map(({ user }) => user.id)).toEqual([bob?.id, bob?.id, unknown, ann?.id]);
    expect((await readPage(acme)).items).toEqual([ann, bob]);
  });
});
