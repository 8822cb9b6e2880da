import { afterAll, describe, expect, test } from 'vitest';
import { GROUP_SCHEMA } from '../domain/scim/schemas.ts';
import { storedEvents } from './support/rows.ts';
import { createScimClient, fault, type ScimError, type ScimGroupResource, type ScimList } from './support/scim.ts';
import { startTestServer } from './support/test-server.ts';
import { createUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

/** Some users and a group of the first two. */
async function withGroup(count = 4) {
  const client = await createScimClient(server);
  const users = (await createUsers(client.organization, count)).map(({ id }) => id);
  const group = await client.createGroup('Engineers', ...users.slice(0, 2));
  const path = `/Groups/${group.id}`;
  return {
    ...client,
    users,
    group,
    path,
    members: async () => ((await client.get<ScimGroupResource>(path)).members ?? []).map(({ value }) => value),
  };
}

describe('a group', () => {
  test('is made, read, found and deleted', async () => {
    const { get, send, group, users, path, organization } = await withGroup();
    const at = new Date(server.clock.now()).toISOString();
    const member = (id = '') => ({ value: id, $ref: `${server.address}/scim/v2/Users/${id}`, type: 'User' });
    expect(group).toEqual({
      schemas: [GROUP_SCHEMA],
      id: expect.any(String),
      displayName: 'Engineers',
      members: [member(users[0]), member(users[1])],
      meta: {
        resourceType: 'Group',
        created: at,
        lastModified: at,
        location: `${server.address}/scim/v2${path}`,
        version: expect.stringMatching(/^W\//),
      },
    });
    expect(await get(path)).toEqual(group);
    expect(await get('/Groups')).toMatchObject({ totalResults: 1, itemsPerPage: 1, Resources: [group] });
    expect((await send('DELETE', path)).status).toBe(204);
    expect(fault(await send('GET', path))).toEqual([404, undefined]);
    expect(fault(await send('DELETE', path))).toEqual([404, undefined]);
    expect(await get('/Users')).toMatchObject({ totalResults: 4 });
    expect((await storedEvents(server, organization)).map(([, type]) => type)).toEqual([
      'users.created',
      'group.created',
      'group.deleted',
    ]);
  });

  test('has a name and an externalId of its own', async () => {
    const { send, createGroup } = await withGroup();
    const post = (body: object) => send('POST', '/Groups', { schemas: [GROUP_SCHEMA], ...body });
    expect(fault(await post({ displayName: 'ENGINEERS' }))).toEqual([409, 'uniqueness']);
    expect((await post({ displayName: 'Sales', externalId: 'G1' })).status).toBe(201);
    expect(fault(await post({ displayName: 'Support', externalId: 'G1' }))).toEqual([409, 'uniqueness']);
    const { id } = await createGroup('Support');
    const put = await send('PUT', `/Groups/${id}`, { schemas: [GROUP_SCHEMA], displayName: 'Sales' });
    expect(fault(put)).toEqual([409, 'uniqueness']);
    expect(fault(await post({}))).toEqual([400, 'invalidValue']);
    expect(fault(await post({ displayName: ' ' }))).toEqual([400, 'invalidValue']);
    expect(fault(await send('POST', '/Groups', { displayName: 'x' }))).toEqual([400, 'invalidSyntax']);
  });

  test('holds users only, and only those that are there', async () => {
    const { send, group, users } = await withGroup();
    const post = (members: unknown) => send('POST', '/Groups', { schemas: [GROUP_SCHEMA], displayName: 'x', members });
    for (const members of [
      [{ value: group.id, type: 'Group' }],
      [{ value: 'a\u0000' }],
      [{ display: 'Ann' }],
      ['x'],
      [7],
    ]) {
      expect(fault(await post(members))).toEqual([400, 'invalidValue']);
    }
    await send('DELETE', `/Users/${users[0]}`);
    const reply = await post([{ value: users[1] }, { value: users[0] }]);
    expect(fault(reply)).toEqual([400, 'invalidValue']);
    expect(reply.json<ScimError>().detail).toContain(users[0]?.slice(0, 40));
  });

  test('loses a user who is deleted, and keeps one who is deactivated', async () => {
    const { send, patch, users, members, group, get, path } = await withGroup();
    await patch(`/Users/${users[1]}`, { op: 'replace', path: 'active', value: false });
    await send('DELETE', `/Users/${users[0]}`);
    expect(await members()).toEqual([users[1]]);
    expect((await get<ScimGroupResource>(path)).meta.version).not.toBe(group.meta.version);
  });
});

describe('the members of a group', () => {
  const ids = (...values: (string | undefined)[]) => values.map((value) => ({ value }));

  test('are added and removed in every spelling', async () => {
    const { patch, path, members, users } = await withGroup();
    const [a, b, c, d] = users;
    const steps: [unknown, (string | undefined)[]][] = [
      [{ op: 'add', path: 'members', value: ids(c) }, [a, b, c]],
      [{ op: 'Add', path: 'members', value: [{ $ref: null, value: d }] }, [a, b, c, d]],
      [{ op: 'add', path: 'members', value: ids(c, d) }, [a, b, c, d]],
      [{ op: 'remove', path: `members[value eq "${a}"]` }, [b, c, d]],
      [{ op: 'remove', path: `members[value eq "${a}"]` }, [b, c, d]],
      [{ op: 'Remove', path: 'members', value: ids(b, c) }, [d]],
      [{ op: 'replace', path: 'members', value: ids(a, b) }, [a, b]],
      [{ op: 'add', value: { members: ids(c) } }, [a, b, c]],
      [{ op: 'remove', path: `members[value eq "${a}" or value eq "${b}"]` }, [c]],
      [{ op: 'add', path: `${GROUP_SCHEMA}:members`, value: ids(a) }, [a, c]],
      [{ op: 'remove', path: `members[not (value eq "${a}")]` }, [a]],
      [{ op: 'remove', path: 'members' }, []],
      [{ op: 'replace', value: { id: 'x', displayName: 'Engineers', members: ids(d) } }, [d]],
      [{ op: 'replace', path: 'members', value: [] }, []],
    ];
    for (const [operation, expected] of steps) {
      const reply = await patch(path, operation);
      expect([reply.status, reply.text]).toEqual([204, '']);
      expect(await members()).toEqual(expected);
    }
  });

  test('are what the last of several operations says', async () => {
    const { patch, path, members, users } = await withGroup();
    const [a, , c, d] = users;
    await patch(
      path,
      { op: 'remove', path: `members[value eq "${a}"]` },
      { op: 'add', path: 'members', value: ids(a, c, d) },
      { op: 'remove', path: 'members', value: ids(d) },
      { op: 'replace', path: 'displayName', value: 'Builders' },
    );
    expect(await members()).toEqual([users[0], users[1], c]);
  });

  test.each([
    [{ op: 'replace', path: 'description', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: '__proto__.x', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: 'members[', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: 'members[value eq 7]', value: [] }, 'noTarget'],
    [{ op: 'replace', path: 'members[value eq "x"].display', value: 'x' }, 'mutability'],
    [{ op: 'remove', path: 'displayName' }, 'mutability'],
    [{ op: 'replace', path: 'meta.created', value: 'x' }, 'mutability'],
    [{ op: 'add', path: 'members', value: [{ value: '0'.repeat(64) }] }, 'invalidValue'],
    [{ op: 'add', path: 'members', value: 7 }, 'invalidValue'],
    [{ op: 'replace', path: 'displayName', value: 7 }, 'invalidValue'],
  ])('and its name are not changed by %j', async (operation, scimType) => {
    const { patch, path, get, group } = await withGroup();
    expect(fault(await patch(path, operation))).toEqual([400, scimType]);
    expect(await get(path)).toEqual(group);
  });

  test('stay where a PUT says nothing of them, and go where it says there are none', async () => {
    const { send, path, members, users } = await withGroup();
    const put = { schemas: [GROUP_SCHEMA], displayName: 'Builders' };
    expect((await send('PUT', path, put)).json()).toMatchObject({ displayName: 'Builders' });
    expect(await members()).toEqual(users.slice(0, 2));
    await send('PUT', path, { ...put, members: ids(users[3]) });
    expect(await members()).toEqual([users[3]]);
    await send('PUT', path, { ...put, members: [] });
    expect(await members()).toEqual([]);
  });

  test('may be ten thousand: put, changed by one, and left out where nobody asks for them', async () => {
    const { send, path, users, patch, get, members } = await withGroup(10_000);
    const put = { schemas: [GROUP_SCHEMA], displayName: 'Everyone', members: ids(...users) };
    const whole = (await send('PUT', path, put)).json<ScimGroupResource>();
    expect(whole.members).toHaveLength(10_000);
    await patch(path, { op: 'remove', path: `members[value eq "${users[5_000]}"]` });
    expect(await members()).toEqual(users.filter((_, index) => index !== 5_000));
    const short = await get<ScimList<ScimGroupResource>>('/Groups?excludedAttributes=members');
    expect(short.Resources[0]).not.toHaveProperty('members');
    const reply = await patch(`${path}?attributes=displayName`, {
      op: 'add',
      path: 'members',
      value: ids(users[5_000]),
    });
    expect(reply.json()).toEqual({ schemas: [GROUP_SCHEMA], id: short.Resources[0]?.id, displayName: 'Everyone' });
  });

  test('make pages of groups shorter, so that none grows without bounds', async () => {
    const { createGroup, get, users } = await withGroup(12_000);
    await createGroup('All', ...users);
    await createGroup('Again', ...users);
    const first = await get<ScimList<ScimGroupResource>>('/Groups?count=10');
    expect([first.totalResults, first.itemsPerPage, first.Resources.length]).toEqual([3, 2, 2]);
    const rest = await get<ScimList<ScimGroupResource>>('/Groups?count=10&startIndex=3');
    expect(rest.Resources.map(({ displayName }) => displayName)).toEqual(['Again']);
  });
});

describe('groups', () => {
  test('are filtered, sorted and cut into pages', async () => {
    const { createGroup, get, users, group } = await withGroup();
    await createGroup('Sales', users[0] ?? '');
    await createGroup('support');
    const names = async (query: string) =>
      (await get<ScimList<ScimGroupResource>>(`/Groups?${query}`)).Resources.map(({ displayName }) => displayName);
    const filtered = (filter: string) => names(`filter=${encodeURIComponent(filter)}`);
    expect(await filtered('displayName eq "engineers"')).toEqual(['Engineers']);
    expect(await filtered('displayName sw "S"')).toEqual(['Sales', 'support']);
    expect(await filtered(`members.value eq "${users[0]}"`)).toEqual(['Engineers', 'Sales']);
    expect(await filtered(`members[value eq "${users[1]}"]`)).toEqual(['Engineers']);
    expect(await filtered(`id eq "${group.id}" and members eq "${users[1]}"`)).toEqual(['Engineers']);
    expect(await filtered(`id eq "${group.id}" and members eq "${users[3]}"`)).toEqual([]);
    expect(await filtered('not (members pr)')).toEqual(['support']);
    expect(await filtered('externalId eq null and meta.resourceType eq "Group"')).toHaveLength(3);
    expect(await names('sortBy=displayName&sortOrder=descending')).toEqual(['support', 'Sales', 'Engineers']);
    expect(await names('sortBy=displayName&startIndex=2&count=1')).toEqual(['Sales']);
    expect(await get('/Groups?count=0')).toMatchObject({ totalResults: 3, Resources: [] });
  });

  test('have versions as users have', async () => {
    const { send, group, path, patch, users } = await withGroup();
    const { version } = group.meta;
    expect((await send('GET', path, undefined, { 'if-none-match': version })).status).toBe(304);
    await patch(path, { op: 'add', path: 'members', value: [{ value: users[0] }] });
    expect((await send('GET', path, undefined, { 'if-none-match': version })).status).toBe(304);
    await patch(path, { op: 'add', path: 'members', value: [{ value: users[3] }] });
    expect((await send('GET', path, undefined, { 'if-none-match': version })).status).toBe(200);
    expect(fault(await send('DELETE', path, undefined, { 'if-match': version }))).toEqual([412, undefined]);
  });
});
