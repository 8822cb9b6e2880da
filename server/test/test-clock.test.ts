import { allScopes } from '@rollcall/contract/scopes.ts';
import { afterAll, expect, test } from 'vitest';
import { setTestClock } from '../actions/set-test-clock.ts';
import { addSession, contextOf, readCompletions, signUp } from './support/learning.ts';
import { storedEvents } from './support/rows.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { deactivateUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** As the contract writes a moment. */
function written(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** An organization with a key of all scopes, and how to ask for its clock. */
async function managed(settings: { isTest: boolean }) {
  const organization = await server.createOrganization(settings);
  const { key } = await organization.createKey({ scopes: allScopes });
  const clock = (body?: unknown, headers = {}) =>
    server.request('/manage/v1/test-clock', { key, headers, ...(body !== undefined && { method: 'PUT', body }) });
  return { organization, key, clock, set: (at: number) => clock({ now: written(at) }) };
}

async function statusOf(organization: TestOrganization, path: string): Promise<number> {
  return (await organization.get(path)).status;
}

test('a test organization’s clock goes with the server’s until it is set, and then stands still', async () => {
  const { clock, set } = await managed({ isTest: true });
  expect((await clock()).json()).toEqual({
    success: true,
    data: { now: written(server.clock.now()), isSet: false },
    error: null,
  });
  const at = Math.ceil(server.clock.now() / DAY_MS) * DAY_MS;
  const reply = await set(at);
  expect([reply.status, reply.json()]).toEqual([
    200,
    { success: true, data: { now: written(at), isSet: true }, error: null },
  ]);
  server.clock.advance(90_000);
  expect((await clock()).json()).toMatchObject({ data: { now: written(at), isSet: true } });
});

test('an organization that is not for tests has no clock, to be read or set', async () => {
  const { clock, set, organization } = await managed({ isTest: false });
  for (const reply of [await clock(), await set(server.clock.now() + DAY_MS)]) {
    expect(reply.status).toBe(403);
    expect(reply.json()).toMatchObject({
      error: { message: expect.stringContaining('--test'), metadata: { code: 'forbidden' } },
    });
  }
  const { session } = await addSession(server, organization);
  await expect(setTestClock(contextOf(server), organization.id, session.scheduledEndAt)).rejects.toMatchObject({
    code: 'forbidden',
  });
  expect(await readCompletions(organization)).toEqual([]);
});

test('a key without the scope "manage" neither reads nor sets it', async () => {
  const { organization } = await managed({ isTest: true });
  const path = '/manage/v1/test-clock';
  const body = { now: written(server.clock.now() + DAY_MS) };
  expect(await statusOf(organization, path)).toBe(403);
  expect((await server.request(path, { method: 'PUT', key: organization.key, body })).status).toBe(403);
});

test('it never goes back, and the refusal says where it stands', async () => {
  const { clock, set } = await managed({ isTest: true });
  expect((await set(server.clock.now() - MINUTE_MS)).status).toBe(409);
  const at = Math.ceil(server.clock.now() / DAY_MS) * DAY_MS;
  await set(at);
  const back = await set(at - 1_000);
  expect(back.status).toBe(409);
  expect(back.json()).toMatchObject({ error: { metadata: { code: 'conflict', now: written(at) } } });
  expect((await set(at)).status).toBe(200);
  expect((await clock()).json()).toMatchObject({ data: { now: written(at) } });
});

test.each([
  ['a day that is not in the calendar', { now: '2030-02-30T00:00:00Z' }, 400, '/now'],
  ['a time without a zone', { now: '2030-02-28T00:00:00' }, 400, '/now'],
  ['a number', { now: 1_900_000_000_000 }, 400, '/now'],
  ['nothing', {}, 400, ''],
  ['an unknown member', { now: '2030-01-01T00:00:00Z', frozen: true }, 400, '/frozen'],
  ['a year in which nothing can be scheduled', { now: '9000-01-01T00:00:01Z' }, 409, undefined],
])('%s is refused and leaves the clock as it is', async (_what, body, status, pointer) => {
  const { clock } = await managed({ isTest: true });
  const reply = await clock(body);
  expect(reply.status).toBe(status);
  if (pointer !== undefined) expect(reply.json()).toMatchObject({ error: { metadata: { issues: [{ pointer }] } } });
  expect((await clock()).json()).toMatchObject({ data: { isSet: false } });
});

test('what is due is done before the answer: sessions have begun or ended, their completions can be read', async () => {
  const { organization, set } = await managed({ isTest: true });
  const { session } = await addSession(server, organization);
  await signUp(server, organization, session, 2);
  const states = async () => {
    const { kysely } = server.database.reader;
    const rows = kysely.selectFrom('sessions').select('state').where('organization_id', '=', organization.id);
    return (await rows.execute()).map(({ state }) => state);
  };
  const roundUp = (at: number) => Math.ceil(at / 1_000) * 1_000;
  await set(roundUp(session.scheduledStartAt));
  expect(await states()).toEqual(['open']);
  expect(await readCompletions(organization)).toEqual([]);
  await set(roundUp(session.scheduledEndAt));
  expect(await states()).toEqual(['ended']);
  expect(await readCompletions(organization)).toHaveLength(2);
  const types = (await storedEvents(server, organization)).map(([, type]) => type);
  expect(types.slice(-5)).toEqual([
    'organization.clock_set',
    'session.opened',
    'organization.clock_set',
    'session.ended',
    'completion.recorded',
  ]);
});

test('the server’s clock passing by ends nothing where the test clock stands before it', async () => {
  await using own = await startTestServer();
  const organization = await own.createOrganization({ isTest: true });
  const { session } = await addSession(own, organization);
  await signUp(own, organization, session, 1);
  await setTestClock(contextOf(own), organization.id, own.clock.now());
  own.clock.advance(DAY_MS);
  // An organization that goes by the server's clock is dealt with meanwhile: the job has been there.
  const other = await own.createOrganization();
  const { session: theirs } = await addSession(own, other);
  own.clock.set(theirs.scheduledEndAt);
  while ((await stateOfSession(own, theirs.id)) !== 'ended') await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await stateOfSession(own, session.id)).toBe('scheduled');
  expect(await readCompletions(organization)).toEqual([]);
});

async function stateOfSession({ database }: typeof server, id: string): Promise<string> {
  const row = database.reader.kysely.selectFrom('sessions').select('state').where('id', '=', id);
  return (await row.executeTakeFirstOrThrow()).state;
}

test('other organizations, also other test organizations, go on by their own time', async () => {
  const { set } = await managed({ isTest: true });
  const other = await managed({ isTest: true });
  const { session } = await addSession(server, other.organization);
  await signUp(server, other.organization, session, 1);
  await set(Math.ceil(server.clock.now() / DAY_MS) * DAY_MS + DAY_MS);
  expect((await other.clock()).json()).toMatchObject({ data: { now: written(server.clock.now()), isSet: false } });
  expect(await readCompletions(other.organization)).toEqual([]);
});

test('who is deactivated keeps the seat in a session that has begun by the test clock', async () => {
  const { organization, set } = await managed({ isTest: true });
  const begun = await addSession(server, organization);
  await signUp(server, organization, begun.session, 1);
  await set(Math.ceil(begun.session.scheduledStartAt / 1_000) * 1_000);
  await deactivateUsers(organization, { remoteId: 'E0' });
  await set(Math.ceil(begun.session.scheduledEndAt / 1_000) * 1_000);
  expect(await readCompletions(organization)).toMatchObject([{ remoteUserId: 'E0', attended: false }]);
});

test('API keys expire by the server’s clock', async () => {
  const { organization, set } = await managed({ isTest: true });
  const { key } = await organization.createKey({ expiresAt: server.clock.now() + DAY_MS });
  await set(Math.ceil(server.clock.now() / DAY_MS) * DAY_MS + 7 * DAY_MS);
  expect((await server.request('/v1/users', { key })).status).toBe(200);
  server.clock.advance(DAY_MS);
  expect((await server.request('/v1/users', { key })).status).toBe(401);
});

test('an Idempotency-Key is remembered by the server’s clock', async () => {
  const { organization, set } = await managed({ isTest: true });
  const send = () =>
    organization.post('/v1/users/batch-upsert', { users: [{ remoteId: 'E1' }] }, { 'Idempotency-Key': 'once' });
  await send();
  await set(Math.ceil(server.clock.now() / DAY_MS) * DAY_MS + 7 * DAY_MS);
  expect((await send()).headers['idempotency-replayed']).toBe('true');
});
