import { afterAll, describe, expect, test } from 'vitest';
import { addCluster, addCompletions, completionRecord } from './support/facts.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { createUsers, deactivateUsers, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const LISTS = ['/v1/users', '/v1/clusters', '/v1/completions'] as const;

async function organizationWithContent(): Promise<TestOrganization> {
  const acme = await server.createOrganization();
  await createUsers(acme, 20);
  await addCluster(server, acme, { selfRegistration: true });
  await addCompletions(server, acme, [
    completionRecord({ id: '26b8dec5-73b9-4a79-8648-f0c70611608a', registrationId: 'r' }),
  ]);
  return acme;
}

async function tagOf(organization: TestOrganization, path: string, headers = {}): Promise<string> {
  return String((await organization.get(path, headers)).headers.etag);
}

describe.each(LISTS)('%s', (path) => {
  test('has a strong ETag, and 304 without a body for who sends it back', async () => {
    const acme = await organizationWithContent();
    const first = await acme.get(path);
    expect(first.headers.etag).toMatch(/^"[\x21\x23-\x7e]+"$/);
    const second = await acme.get(path, { 'if-none-match': first.headers.etag });
    expect([second.status, second.text]).toEqual([304, '']);
    expect(second.headers.etag).toBe(first.headers.etag);
    expect(second.headers['cache-control']).toBe(first.headers['cache-control']);
    expect(second.headers.vary).toBe(first.headers.vary);
    expect(second.headers['x-request-id']).toMatch(/\S/);
    expect(second.headers).not.toHaveProperty('content-type');
    expect(second.headers).not.toHaveProperty('content-encoding');
  });

  test.each([
    ['the tag among others', (tag: string) => `"x", ${tag} ,"y"`, 304],
    ['the tag marked as weak', (tag: string) => `W/${tag}`, 304],
    ['the star', () => '*', 304],
    ['another tag', () => '"x"', 200],
    ['the tag without its quotes', (tag: string) => tag.slice(1, -1), 200],
    ['the beginning of the tag', (tag: string) => `${tag.slice(0, 8)}"`, 200],
    ['nothing', () => '', 200],
  ])('answers If-None-Match with %s', async (_, header, status) => {
    const acme = await organizationWithContent();
    const reply = await acme.get(path, { 'if-none-match': header(await tagOf(acme, path)) });
    expect(reply.status).toBe(status);
    expect(reply.bytes.length > 0).toBe(status === 200);
  });

  test('has another ETag for each coding, and never a 304 across them', async () => {
    const acme = await organizationWithContent();
    const codings = ['identity', 'gzip', 'br', 'zstd'];
    const tags = await Promise.all(codings.map((coding) => tagOf(acme, path, { 'accept-encoding': coding })));
    expect(new Set(tags).size).toBe(codings.length);
    for (const [index, coding] of codings.entries()) {
      for (const [other, tag] of tags.entries()) {
        const reply = await acme.get(path, { 'accept-encoding': coding, 'if-none-match': tag });
        expect(reply.status).toBe(index === other ? 304 : 200);
      }
    }
  });

  test('keeps its ETag while nothing changes, whatever the time', async () => {
    const acme = await organizationWithContent();
    const tag = await tagOf(acme, path);
    server.clock.advance(3_600_000);
    expect(await tagOf(acme, path)).toBe(tag);
  });

  test('has an ETag that no other organization has, though their content is the same', async () => {
    const acme = await server.createOrganization();
    const other = await server.createOrganization();
    expect((await acme.get(path)).text).toBe((await other.get(path)).text);
    expect(await tagOf(acme, path)).not.toBe(await tagOf(other, path));
  });

  test('is refused before it is compared', async () => {
    const acme = await organizationWithContent();
    const reply = await acme.get(`${path}?from=x&updatedSince=x`, { 'if-none-match': '*' });
    expect(reply.status).toBe(400);
  });
});

describe('each representation', () => {
  test('of completions has an ETag of its own', async () => {
    const acme = await organizationWithContent();
    const types = ['application/json', 'text/csv', 'application/x-ndjson'];
    const tags = await Promise.all(types.map((accept) => tagOf(acme, '/v1/completions', { accept })));
    expect(new Set(tags).size).toBe(types.length);
    const reply = await acme.get('/v1/completions', { accept: 'text/csv', 'if-none-match': tags[1] });
    expect(reply.status).toBe(304);
  });

  test.each([
    [
      '/v1/users',
      '/v1/users?page=1&pageSize=5',
      '/v1/users?pageSize=5',
      '/v1/users?active=true',
      '/v1/users?remoteId=E1',
    ],
    ['/v1/clusters', '/v1/clusters?from=2020-01-01T00:00:00Z', '/v1/clusters?to=2090-01-01T00:00:00Z'],
    ['/v1/completions', '/v1/completions?from=2020-01-01T00:00:00Z', '/v1/completions?remoteUserId=E1'],
  ])('of another query has an ETag of its own: %s …', async (...paths) => {
    const acme = await organizationWithContent();
    const tags = await Promise.all(paths.map((path) => tagOf(acme, path)));
    expect(new Set(tags).size).toBe(paths.length);
  });
});

/** Runs `change` and answers which of the three lists have another ETag and another content thereafter. */
async function changedBy(acme: TestOrganization, change: () => Promise<unknown>) {
  const read = () => Promise.all(LISTS.map((path) => acme.get(path)));
  const before = await read();
  await change();
  const after = await read();
  const tags = LISTS.filter((_, index) => before[index]?.headers.etag !== after[index]?.headers.etag);
  const contents = LISTS.filter((_, index) => before[index]?.text !== after[index]?.text);
  expect(tags).toEqual(contents);
  return tags;
}

describe('an ETag changes exactly when the content does', () => {
  test('by creating, updating, deactivating and reactivating users: that of users alone', async () => {
    const acme = await organizationWithContent();
    const changes = [
      () => createUsers(acme, 1, 100),
      () => upsertUsers(acme, { remoteId: 'E1', lastName: 'Lee' }),
      () => upsertUsers(acme, { remoteId: 'E1', email: 'lee@example.com' }),
      () => deactivateUsers(acme, { remoteId: 'E1' }),
      () => upsertUsers(acme, { remoteId: 'E1', active: true }),
    ];
    for (const change of changes) expect(await changedBy(acme, change)).toEqual(['/v1/users']);
  });

  test('not by batches that change nothing, fail or are dry', async () => {
    const acme = await organizationWithContent();
    const users = [{ remoteId: 'new' }];
    const idle = [
      () => upsertUsers(acme, { remoteId: 'E1' }, { remoteId: ' E2 ', active: true, firstName: ' ' }),
      () => upsertUsers(acme, { email: 'no address' }),
      () => upsertUsers(acme, { remoteId: 'E1', firstName: 'There' }, { remoteId: 'E1', firstName: '' }),
      () => deactivateUsers(acme, { remoteId: 'nobody' }),
      () => acme.post('/v1/users/batch-upsert?dryRun=true', { users }),
      () => acme.post('/v1/users/batch-upsert', { users: [] }),
    ];
    for (const batch of idle) expect(await changedBy(acme, batch)).toEqual([]);
  });

  test('not by what happens in another organization', async () => {
    const acme = await organizationWithContent();
    expect(await changedBy(acme, () => organizationWithContent())).toEqual([]);
  });

  test('by a cluster: that of clusters alone', async () => {
    const acme = await organizationWithContent();
    expect(await changedBy(acme, () => addCluster(server, acme))).toEqual(['/v1/clusters']);
  });

  test('by a completion that is new or has another hash, not by one written again as it was', async () => {
    const acme = await organizationWithContent();
    const facts = { id: '26b8dec5-73b9-4a79-8648-f0c70611608b', registrationId: 'r2' };
    const module = { id: 'm', name: 'M', category: 'C', thumbnailUrl: null, description: '', duration: 1 };
    const record = (totalSteps: number) => completionRecord({ ...facts, module, clusterId: 'c', totalSteps });
    expect(await changedBy(acme, () => addCompletions(server, acme, [record(10)]))).toEqual(['/v1/completions']);
    expect(await changedBy(acme, () => addCompletions(server, acme, [record(10)]))).toEqual([]);
    expect(await changedBy(acme, () => addCompletions(server, acme, [record(11)]))).toEqual(['/v1/completions']);
  });

  test('and does not come back when the content does', async () => {
    const acme = await organizationWithContent();
    const tags = [await tagOf(acme, '/v1/users')];
    for (const lastName of ['Lee', '']) {
      await upsertUsers(acme, { remoteId: 'E1', lastName });
      tags.push(await tagOf(acme, '/v1/users'));
    }
    expect(new Set(tags).size).toBe(3);
  });
});

describe('HEAD', () => {
  test.each(LISTS)('of %s has the headers of GET and no body', async (path) => {
    const acme = await organizationWithContent();
    const get = await acme.get(path);
    const head = await server.request(path, { method: 'HEAD', key: acme.key });
    expect([head.status, head.text]).toEqual([200, '']);
    for (const name of ['content-type', 'etag', 'link', 'vary', 'cache-control']) {
      expect([name, head.headers[name]]).toEqual([name, get.headers[name]]);
    }
    expect([undefined, String(get.bytes.length)]).toContain(head.headers['content-length']);
  });

  test.each(LISTS)('of %s answers 304, 400 and 401 like GET, without a body', async (path) => {
    const acme = await organizationWithContent();
    const head = (query: string, headers = {}, key = acme.key) =>
      server.request(path + query, { method: 'HEAD', key, headers });
    const replies = [
      await head('', { 'if-none-match': await tagOf(acme, path) }),
      await head('?unknown=1'),
      await head('', {}, 'rck_x'),
    ];
    expect(replies.map((reply) => [reply.status, reply.text])).toEqual([
      [304, ''],
      [400, ''],
      [401, ''],
    ]);
  });
});

test('answers to batches have no ETag: they are no lists', async () => {
  const acme = await server.createOrganization();
  const reply = await acme.post('/v1/users/batch-upsert', { users: [{ remoteId: 'E1' }] }, { 'if-none-match': '*' });
  expect(reply.status).toBe(200);
  expect(reply.headers).not.toHaveProperty('etag');
});
