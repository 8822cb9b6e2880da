import type { User, UserPage } from '@rollcall/contract/users.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { expectIssues } from './support/errors.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { createUsers, deactivateUsers, readPage, remoteIds, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

describe('the envelope', () => {
  test('is the reference’s to the letter, members in its order', async () => {
    const acme = await server.createOrganization();
    const { success } = await upsertUsers(
      acme,
      { remoteId: 'E1', firstName: 'Amélie', lastName: 'Laurent', email: 'amelie@example.com' },
      { email: 'kwame@example.com', active: false },
    );
    const [amelie, kwame] = success as [User, User];
    const reply = await acme.get('/v1/users');
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(reply.text).toBe(
      `{"success":true,"data":{"items":[` +
        `{"id":"${amelie.id}","firstName":"Amélie","lastName":"Laurent","email":"amelie@example.com","active":true,"remoteId":"E1"},` +
        `{"id":"${kwame.id}","firstName":"","lastName":"","email":"kwame@example.com","active":false,"remoteId":null}` +
        `],"page":0,"size":200,"next":null,"prev":null,"totalPages":1,"total":2},"error":null}`,
    );
  });

  test('of an organization without users is an empty page of no pages', async () => {
    const acme = await server.createOrganization();
    expect((await acme.get('/v1/users')).text).toBe(
      '{"success":true,"data":{"items":[],"page":0,"size":200,"next":null,"prev":null,"totalPages":0,"total":0},"error":null}',
    );
  });

  test('ids are 64 lower-case hex digits, all different', async () => {
    const acme = await server.createOrganization();
    const users = await createUsers(acme, 200);
    expect(new Set(users.map((user) => user.id)).size).toBe(200);
    for (const user of users) expect(user.id).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('pages', () => {
  test('are 200 users long unless asked otherwise, counted from 0, with their neighbours’ numbers', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 401);
    const figures = async (query: string) => {
      const { items, ...rest } = await readPage(acme, query);
      return { ...rest, items: items.length };
    };
    const common = { size: 200, totalPages: 3, total: 401 };
    expect(await figures('')).toEqual({ ...common, items: 200, page: 0, prev: null, next: 1 });
    expect(await figures('page=1')).toEqual({ ...common, items: 200, page: 1, prev: 0, next: 2 });
    expect(await figures('page=2')).toEqual({ ...common, items: 1, page: 2, prev: 1, next: null });
  });

  test('cut the sequence of creation where pageSize says', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 5);
    expect(await remoteIds(acme, 'pageSize=2')).toEqual(['E0', 'E1']);
    expect(await remoteIds(acme, 'pageSize=2&page=1')).toEqual(['E2', 'E3']);
    expect(await remoteIds(acme, 'pageSize=2&page=2')).toEqual(['E4']);
    expect(await remoteIds(acme, 'pageSize=1&page=4')).toEqual(['E4']);
    expect(await remoteIds(acme, 'pageSize=200')).toEqual(['E0', 'E1', 'E2', 'E3', 'E4']);
  });

  test('that are exactly full have no empty page after them', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 4);
    expect(await readPage(acme, 'pageSize=2&page=1')).toMatchObject({ next: null, prev: 0, totalPages: 2, total: 4 });
  });

  test('past the end are empty, and point back to the last page with users', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 5);
    for (const page of [3, 9, 4_294_967_296, Number.MAX_SAFE_INTEGER]) {
      expect(await readPage(acme, `pageSize=2&page=${page}`)).toEqual({
        items: [],
        page,
        size: 2,
        next: null,
        prev: 2,
        totalPages: 3,
        total: 5,
      });
    }
  });

  test.each(['-1', '1.5', '1e3', '0x10', 'two', '', '%20', '99999999999999999999', 'NaN', 'null', '1,2', '%C3'])(
    'number "%s" is refused by the parameter’s name',
    async (page) => {
      const acme = await server.createOrganization();
      expect(expectIssues(await acme.get(`/v1/users?page=${page}`))).toEqual([expect.stringMatching(/^page: .+/)]);
    },
  );

  test.each(['0', '-5', '201', '200.5', 'all', ''])(
    'of size "%s" are refused by the parameter’s name',
    async (size) => {
      const acme = await server.createOrganization();
      expect(expectIssues(await acme.get(`/v1/users?pageSize=${size}`))).toEqual([
        expect.stringMatching(/^pageSize: must be a whole number from 1 to 200/),
      ]);
    },
  );

  test('every faulty, unknown and repeated parameter is listed at once', async () => {
    const acme = await server.createOrganization();
    const reply = await acme.get('/v1/users?limit=5&page=-1&pageSize=2&pageSize=3&Active=true');
    expect(expectIssues(reply)).toEqual([
      expect.stringMatching(/^limit: is unknown; known are: page, pageSize, active, email, remoteId, updatedSince$/),
      expect.stringMatching(/^page: must be a whole number/),
      expect.stringMatching(/^pageSize: is given more than once/),
      expect.stringMatching(/^Active: is unknown/),
    ]);
  });
});

describe('a full walk', () => {
  test('meets everyone exactly once, in order of creation, also while others are being added', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 10);
    const seen: (string | null)[] = [];
    let added = 10;
    for (let page: number | null = 0; page !== null; ) {
      const { items, next }: UserPage['data'] = await readPage(acme, `page=${page}&pageSize=3`);
      seen.push(...items.map((user) => user.remoteId));
      page = next;
      if (added < 25) {
        await createUsers(acme, 5, added);
        added += 5;
      }
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => `E${index}`));
  });

  test('is not moved by deactivation, update and reactivation', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 6);
    await deactivateUsers(acme, { remoteId: 'E0' }, { remoteId: 'E3' });
    await upsertUsers(acme, { remoteId: 'E4', firstName: 'Later' }, { remoteId: 'E0', active: true });
    expect(await remoteIds(acme, 'pageSize=4')).toEqual(['E0', 'E1', 'E2', 'E3']);
    expect(await remoteIds(acme, 'pageSize=4&page=1')).toEqual(['E4', 'E5']);
    expect((await readPage(acme)).total).toBe(6);
  });
});

describe('Link', () => {
  const linksOf = async (organization: TestOrganization, query: string) => {
    const { link = '' } = (await organization.get(`/v1/users${query}`)).headers;
    const links = String(link)
      .split(', ')
      .map((part) => /^<(.+)>; rel="(.+)"$/.exec(part));
    return Object.fromEntries(links.map((match) => [match?.[2], match?.[1]]));
  };

  test('names the first, neighbouring and last pages as URLs that can be followed', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 7);
    const url = (page: number) => `${server.address}/v1/users?pageSize=2&page=${page}`;
    expect(await linksOf(acme, '?page=1&pageSize=2')).toEqual({
      first: url(0),
      prev: url(0),
      next: url(2),
      last: url(3),
    });
    const last = await server.request(url(3).slice(server.address.length), { key: acme.key });
    expect(last.json<UserPage>().data.items.map((user) => user.remoteId)).toEqual(['E6']);
  });

  test('leaves out neighbours that are not there', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 3);
    expect(Object.keys(await linksOf(acme, '?pageSize=2'))).toEqual(['first', 'next', 'last']);
    expect(Object.keys(await linksOf(acme, '?pageSize=2&page=1'))).toEqual(['first', 'prev', 'last']);
    expect(Object.keys(await linksOf(acme, ''))).toEqual(['first', 'last']);
  });

  test('keeps the other parameters as they were sent', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 3);
    const { next } = await linksOf(acme, '?updatedSince=2020-01-01T00:00:00%2B02:00&page=0&active=true&pageSize=1');
    expect(next).toBe(
      `${server.address}/v1/users?updatedSince=2020-01-01T00:00:00%2B02:00&active=true&pageSize=1&page=1`,
    );
  });

  test('points to the public address where there is one', async () => {
    await using behindProxy = await startTestServer({
      environment: { PUBLIC_URL: 'https://rollcall.example.com/api' },
    });
    const acme = await behindProxy.createOrganization();
    await createUsers(acme, 1);
    expect((await linksOf(acme, '')).first).toBe('https://rollcall.example.com/api/v1/users?page=0');
  });
});
