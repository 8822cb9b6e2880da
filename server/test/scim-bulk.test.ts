import { afterAll, describe, expect, test } from 'vitest';
import { BULK_MESSAGE, GROUP_SCHEMA, PATCH_MESSAGE, USER_SCHEMA } from '../domain/scim/schemas.ts';
import { createScimClient, fault, type ScimError, type ScimGroupResource } from './support/scim.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

interface Result {
  readonly method: string;
  readonly bulkId?: string;
  readonly location?: string;
  readonly version?: string;
  readonly status: string;
  readonly response?: ScimError;
}

async function bulkClient() {
  const client = await createScimClient(server);
  const bulk = (Operations: unknown, others: object = {}) =>
    client.send('POST', '/Bulk', { schemas: [BULK_MESSAGE], Operations, ...others });
  return {
    ...client,
    bulk,
    run: async (...operations: readonly unknown[]) =>
      (await bulk(operations)).json<{ Operations: Result[] }>().Operations,
  };
}

const user = (bulkId: string, userName = `${bulkId}@example.com`) => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { schemas: [USER_SCHEMA], userName },
});

const group = (bulkId: string, displayName: string, ...members: string[]) => ({
  method: 'post',
  path: '/Groups',
  bulkId,
  data: { schemas: [GROUP_SCHEMA], displayName, members: members.map((value) => ({ value })) },
});

const idOf = (result: Result | undefined) => result?.location?.split('/').at(-1) ?? '';

describe('a bulk', () => {
  test('does what its operations say, each for itself, and tells what came of each', async () => {
    const { run, get } = await bulkClient();
    const [ann, bob] = await run(user('ann'), user('bob'));
    expect(ann).toEqual({
      method: 'POST',
      bulkId: 'ann',
      location: expect.stringContaining(`${server.address}/scim/v2/Users/`),
      version: expect.stringMatching(/^W\//),
      status: '201',
    });
    const [put, patched, gone, stale, unknown, taken] = await run(
      { method: 'PUT', path: `/Users/${idOf(ann)}`, data: { schemas: [USER_SCHEMA], userName: 'anna@example.com' } },
      {
        method: 'PATCH',
        path: `/Users/${idOf(bob)}`,
        version: bob?.version,
        data: { schemas: [PATCH_MESSAGE], Operations: [{ op: 'replace', path: 'active', value: false }] },
      },
      { method: 'DELETE', path: `/Users/${idOf(bob)}` },
      { method: 'DELETE', path: `/Users/${idOf(ann)}`, version: ann?.version },
      { method: 'DELETE', path: '/Nothing/1' },
      user('x', 'anna@example.com'),
    );
    expect([put, patched, gone, stale, unknown, taken].map((result) => result?.status)).toEqual([
      '200',
      '200',
      '204',
      '412',
      '404',
      '409',
    ]);
    expect(taken).toMatchObject({ bulkId: 'x', response: { status: '409', scimType: 'uniqueness' } });
    expect(taken).not.toHaveProperty('location');
    expect(await get('/Users')).toMatchObject({ totalResults: 1, Resources: [{ userName: 'anna@example.com' }] });
  });

  test('puts whom it makes into groups, also those whom it makes later', async () => {
    const { run, get } = await bulkClient();
    const results = await run(group('g', 'Engineers', 'bulkId:ann', 'bulkId:bob'), user('ann'), user('bob'), {
      method: 'PATCH',
      path: '/Groups/bulkId:g',
      data: { schemas: [PATCH_MESSAGE], Operations: [{ op: 'remove', path: 'members[value eq "bulkId:ann"]' }] },
    });
    expect(results.map(({ status }) => status)).toEqual(['201', '201', '201', '204']);
    const { members } = await get<ScimGroupResource>(`/Groups/${idOf(results[0])}`);
    expect(members?.map(({ value }) => value)).toEqual([idOf(results[2])]);
  });

  test('refuses what refers to itself in a circle, to nothing, or to what failed', async () => {
    const { run } = await bulkClient();
    const results = await run(
      group('a', 'A', 'bulkId:b'),
      group('b', 'B', 'bulkId:a'),
      group('c', 'C', 'bulkId:nobody'),
      user('d', 'no address'),
      group('e', 'E', 'bulkId:d'),
    );
    expect(results.map(({ status }) => status)).toEqual(['409', '409', '409', '400', '400']);
    expect(results.at(-1)?.response?.detail).toContain('bulkId:d');
  });

  test('stops after as many failures as it is told', async () => {
    const { bulk, get } = await bulkClient();
    const reply = await bulk([user('a'), user('b', 'no'), user('c'), user('d', 'no'), user('e')], { failOnErrors: 2 });
    const { Operations } = reply.json<{ Operations: Result[] }>();
    expect(Operations.map(({ bulkId, status }) => `${bulkId} ${status}`)).toEqual(['a 201', 'b 400', 'c 201', 'd 400']);
    expect(await get('/Users')).toMatchObject({ totalResults: 2 });
  });

  test('has at most 1,000 operations: of 10,000 none is done', async () => {
    const { bulk, get } = await bulkClient();
    const reply = await bulk(Array.from({ length: 10_000 }, (_, index) => user(`u${index}`)));
    expect([reply.status, reply.json<ScimError>().detail]).toEqual([413, expect.stringContaining('1000')]);
    expect(await get('/Users')).toMatchObject({ totalResults: 0 });
    const most = await bulk(Array.from({ length: 1_000 }, (_, index) => user(`u${index}`)));
    expect(most.json<{ Operations: Result[] }>().Operations.every(({ status }) => status === '201')).toBe(true);
  });

  test.each([
    ['no operations', {}],
    ['a list that is none', { Operations: 7 }],
    ['an operation that is none', { Operations: [7] }],
    ['a method that reads', { Operations: [{ method: 'GET', path: '/Users' }] }],
    ['no path', { Operations: [{ method: 'DELETE' }] }],
    ['a POST without a bulkId', { Operations: [{ ...user('a'), bulkId: undefined }] }],
    [
      'data nested 5,000 deep',
      { Operations: [{ ...user('a'), data: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) }] },
    ],
  ])('with %s is refused', async (_, body) => {
    const { send } = await bulkClient();
    expect(fault(await send('POST', '/Bulk', { schemas: [BULK_MESSAGE], ...body }))).toEqual([400, 'invalidSyntax']);
  });

  test('whose failOnErrors is no number is refused', async () => {
    const { bulk } = await bulkClient();
    expect(fault(await bulk([], { failOnErrors: 'all' }))).toEqual([400, 'invalidValue']);
  });
});
