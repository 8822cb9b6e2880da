import { afterAll, describe, expect, test } from 'vitest';
import {
  createScimClient,
  fault,
  type ScimClient,
  type ScimError,
  type ScimList,
  type ScimUserResource,
} from './support/scim.ts';
import { startTestServer } from './support/test-server.ts';
import { createUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const PEOPLE = [
  { userName: 'ada@example.com', externalId: 'E1', name: { givenName: 'Ada', familyName: 'Lovelace' } },
  {
    userName: 'grace@example.com',
    externalId: 'e1',
    name: { givenName: 'Grace', familyName: 'Hopper' },
    active: false,
  },
  { userName: 'alan', externalId: 'E3', name: { familyName: 'Turing' }, emails: [{ value: 'alan@other.example' }] },
  { userName: 'nobody', externalId: '100%_\\' },
];
const [ADA = '', GRACE = '', ALAN = '', NOBODY = ''] = PEOPLE.map(({ userName }) => userName);

let client: ScimClient;
let ids: string[];
const START = '2030-01-01T00:00:00Z';

async function people() {
  if (client) return client;
  client = await createScimClient(server);
  ids = [];
  for (const [index, person] of PEOPLE.entries()) {
    server.clock.set(Date.parse(START) + index * 1_000);
    ids.push((await client.createUser(person)).id);
  }
  return client;
}

describe('a filter', () => {
  test.each([
    ['userName eq "ADA@example.com"', [ADA]],
    ['USERNAME Eq "alan"', [ALAN]],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "alan"', [ALAN]],
    ['userName ne "alan"', [ADA, GRACE, NOBODY]],
    ['userName sw "A"', [ADA, ALAN]],
    ['userName ew "@example.com"', [ADA, GRACE]],
    ['userName co "a"', [ADA, GRACE, ALAN]],
    ['userName gt "alan"', [GRACE, NOBODY]],
    ['userName ge "alan"', [GRACE, ALAN, NOBODY]],
    ['userName lt "alan"', [ADA]],
    ['userName le "alan"', [ADA, ALAN]],
    ['externalId eq "E1"', [ADA]],
    ['externalId eq "e1"', [GRACE]],
    ['externalId co "%"', [NOBODY]],
    ['externalId co "_"', [NOBODY]],
    ['externalId ew "\\\\"', [NOBODY]],
    ['externalId sw "%"', []],
    ['externalId co ""', [ADA, GRACE, ALAN, NOBODY]],
    ['name.givenName pr', [ADA, GRACE]],
    ['not (name.givenName pr)', [ALAN, NOBODY]],
    ['name.givenName eq null', [ALAN, NOBODY]],
    ['name.givenName ne null', [ADA, GRACE]],
    ['name.familyName eq "hopper"', [GRACE]],
    ['displayName eq "ada lovelace"', [ADA]],
    ['name.formatted sw "gra"', [GRACE]],
    ['active eq true', [ADA, ALAN, NOBODY]],
    ['active eq "False"', [GRACE]],
    ['active ne true', [GRACE]],
    ['emails pr', [ADA, GRACE, ALAN]],
    ['emails eq "alan@other.example"', [ALAN]],
    ['emails.value ew "other.example"', [ALAN]],
    ['emails.type eq "work"', [ADA, GRACE, ALAN]],
    ['emails.value ne "alan@other.example"', [ADA, GRACE]],
    ['not (emails.value eq "alan@other.example")', [ADA, GRACE, NOBODY]],
    ['emails[type eq "work" and value co "@OTHER"]', [ALAN]],
    ['emails[type eq "work"].value eq "ADA@example.com"', [ADA]],
    ['emails[type eq "home"]', []],
    ['emails[not (type eq "home")]', [ADA, GRACE, ALAN]],
    ['meta.created ge "2030-01-01T01:00:01+01:00"', [GRACE, ALAN, NOBODY]],
    ['meta.lastModified lt "2030-01-01T00:00:01Z"', [ADA]],
    ['meta.created eq "2030-01-01T00:00:02Z"', [ALAN]],
    ['meta.resourceType eq "User"', [ADA, GRACE, ALAN, NOBODY]],
    ['userName eq "alan" or externalId eq "E1"', [ADA, ALAN]],
    ['userName eq "alan" and active eq false', []],
    ['active eq false or userName sw "a" and externalId eq "E3"', [GRACE, ALAN]],
    ['(active eq false or userName sw "a") and externalId eq "E3"', [ALAN]],
    ['not (active eq true and (userName sw "a" or userName sw "n"))', [GRACE]],
    ['  userName   eq   "alan"  ', [ALAN]],
  ])('%s', async (filter, expected) => {
    expect(await (await people()).find(filter)).toEqual(expected);
  });

  test('by id finds one', async () => {
    const { find } = await people();
    expect(await find(`id eq "${ids[1]}"`)).toEqual([GRACE]);
    expect(await find(`id eq "${ids[1]?.toUpperCase()}"`)).toEqual([]);
  });

  test.each([
    'userName',
    'userName eq',
    'userName eq alan',
    'userName xx "alan"',
    'userName eq "alan" and',
    'userName eq "alan" externalId eq "E1"',
    '(userName eq "alan"',
    'userName eq "alan")',
    'emails[type eq "work"',
    'emails[emails[type eq "work"]]',
    'title eq "Head"',
    'password eq "x"',
    'name.givenName.x eq "Ada"',
    '__proto__.x eq 1',
    'constructor.name pr',
    'toString pr',
    'userName eq 7',
    'userName gt null',
    'active gt true',
    'active eq "maybe"',
    'active co "t"',
    'meta.created gt "yesterday"',
    'meta.created sw "2030-01-01T00:00:00Z"',
    'userName eq "a\\u0000b"',
    'userName eq "\\ud800"',
    'userName eq "\\x"',
    'urn:ietf:params:scim:schemas:core:2.0:Group:displayName eq "x"',
    'members.value eq "x"',
    '"alan" eq userName',
    'userName eq "alan" & active eq true',
  ])('%s is refused', async (filter) => {
    const { send } = await people();
    const reply = await send('GET', `/Users?filter=${encodeURIComponent(filter)}`);
    expect(fault(reply)).toEqual([400, 'invalidFilter']);
    expect(reply.json<ScimError>().detail.length).toBeGreaterThan(20);
  });

  test('that is nested 1,000 deep, or has 10,000 conditions, is refused and hurts nobody', async () => {
    const { send } = await people();
    const search = (filter: string) =>
      send('POST', '/Users/.search', {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
        filter,
      });
    const nested = `${'('.repeat(1_000)}userName pr${')'.repeat(1_000)}`;
    const negated = `${'not ('.repeat(1_000)}userName pr${')'.repeat(1_000)}`;
    const long = Array.from({ length: 1_000 }, () => 'userName pr').join(' or ');
    const longer = Array.from({ length: 10_000 }, () => 'userName pr').join(' and ');
    for (const filter of [nested, negated, long, longer, `userName eq "${'x'.repeat(1_000_000)}"`]) {
      expect(fault(await search(filter))).toEqual([400, 'invalidFilter']);
    }
    const most = Array.from({ length: 200 }, () => 'userName pr').join(' or ');
    expect((await search(most)).json()).toMatchObject({ totalResults: 4 });
  });
});

describe('a list', () => {
  const names = (list: ScimList<ScimUserResource>) => list.Resources.map(({ userName }) => userName);

  test('is cut into pages', async () => {
    const { get } = await people();
    const list = (query: string) => get<ScimList<ScimUserResource>>(`/Users?${query}`);
    expect(await list('startIndex=2&count=2')).toMatchObject({ totalResults: 4, startIndex: 2, itemsPerPage: 2 });
    expect(names(await list('startIndex=2&count=2'))).toEqual([GRACE, ALAN]);
    expect(await list('count=0')).toMatchObject({ totalResults: 4, itemsPerPage: 0, Resources: [] });
    expect(await list('count=-3')).toMatchObject({ totalResults: 4, itemsPerPage: 0 });
    expect(names(await list('startIndex=-1&count=1'))).toEqual([ADA]);
    expect(await list('startIndex=9')).toMatchObject({ totalResults: 4, startIndex: 9, Resources: [] });
    expect(names(await list('filter=active%20eq%20true&startIndex=2&count=1'))).toEqual([ALAN]);
    expect(await list('count=5000')).toMatchObject({ itemsPerPage: 4 });
  });

  test('never has more than 200, and a walk meets everyone once', async () => {
    const client = await createScimClient(server);
    const users = await createUsers(client.organization, 450);
    await client.send('DELETE', `/Users/${users[7]?.id}`);
    const seen: string[] = [];
    for (let startIndex = 1; startIndex <= 449; ) {
      const page = await client.get<ScimList<ScimUserResource>>(`/Users?count=1000&startIndex=${startIndex}`);
      expect(page.totalResults).toBe(449);
      seen.push(...page.Resources.map(({ id }) => id));
      startIndex += page.itemsPerPage;
    }
    expect(seen).toEqual(users.filter((_, index) => index !== 7).map(({ id }) => id));
  });

  test('is sorted', async () => {
    const { get } = await people();
    const sorted = async (query: string) => names(await get<ScimList<ScimUserResource>>(`/Users?${query}`));
    expect(await sorted('sortBy=userName')).toEqual([ADA, ALAN, GRACE, NOBODY]);
    expect(await sorted('sortBy=userName&sortOrder=descending')).toEqual([NOBODY, GRACE, ALAN, ADA]);
    expect(await sorted('sortBy=name.givenName&filter=active%20eq%20true')).toEqual([ADA, ALAN, NOBODY]);
    expect(await sorted('sortBy=emails&sortOrder=Descending')).toEqual([NOBODY, GRACE, ALAN, ADA]);
    expect(await sorted('sortBy=meta.created&sortOrder=descending&count=1')).toEqual([NOBODY]);
  });

  test('of more people than are read at once is whole and in order', async () => {
    const client = await createScimClient(server);
    await createUsers(client.organization, 4_600);
    const page = await client.get<ScimList<ScimUserResource>>('/Users?sortBy=externalId&sortOrder=descending&count=2');
    expect([page.totalResults, names(page)]).toEqual([4_600, ['E999', 'E998']]);
    expect(await client.find('externalId ew "99" and userName sw "e4"')).toHaveLength(7);
  });

  test.each(['count=x', 'startIndex=1.5', 'sortOrder=up', 'sortBy=title', 'sortBy=__proto__'])(
    'asked for by %s is refused',
    async (query) => {
      const { send } = await people();
      expect(fault(await send('GET', `/Users?${query}`))).toEqual([400, 'invalidValue']);
    },
  );

  test('shows the attributes that are asked for', async () => {
    const { get } = await people();
    const first = async (query: string) =>
      (await get<ScimList<ScimUserResource>>(`/Users?count=1&${query}`)).Resources[0];
    const always = { schemas: expect.any(Array), id: ids[0] };
    expect(await first('attributes=userName')).toEqual({ ...always, userName: ADA });
    expect(await first('attributes=name.givenName,emails.value')).toEqual({
      ...always,
      name: { givenName: 'Ada' },
      emails: [{ value: ADA }],
    });
    const short = await first('excludedAttributes=emails,name.familyName,id');
    expect(short).not.toHaveProperty('emails');
    expect(short?.name).toEqual({ formatted: 'Ada Lovelace', givenName: 'Ada' });
    expect(short?.id).toBe(ids[0]);
    expect(await get(`/Users/${ids[0]}?attributes=active`)).toEqual({ ...always, active: true });
  });

  test('is searched by POST as by GET', async () => {
    const { send, get } = await people();
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];
    const body = { schemas, filter: 'active eq true', startIndex: 2, count: 2, attributes: ['userName'], sortBy: 'id' };
    const reply = await send('POST', '/Users/.search', body);
    expect(reply.status).toBe(200);
    const query = 'filter=active%20eq%20true&startIndex=2&count=2&attributes=userName&sortBy=id';
    expect(reply.json()).toEqual(await get(`/Users?${query}`));
    expect(fault(await send('POST', '/Users/.search', { schemas: [] }))).toEqual([400, 'invalidSyntax']);
    expect(fault(await send('POST', '/.search', body))).toEqual([501, undefined]);
  });
});
