import { afterAll, describe, expect, test } from 'vitest';
import { expectError, expectIssues } from './support/errors.ts';
import type { Reply } from './support/request.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { createUsers, readPage } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

/** Posts a body that breaks the schema to an organization with one user, and checks that nothing was written. */
async function refuse(path: string, body: unknown): Promise<string[]> {
  const [acme, before] = await organizationWithOneUser();
  const reply = await acme.post(path, body);
  expect((await acme.get('/v1/users')).text).toBe(before.text);
  return expectIssues(reply);
}

async function organizationWithOneUser(): Promise<[TestOrganization, Reply]> {
  const acme = await server.createOrganization();
  await createUsers(acme, 1);
  return [acme, await acme.get('/v1/users')];
}

describe.each(['/v1/users/batch-upsert', '/v1/users/batch-deactivate'])('%s', (path) => {
  const items = (count: number) => Array.from({ length: count }, (_, index) => ({ remoteId: `E${index}` }));

  test('takes 1 to 200 items', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 200);
    for (const count of [1, 200]) {
      const reply = await acme.post(path, { users: items(count) });
      expect(reply.json()).toMatchObject({ data: { failed: [] } });
    }
  });

  test('refuses 0 and 201 items as a whole', async () => {
    expect(await refuse(path, { users: [] })).toEqual(['/users: must have at least 1 item']);
    expect(await refuse(path, { users: items(201) })).toEqual([
      '/users: must have at most 200 items; send the rest in further requests',
    ]);
  });

  test('says of far too many items only that, and not what is wrong with each', async () => {
    const far = JSON.stringify({ users: Array.from({ length: 200_000 }, () => 1) });
    expect(await refuse(path, far)).toEqual(['/users: must have at most 200 items; send the rest in further requests']);
  });

  test.each([
    ['nothing', undefined, ': is empty; send a JSON object'],
    ['an empty text', '', ': is empty; send a JSON object'],
    ['null', 'null', ': must be an object, not null'],
    ['an array', '[]', ': must be an object, not an array'],
    ['a string', '"users"', ': must be an object, not a string'],
    ['an empty object', '{}', ': lacks "users"'],
    ['users that are null', '{"users":null}', '/users: must be an array, not null'],
    ['users that are an object', '{"users":{"0":{"remoteId":"E0"}}}', '/users: must be an array, not an object'],
  ])('refuses %s', async (_, body, issue) => {
    expect(await refuse(path, body)).toEqual([issue]);
  });

  test.each([
    ['a missing bracket', '{"users":[{"remoteId":"E0"}]'],
    ['a trailing comma', '{"users":[{"remoteId":"E0"},]}'],
    ['single quotes', "{'users':[]}"],
    ['a comment', '{"users":[{"remoteId":"E0"}]} // all'],
    ['two values', '{"users":[{"remoteId":"E0"}]}{"users":[{"remoteId":"E0"}]}'],
    ['a byte order mark in UTF-16', Buffer.from('\ufeff{"users":[{"remoteId":"E0"}]}', 'utf16le')],
    ['broken UTF-8', Buffer.from('{"users":[{"remoteId":"\xff"}]}', 'latin1')],
    ['an overlong UTF-8 form', Buffer.from('{"users":[{"remoteId":"\xc0\xaf"}]}', 'latin1')],
  ])('refuses JSON with %s', async (_, body) => {
    expect(await refuse(path, body)).toEqual([expect.stringMatching(/^: is not valid (JSON|UTF-8)/)]);
  });

  test('refuses unknown fields at every level by their pointers', async () => {
    expect(
      await refuse(path, {
        users: [{ remoteId: 'E0' }, { remoteId: 'E1', firstname: 'Ann', 'a/b~c': 1 }],
        dryRun: true,
      }),
    ).toEqual(
      expect.arrayContaining([
        '/dryRun: is an unknown field; check its spelling or leave it out',
        '/users/1/firstname: is an unknown field; check its spelling or leave it out',
        '/users/1/a~1b~0c: is an unknown field; check its spelling or leave it out',
      ]),
    );
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'refuses the field %s like any other',
    async (name) => {
      expect(await refuse(path, `{"users":[{"remoteId":"E0","${name}":{"active":true}}]}`)).toEqual([
        `/users/0/${name}: is an unknown field; check its spelling or leave it out`,
      ]);
      expect({}).not.toHaveProperty('active');
    },
  );

  test('lists every fault of 200 items, not the first few', async () => {
    const issues = await refuse(path, { users: Array.from({ length: 200 }, () => ({ remoteId: 1, email: 2 })) });
    expect(issues).toHaveLength(400);
    expect(new Set(issues)).toContain('/users/199/email: must be a string or null, not a number');
  });

  test('one wrong item refuses the 199 good ones with it', async () => {
    const good = items(199);
    expect(await refuse(path, { users: [...good, { remoteId: 199 }] })).toEqual([
      '/users/199/remoteId: must be a string or null, not a number',
    ]);
  });

  test('refuses unknown and repeated query parameters', async () => {
    const acme = await server.createOrganization();
    const body = { users: items(1) };
    expect(expectIssues(await acme.post(`${path}?dryrun=true`, body))).toEqual([
      'dryrun: is unknown; known are: dryRun',
    ]);
    expect(expectIssues(await acme.post(`${path}?dryRun=true&dryRun=true`, body))).toEqual([
      expect.stringMatching(/^dryRun: is given more than once/),
    ]);
    expect(expectIssues(await acme.post(`${path}?dryRun=1`, body))).toEqual([
      expect.stringMatching(/^dryRun: must be true or false/),
    ]);
    expect((await readPage(acme)).total).toBe(0);
  });
});

test('every wrong type of a template is listed by its pointer, with what is expected and what was sent', async () => {
  const issues = await refuse('/v1/users/batch-upsert', {
    users: [
      { remoteId: 1, email: true, firstName: null, lastName: ['Lee'], active: 'true' },
      'E1',
      null,
      { remoteId: {}, active: null, id: 7 },
    ],
  });
  expect(issues.sort()).toEqual([
    '/users/0/active: must be a boolean, not a string',
    '/users/0/email: must be a string or null, not a boolean',
    '/users/0/firstName: must be a string, not null',
    '/users/0/lastName: must be a string, not an array',
    '/users/0/remoteId: must be a string or null, not a number',
    '/users/1: must be an object, not a string',
    '/users/2: must be an object, not null',
    '/users/3/active: must be a boolean, not null',
    '/users/3/id: must be a string, not a number',
    '/users/3/remoteId: must be a string or null, not an object',
  ]);
});

test('the message of a refused body tells the first fault and how many more there are', async () => {
  const acme = await server.createOrganization();
  const reply = await acme.post('/v1/users/batch-upsert', { users: [{ active: 1 }, { active: 2 }, { active: 3 }] });
  expect(expectError(reply, 'invalid_request').message).toBe(
    'Body at /users/0/active: must be a boolean, not a number (and 2 more, see metadata.issues)',
  );
});

test('a member given twice counts once, the later, as JSON parsers do', async () => {
  const acme = await server.createOrganization();
  await acme.post('/v1/users/batch-upsert', '{"users":[{"remoteId":"E1","remoteId":"E2"}]}');
  expect((await readPage(acme)).items).toMatchObject([{ remoteId: 'E2' }]);
});

test('a byte order mark in UTF-8 before the JSON is no fault', async () => {
  const acme = await server.createOrganization();
  const reply = await acme.post('/v1/users/batch-upsert', '\ufeff{"users":[{"remoteId":"E1"}]}');
  expect(reply.status).toBe(200);
});
