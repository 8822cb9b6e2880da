import { afterAll, describe, expect, test } from 'vitest';
import { expectIssues } from './support/errors.ts';
import { startTestServer } from './support/test-server.ts';
import { createUsers, deactivateUsers, readPage, remoteIds, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const HOUR_MS = 3_600_000;
const iso = (at: number) => new Date(at).toISOString();

describe('active', () => {
  test('lists only those who are, or are not, with total and pages of the filtered', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 5);
    await deactivateUsers(acme, { remoteId: 'E1' }, { remoteId: 'E3' });
    expect(await remoteIds(acme, 'active=true')).toEqual(['E0', 'E2', 'E4']);
    expect(await remoteIds(acme, 'active=false')).toEqual(['E1', 'E3']);
    expect(await readPage(acme, 'active=true&pageSize=2')).toMatchObject({ total: 3, totalPages: 2, next: 1 });
    expect(await remoteIds(acme, 'active=true&pageSize=2&page=1')).toEqual(['E4']);
    expect(await readPage(acme, 'active=false&pageSize=1&page=1')).toMatchObject({ total: 2, next: null, prev: 0 });
    expect(await readPage(acme, 'active=false&page=7')).toMatchObject({ items: [], total: 2, prev: 0 });
  });

  test('counts right after creations, deactivations and reactivations in every order', async () => {
    const acme = await server.createOrganization();
    const totals = async () => [
      (await readPage(acme, 'active=true')).total,
      (await readPage(acme, 'active=false')).total,
      (await readPage(acme)).total,
    ];
    await upsertUsers(acme, { remoteId: 'a' }, { remoteId: 'b', active: false }, { remoteId: 'c' });
    expect(await totals()).toEqual([2, 1, 3]);
    await deactivateUsers(acme, { remoteId: 'a' }, { remoteId: 'a' }, { remoteId: 'b' });
    expect(await totals()).toEqual([1, 2, 3]);
    await upsertUsers(acme, { remoteId: 'a', active: true }, { remoteId: 'd', active: false }, { remoteId: 'd' });
    expect(await totals()).toEqual([2, 2, 4]);
  });

  test.each(['1', 'yes', 'TRUE', 'null', ''])('refuses "%s"', async (value) => {
    const acme = await server.createOrganization();
    expect(expectIssues(await acme.get(`/v1/users?active=${value}`))).toEqual([
      expect.stringMatching(/^active: must be true or false/),
    ]);
  });
});

describe('email', () => {
  test('finds the user in any spelling of the address', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, { remoteId: 'E1', email: 'Anna@Bücher.example' }, { remoteId: 'E2' });
    for (const spelling of [
      'anna@bücher.example',
      'ANNA@BÜCHER.EXAMPLE',
      'anna@xn--bcher-kva.example',
      ' anna@bücher.example ',
    ]) {
      const page = await readPage(acme, `email=${encodeURIComponent(spelling)}`);
      expect(page).toMatchObject({ total: 1, items: [{ remoteId: 'E1', email: 'anna@xn--bcher-kva.example' }] });
    }
  });

  test('that nobody has gives an empty page', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 2);
    expect(await readPage(acme, 'email=nobody@example.com')).toMatchObject({ items: [], total: 0, totalPages: 0 });
  });

  test('with a "+" must be percent-encoded, and then is found', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, { remoteId: 'E1', email: 'anna+rollcall@example.com' });
    expect(await remoteIds(acme, 'email=anna%2Brollcall@example.com')).toEqual(['E1']);
    expect(expectIssues(await acme.get('/v1/users?email=anna+rollcall@example.com'))).toEqual([
      'email: has a space before the "@"; in a URL "+" means a space, so write %2B for the "+" of an address',
    ]);
  });

  test.each(['anna', 'anna@', '@example.com', 'anna@example', ''])('refuses "%s"', async (value) => {
    const acme = await server.createOrganization();
    expect(expectIssues(await acme.get(`/v1/users?email=${value}`))).toEqual([expect.stringMatching(/^email: .+/)]);
  });
});

describe('remoteId', () => {
  test('finds exactly that one: no prefix, no pattern, case as it is', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(
      acme,
      { remoteId: 'E1' },
      { remoteId: 'E11' },
      { remoteId: 'e1' },
      { remoteId: 'E%' },
      { remoteId: 'a b&c=d/ü' },
    );
    expect(await remoteIds(acme, 'remoteId=E1')).toEqual(['E1']);
    expect(await remoteIds(acme, 'remoteId=E%25')).toEqual(['E%']);
    expect(await remoteIds(acme, `remoteId=${encodeURIComponent('a b&c=d/ü')}`)).toEqual(['a b&c=d/ü']);
    expect(await readPage(acme, 'remoteId=E')).toMatchObject({ items: [], total: 0 });
  });

  test('that is empty is refused', async () => {
    const acme = await server.createOrganization();
    expect(expectIssues(await acme.get('/v1/users?remoteId='))).toEqual(['remoteId: must not be empty']);
  });
});

describe('updatedSince', () => {
  test('lists those created or changed at that moment or later, not those whom a batch left as they were', async () => {
    const acme = await server.createOrganization();
    const start = server.clock.now();
    await createUsers(acme, 4);
    server.clock.advance(HOUR_MS);
    const later = server.clock.now();
    await upsertUsers(acme, { remoteId: 'E1', firstName: 'Changed' }, { remoteId: 'E2' }, { remoteId: 'E4' });
    await deactivateUsers(acme, { remoteId: 'E3' });
    expect(await remoteIds(acme, `updatedSince=${iso(start)}`)).toEqual(['E0', 'E1', 'E2', 'E3', 'E4']);
    expect(await remoteIds(acme, `updatedSince=${iso(start + 1)}`)).toEqual(['E1', 'E3', 'E4']);
    expect(await remoteIds(acme, `updatedSince=${iso(later)}`)).toEqual(['E1', 'E3', 'E4']);
    expect(await readPage(acme, `updatedSince=${iso(later + 1)}`)).toMatchObject({ items: [], total: 0 });
  });

  test('takes any offset', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 1);
    server.clock.set(Date.parse('2030-05-01T12:00:00Z'));
    await createUsers(acme, 1, 1);
    expect(await remoteIds(acme, 'updatedSince=2030-05-01T14:00:00%2B02:00')).toEqual(['E1']);
    expect(await remoteIds(acme, 'updatedSince=2030-05-01T07:00:01-05:00')).toEqual([]);
  });
});

describe('filters together', () => {
  test('list a user only if all of them hold', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(
      acme,
      { remoteId: 'E1', email: 'one@example.com' },
      { remoteId: 'E2', email: 'two@example.com', active: false },
    );
    const since = `updatedSince=${iso(server.clock.now())}`;
    expect(await remoteIds(acme, 'active=true&email=one@example.com&remoteId=E1')).toEqual(['E1']);
    expect(await remoteIds(acme, 'active=false&email=one@example.com')).toEqual([]);
    expect(await remoteIds(acme, 'email=one@example.com&remoteId=E2')).toEqual([]);
    expect(await remoteIds(acme, `active=false&${since}`)).toEqual(['E2']);
    expect(await readPage(acme, `active=true&${since}&pageSize=1`)).toMatchObject({
      total: 1,
      totalPages: 1,
      next: null,
    });
    expect(await remoteIds(acme, `active=true&${since}&pageSize=1&page=1`)).toEqual([]);
  });

  test('page through what they leave in order of creation', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 9);
    server.clock.advance(HOUR_MS);
    const since = iso(server.clock.now());
    const changed = ['E8', 'E1', 'E6', 'E3'].map((remoteId) => ({ remoteId, lastName: 'Changed' }));
    await upsertUsers(acme, ...changed);
    expect(await remoteIds(acme, `updatedSince=${since}&active=true&pageSize=3`)).toEqual(['E1', 'E3', 'E6']);
    expect(await remoteIds(acme, `updatedSince=${since}&active=true&pageSize=3&page=1`)).toEqual(['E8']);
  });

  test('walk over thousands without skipping or repeating anyone, in order of creation', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 2_300);
    const changed = Array.from({ length: 150 }, (_, index) => ({ remoteId: `E${index * 15}`, firstName: 'Changed' }));
    server.clock.advance(60_000);
    await upsertUsers(acme, ...changed);
    for (const query of [
      'active=true',
      'updatedSince=2000-01-01T00:00:00Z',
      'updatedSince=2000-01-01T00:00:00Z&active=true',
    ]) {
      const seen: (string | null)[] = [];
      for (let page = 0; page < 12; page++) seen.push(...(await remoteIds(acme, `${query}&page=${page}`)));
      expect(seen).toEqual(Array.from({ length: 2_300 }, (_, index) => `E${index}`));
    }
  });

  test('list every faulty one', async () => {
    const acme = await server.createOrganization();
    expect(expectIssues(await acme.get('/v1/users?active=maybe&updatedSince=yesterday&email='))).toEqual([
      expect.stringMatching(/^active: /),
      expect.stringMatching(/^updatedSince: /),
      expect.stringMatching(/^email: /),
    ]);
  });
});
