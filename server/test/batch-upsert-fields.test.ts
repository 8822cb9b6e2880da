import { afterAll, describe, expect, test } from 'vitest';
import { startTestServer } from './support/test-server.ts';
import { readPage, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

describe('white space', () => {
  test('is trimmed at both ends of every text and kept inside', async () => {
    const acme = await server.createOrganization();
    const { success } = await upsertUsers(acme, {
      remoteId: '\t E 1 \n',
      firstName: '\u00a0 Mary  Ann \u3000',
      lastName: '\r\n\ufeff',
      email: '  ann@example.com\u2003',
    });
    expect(success).toMatchObject([
      { remoteId: 'E 1', firstName: 'Mary  Ann', lastName: '', email: 'ann@example.com' },
    ]);
  });

  test('around a key does not make another user', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, { remoteId: 'E1' }, { remoteId: ' E1' }, { remoteId: 'E1\u00a0', firstName: 'Ann' });
    expect((await readPage(acme)).items).toMatchObject([{ remoteId: 'E1', firstName: 'Ann' }]);
  });

  test('alone is no remoteId', async () => {
    const acme = await server.createOrganization();
    const { failed } = await upsertUsers(acme, { remoteId: ' \t' });
    expect(failed).toEqual([
      { user: { remoteId: ' \t' }, error: 'remoteId " \\t" is empty; send a value or leave it out.' },
    ]);
  });
});

describe('lengths', () => {
  test.each(['firstName', 'lastName', 'remoteId'])(
    'of %s go to 256 characters, counted as people see code points',
    async (field) => {
      const acme = await server.createOrganization();
      const longest = '𝒜'.repeat(256);
      const { success, failed } = await upsertUsers(
        acme,
        { remoteId: 'E1', email: 'one@example.com', [field]: `  ${longest}  ` },
        { remoteId: 'E2', email: 'two@example.com', [field]: `${longest}x` },
      );
      expect(success).toMatchObject([{ [field]: longest }]);
      expect(failed).toMatchObject([
        {
          user: { email: 'two@example.com' },
          error: expect.stringMatching(new RegExp(`^${field} ".+" is longer than 256 characters`)),
        },
      ]);
    },
  );
});

describe('control characters', () => {
  test.each([
    ['NUL', '\u0000'],
    ['a line break', '\n'],
    ['a tab', '\t'],
    ['ESC', '\u001b'],
    ['DEL', '\u007f'],
    ['a C1 control', '\u009b'],
    ['a line separator', '\u2028'],
    ['a bidirectional override', '\u202e'],
    ['a lone surrogate', '\ud800'],
  ])('%s in a name or a remoteId are refused by item', async (_, character) => {
    const acme = await server.createOrganization();
    const text = `a${character}b`;
    const { success, failed } = await upsertUsers(
      acme,
      { remoteId: 'E1', firstName: text },
      { remoteId: 'E2', lastName: text },
      { remoteId: text },
      { remoteId: 'E4' },
    );
    expect(success).toMatchObject([{ remoteId: 'E4' }]);
    expect(failed.map(({ error }) => error.split(' ', 1)[0])).toEqual(['firstName', 'lastName', 'remoteId']);
    for (const { error } of failed)
      expect(error).toMatch(/contains the control character U\+[0-9A-F]{4}; remove it\.$/);
    expect((await readPage(acme)).total).toBe(1);
  });
});

describe('texts of all languages', () => {
  test.each([
    'Nguyễn',
    '山田 太郎',
    'محمد',
    'O’Connor-Łuczak',
    '👩‍👩‍👧',
    'می‌خواهم',
    "Robert'); DROP TABLE users;--",
    '<b>"&</b>',
    '\\u0041',
    '=1+1',
  ])('are kept as they are: %s', async (name) => {
    const acme = await server.createOrganization();
    const { success } = await upsertUsers(acme, { remoteId: name, firstName: name, lastName: name });
    expect(success).toMatchObject([{ remoteId: name, firstName: name, lastName: name }]);
    expect((await readPage(acme, `remoteId=${encodeURIComponent(name)}`)).items).toEqual(success);
  });
});

describe('several faults of one item', () => {
  test('are all told, each with field, value and remedy', async () => {
    const acme = await server.createOrganization();
    const { failed } = await upsertUsers(acme, { remoteId: '', email: 'nobody', firstName: 'a\u0007' });
    expect(failed[0]?.error).toBe(
      'remoteId "" is empty; send a value or leave it out. ' +
        'email "nobody" has no "@"; send an address such as name@example.com. ' +
        'firstName "a\\u0007" contains the control character U+0007; remove it.',
    );
  });
});
