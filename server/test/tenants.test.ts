import { randomBytes, randomUUID } from 'node:crypto';
import { accountApi } from '@rollcall/contract/account.ts';
import { manageApi } from '@rollcall/contract/manage/manage.ts';
import { allScopes } from '@rollcall/contract/scopes.ts';
import { expect, test } from 'vitest';
import { createCluster } from '../actions/create-cluster.ts';
import { addCluster, addCompletions, addModule, completionRecord } from './support/facts.ts';
import { addSession, contextOf, signUp } from './support/learning.ts';
import { type OrganizationRows, readOrganizationRows } from './support/organization-rows.ts';
import type { Reply } from './support/request.ts';
import { type Attempt, attemptsFor, type Own, type Secret, type SweepRequest } from './support/tenant-sweep.ts';
import { startTestServer, type TestOrganization, type TestServer } from './support/test-server.ts';

/** Every operation that any API offers; a new API joins the sweep here. */
const operations = [accountApi, manageApi].flatMap((api) => api.operations);

/** The sweep is a few thousand requests. */
const TIMEOUT_MS = 240_000;

/** Somebody who asks, with a key that has all scopes, and the ids of what is theirs. */
interface Asker {
  readonly organization: TestOrganization;
  readonly key: string;
  readonly own: Own;
}

/** An organization with something in every list, all of it unmistakable, and what others must not learn or use. */
async function createVictim(server: TestServer): Promise<Asker & { readonly secrets: Secret[] }> {
  const organization = await server.createOrganization();
  const { key } = await organization.createKey({ scopes: allScopes });
  const mark = randomUUID();
  const remoteId = `remote-${mark}`;
  const email = `person-${mark}@victim.example`;
  const names = { firstName: `First ${mark}`, lastName: `Last ${mark}` };
  const idempotencyKey = `key-${mark}`;
  const users = [
    { remoteId, email, ...names },
    { remoteId: `other-${mark}` },
    { email: `other-${mark}@victim.example` },
  ];
  const written = await organization.post('/v1/users/batch-upsert', { users }, { 'idempotency-key': idempotencyKey });
  const userId = firstUserId(written);
  const module = await addModule(server, organization, {
    name: `Module ${mark}`,
    category: `Category ${mark}`,
    description: `Description ${mark}`,
    thumbnailUrl: `https://victim.example/${mark}.svg`,
  });
  const clusterId = await addCluster(server, organization, { module, selfRegistration: true });
  const facts = { ...module, duration: 60 };
  const record = completionRecord({ clusterId, remoteUserId: remoteId, module: facts });
  await addCompletions(server, organization, [record]);
  const { own, joinToken } = await furnish(server, organization);
  const runId = await openSyncRun(organization, mark);
  const [completionId = ''] = await holdSession(server, organization);
  const completions = await organization.get('/v1/completions');
  const absentMark = randomUUID();
  const secret = (name: string, value: string): Secret => ({ name, value, absent: value.replace(mark, absentMark) });
  return {
    organization,
    key,
    own: { ...own, completionId, runId, userId },
    secrets: [
      secret('remoteId', remoteId),
      secret('email', email),
      secret('Idempotency-Key', idempotencyKey),
      { name: 'id', value: userId, absent: randomBytes(32).toString('hex') },
      { name: 'clusterId', value: clusterId, absent: randomUUID() },
      { name: 'moduleId', value: module.id, absent: randomUUID() },
      { name: 'runId', value: runId, absent: randomUUID() },
      { name: 'completion id', value: record.id, absent: randomUUID() },
      { name: 'sessionId', value: own.sessionId, absent: randomUUID() },
      { name: 'registrationId', value: own.registrationId, absent: randomUUID() },
      { name: 'join token', value: joinToken, absent: `zz.${randomBytes(18).toString('base64url')}` },
      { name: 'slug', value: organization.slug, absent: `org-${randomUUID()}` },
      { name: 'cursor', value: header(completions, 'x-next-cursor'), absent: absentCursor() },
      { name: 'ETag', value: header(completions, 'etag'), absent: `"${randomBytes(20).toString('base64url')}"` },
    ],
  };
}

/** Another organization, with something of its own in every list. */
async function createAttacker(server: TestServer, isManager: boolean): Promise<Asker> {
  const organization = await server.createOrganization();
  const userId = firstUserId(await organization.post('/v1/users/batch-upsert', { users: [{ remoteId: 'own' }] }));
  await addCluster(server, organization);
  const completion = completionRecord();
  await addCompletions(server, organization, [completion]);
  const runId = await openSyncRun(organization, 'own');
  if (!isManager) return { organization, key: organization.key, own: { runId } };
  const { key } = await organization.createKey({ scopes: allScopes });
  const { own } = await furnish(server, organization);
  return { organization, key, own: { ...own, completionId: completion.id, runId, userId } };
}

function firstUserId(written: Reply): string {
  return written.json<{ data: { success: { id: string }[] } }>().data.success[0]?.id ?? '';
}

/** A sync run that is open, with a row of somebody new. */
async function openSyncRun(organization: TestOrganization, mark: string): Promise<string> {
  const opened = await organization.post('/v1/sync-runs', { label: `run ${mark}` });
  const { id } = opened.json<{ data: { id: string } }>().data;
  await organization.post(`/v1/sync-runs/${id}/users`, { batch: 0, users: [{ remoteId: `new-${mark}` }] });
  return id;
}

/** A session of a module and cluster of its own, with somebody in it, and a module that nobody offers. */
async function furnish(server: TestServer, organization: TestOrganization) {
  const { module, session } = await addSession(server, organization);
  const [registrationId = ''] = await signUp(server, organization, session, 1);
  const template = { moduleId: module.id, selfRegistration: true };
  const { id: clusterId } = await createCluster(contextOf(server), organization.id, template);
  const { registrations = [] } = await readOrganizationRows(server.database, organization.id);
  const joinToken = String(registrations.find(({ id }) => id === registrationId)?.join_token);
  return { own: { moduleId: module.id, clusterId, sessionId: session.id, registrationId }, joinToken };
}

/** A session that is over, three hours ago, with somebody in it; answers the ids of what came of it. */
function holdSession(server: TestServer, organization: TestOrganization): Promise<string[]> {
  const earlier = { ...server, clock: { ...server.clock, now: () => server.clock.now() - 3 * 3_600_000 } };
  return addSession(earlier, organization).then(({ session }) => signUp(earlier, organization, session, 1));
}

/** The same attempt by the same asker, or by two that are alike where what the first does would change the second's. */
async function askTwice(server: TestServer, reader: Asker, { operation, fill }: Attempt) {
  const changes = operation.method !== 'GET';
  const isManager = operation.scope === 'manage';
  const first = changes ? await createAttacker(server, isManager) : reader;
  const isRepeatable = !isManager && operation.tag !== 'Sync runs';
  const second = changes && !isRepeatable ? await createAttacker(server, isManager) : first;
  const request = fill(({ value }) => value, first.own);
  const seen = await send(server, first.key, request);
  const absent = await send(
    server,
    second.key,
    fill((secret) => secret.absent, second.own),
  );
  return { request, seen, absent };
}

/** All that is stored of an organization, except when its own earlier requests used a key: that is noted a little later. */
async function rowsAtRest({ database }: TestServer, { id }: TestOrganization): Promise<OrganizationRows> {
  const { api_keys: keys = [], ...rows } = await readOrganizationRows(database, id);
  return { ...rows, api_keys: keys.map(({ last_used_at: _at, ...key }) => key) };
}

/** A well-formed cursor of an organization that does not exist. */
function absentCursor(): string {
  return Buffer.from('1.987654.1').toString('base64url');
}

function header({ headers }: Reply, name: string): string {
  const value = headers[name];
  if (typeof value !== 'string') throw new Error(`the answer has no ${name}`);
  return value;
}

/** The texts that only these rows hold: whatever of them shows up elsewhere has leaked. */
function marksOf(rows: OrganizationRows, others: OrganizationRows): string[] {
  const known = new Set(textsIn(others));
  return [...new Set(textsIn(rows))].filter((text) => text.length >= 12 && !known.has(text));
}

/** All texts, also those inside JSON. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return /^[[{]/.test(value) ? textsIn(JSON.parse(value)) : [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(textsIn);
}

function send(server: TestServer, key: string, { path, headers, ...request }: SweepRequest): Promise<Reply> {
  return server.request(path, { ...request, key, headers });
}

/** An answer without what differs between any two requests, and with the values sent replaced by their names. */
function comparable({ status, headers, text }: Reply, secrets: readonly Secret[]) {
  // Without its escapes, since a value may be repeated inside a quotation inside JSON.
  let body = text.replaceAll('\\', '').replace(/"requestId":"[^"]*"/, '"requestId":"…"');
  for (const { name, value, absent } of secrets) {
    for (const sent of [value, absent, value.slice(0, 40), absent.slice(0, 40)])
      body = body.replaceAll(sent, `<${name}>`);
  }
  const ids = /\b(?:[\da-f]{64}|[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})\b/g;
  body = body.replaceAll(ids, '<own id>').replaceAll(/\/join\/[\w.-]+/g, '/join/<own token>');
  return { status, headers: Object.keys(headers).sort(), body };
}

test(
  'whatever of another organization a request names, it is answered as if it did not exist, and nothing of it is seen or changed',
  async () => {
    await using server = await startTestServer();
    const { organization: victim, secrets } = await createVictim(server);
    const reader = await createAttacker(server, true);
    const before = await rowsAtRest(server, victim);
    const marks = marksOf(before, await readOrganizationRows(server.database, reader.organization.id));

    for (const attempt of operations.flatMap((operation) => attemptsFor(operation, secrets))) {
      const { request, seen, absent } = await askTwice(server, reader, attempt);

      const sent = decodeURIComponent(request.path) + JSON.stringify(request);
      const leaked = marks.filter((mark) => seen.text.includes(mark) && !sent.includes(mark));
      expect(leaked, sent).toEqual([]);
      expect(seen.status, sent).toBeLessThan(500);
      expect(comparable(seen, attempt.secrets), sent).toEqual(comparable(absent, attempt.secrets));
    }

    expect(await rowsAtRest(server, victim)).toEqual(before);
  },
  TIMEOUT_MS,
);

test('the sweep would see a leak: with its own key an organization meets what it stored in every list', async () => {
  await using server = await startTestServer();
  const { organization, key, own, secrets } = await createVictim(server);
  const stranger = await server.createOrganization();
  const marks = marksOf(
    await readOrganizationRows(server.database, organization.id),
    await readOrganizationRows(server.database, stranger.id),
  );

  // Only a test organization has a clock to be read.
  const reads = operations.filter(({ method, id }) => method === 'GET' && id !== 'getTestClock');
  for (const operation of reads) {
    const [plain] = attemptsFor(operation, secrets);
    const seen = await send(server, key, plain?.fill(({ value }) => value, own) as SweepRequest);
    expect(seen.status, operation.id).toBe(200);
    expect(marks.filter((mark) => seen.text.includes(mark)).length, operation.id).toBeGreaterThan(0);
  }
});

test('an Idempotency-Key of another organization is free for others: no answer is given away, none is refused', async () => {
  await using server = await startTestServer();
  const first = await server.createOrganization();
  const second = await server.createOrganization();
  const users = [{ remoteId: 'same', firstName: 'Ada' }];
  const headers = { 'idempotency-key': randomUUID() };

  const mine = await first.post('/v1/users/batch-upsert', { users }, headers);
  const same = await second.post('/v1/users/batch-upsert', { users }, headers);
  const again = await first.post('/v1/users/batch-upsert', { users }, headers);

  expect([mine.status, same.status, again.status]).toEqual([200, 200, 200]);
  expect(same.headers['idempotency-replayed']).toBeUndefined();
  expect(same.text).not.toBe(mine.text);
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(again.text).toBe(mine.text);
});

test('two organizations can have a user with the same email and remoteId, and neither sees what the other does to theirs', async () => {
  await using server = await startTestServer();
  const first = await server.createOrganization();
  const second = await server.createOrganization();
  const person = { remoteId: 'E1001', email: 'ada@example.com' };
  for (const organization of [first, second]) {
    await organization.post('/v1/users/batch-upsert', { users: [{ ...person, firstName: 'Ada' }] });
  }
  const before = await first.get('/v1/users');

  await second.post('/v1/users/batch-deactivate', { users: [person] });
  await second.post('/v1/users/batch-upsert', { users: [{ ...person, firstName: 'Grace', email: null }] });

  const after = await first.get('/v1/users');
  expect(after.text).toBe(before.text);
  expect(after.headers.etag).toBe(before.headers.etag);
  expect((await second.get('/v1/users')).text).not.toContain('Ada');
});

test('the key alone decides the organization: keys of two organizations in one request are refused', async () => {
  await using server = await startTestServer();
  const first = await server.createOrganization();
  const second = await server.createOrganization();
  for (const { method, path: pattern } of operations) {
    const path = pattern.replaceAll(/\{\w+\}/g, randomUUID());
    const reply = await server.request(path, { method, key: first.key, headers: { 'x-api-key': second.key } });
    expect([path, reply.status]).toEqual([path, 401]);
  }
});
