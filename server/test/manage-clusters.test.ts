import { randomUUID } from 'node:crypto';
import type { ClusterList } from '@rollcall/contract/clusters.ts';
import type { Cluster } from '@rollcall/contract/manage/clusters.ts';
import type { Registration } from '@rollcall/contract/manage/registrations.ts';
import type { Session } from '@rollcall/contract/manage/session-shapes.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { expectError, expectIssues } from './support/errors.ts';
import { readCompletions } from './support/learning.ts';
import {
  createCluster,
  createManager,
  createModule,
  createSession,
  dataOf,
  type Manager,
  takeSeat,
  walk,
} from './support/manage.ts';
import { storedEvents } from './support/rows.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

async function sessionsOf(manager: Manager, clusterId: string): Promise<Session[]> {
  return walk(manager, `/sessions?clusterId=${clusterId}`, 50);
}

/** The ids of the clusters that the Account API lists. */
async function offered({ organization }: Manager): Promise<string[]> {
  const { items } = (await organization.get('/v1/clusters')).json<ClusterList>().data;
  return items.map(({ clusterId }) => clusterId);
}

const weekly = { startsAt: '2026-03-10T09:00:00', timeZone: 'Europe/Berlin', every: 'week', count: 3 };

describe('creating a cluster', () => {
  test('offers a module, with all its sessions, and the Account API lists it', async () => {
    const manager = await createManager(server);
    const module = await createModule(manager);
    const template = { moduleId: module.id, selfRegistration: true, capacity: 6, sessions: { recurrence: weekly } };
    const reply = await manager.post('/clusters', template);
    expect(reply.status).toBe(201);
    const cluster = dataOf<Cluster>(reply);
    const signUpUrl = `${server.address}/embed/${manager.organization.slug}/${cluster.id}`;
    expect(cluster).toEqual({
      id: expect.any(String),
      moduleId: module.id,
      moduleName: 'Meetings that decide',
      selfRegistration: true,
      capacity: 6,
      signUpUrl,
      iframeCode: `<iframe src="${signUpUrl}" width="100%" height="100%"></iframe>`,
      sessionsUpcoming: 3,
      createdAt: expect.any(String),
      archivedAt: null,
    });
    expect(reply.headers.location).toBe(`${server.address}/manage/v1/clusters/${cluster.id}`);
    expect(await manager.read(`/clusters/${cluster.id}`)).toEqual(cluster);
    const sessions = await sessionsOf(manager, cluster.id);
    expect(sessions.map(({ startsAt, endsAt, capacity, state }) => [startsAt, endsAt, capacity, state])).toEqual([
      ['2026-03-10T08:00:00Z', '2026-03-10T09:00:00Z', 6, 'scheduled'],
      ['2026-03-17T08:00:00Z', '2026-03-17T09:00:00Z', 6, 'scheduled'],
      ['2026-03-24T08:00:00Z', '2026-03-24T09:00:00Z', 6, 'scheduled'],
    ]);
    const { items } = (await manager.organization.get('/v1/clusters')).json<ClusterList>().data;
    expect(items).toMatchObject([{ clusterId: cluster.id, moduleId: module.id, iframeCode: cluster.iframeCode }]);
    expect((await storedEvents(server, manager.organization)).map(([, type]) => type)).toEqual([
      'module.created',
      'cluster.created',
      'session.scheduled',
      'session.scheduled',
      'session.scheduled',
    ]);
  });

  test('that says no more than the module has ten seats, no sign-up form and no session', async () => {
    const manager = await createManager(server);
    const cluster = await createCluster(manager);
    const nothing = { selfRegistration: false, capacity: 10, signUpUrl: null, iframeCode: null, sessionsUpcoming: 0 };
    expect(cluster).toMatchObject(nothing);
    expect(await sessionsOf(manager, cluster.id)).toEqual([]);
  });

  test('of a module that has no steps yet is refused, and says so', async () => {
    const manager = await createManager(server);
    const { id: moduleId } = await createModule(manager, { steps: [] });
    const reply = await manager.post('/clusters', { moduleId });
    expect(reply.status).toBe(409);
    expect(reply.json()).toMatchObject({
      error: { message: expect.stringContaining('has no steps yet'), metadata: { code: 'conflict' } },
    });
  });

  test('makes nothing at all where one session cannot be', async () => {
    const manager = await createManager(server);
    const { id: moduleId } = await createModule(manager);
    const sessions = { startsAt: ['2026-05-02T10:00:00Z', '2026-03-04T09:30:15Z', '2026-05-02T12:00:00+02:00'] };
    expect(expectIssues(await manager.post('/clusters', { moduleId, sessions }))).toEqual([
      '/sessions/startsAt/1: lies in the past; choose a moment to come',
      '/sessions/startsAt/2: is the same moment as one before; for more seats raise "capacity"',
    ]);
    const skipped = { recurrence: { ...weekly, startsAt: '2026-03-22T02:30:00' } };
    expect(expectIssues(await manager.post('/clusters', { moduleId, sessions: skipped }))).toEqual([
      '/sessions/recurrence/startsAt: gives 2026-03-29T02:30:00, which does not exist in Europe/Berlin: a clock change skips it; choose another time',
    ]);
    expect(await walk(manager, '/clusters', 50)).toEqual([]);
    expect(await walk(manager, '/sessions', 50)).toEqual([]);
    expect(await offered(manager)).toEqual([]);
  });

  test('is refused with the place of every fault', async () => {
    const manager = await createManager(server);
    const body = {
      moduleId: 'meetings',
      capacity: 0,
      selfRegistration: 'yes',
      sessions: { startsAt: ['2026-02-30T10:00:00Z', '2026-05-02'], capacity: 1_001, recurrence: { every: 'month' } },
    };
    expect(expectIssues(await manager.post('/clusters', body)).sort()).toEqual([
      '/capacity: must be at least 1',
      '/moduleId: must be a UUID such as 0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11',
      '/selfRegistration: must be a boolean, not a string',
      '/sessions/capacity: must be at most 1000',
      '/sessions/recurrence/every: must be "day" or "week"',
      '/sessions/recurrence: lacks "startsAt", "timeZone"',
      '/sessions/startsAt/0: has no such day as 30; that month has 28 days',
      '/sessions/startsAt/1: has a date but no time; write for example 2026-05-02T00:00:00Z',
    ]);
    expectError(await manager.post('/clusters', { moduleId: randomUUID() }), 'not_found');
  });

  test('is done once for each Idempotency-Key', async () => {
    const manager = await createManager(server);
    const { id: moduleId } = await createModule(manager);
    const body = { moduleId, sessions: { startsAt: ['2026-05-02T10:00:00Z'] } };
    const headers = { 'idempotency-key': randomUUID() };
    const first = await manager.post('/clusters', body, headers);
    const again = await manager.post('/clusters', body, headers);
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(await walk(manager, '/clusters', 50)).toHaveLength(1);
    expect(await walk(manager, '/sessions', 50)).toHaveLength(1);
  });
});

describe('changing a cluster', () => {
  test('opens and closes the sign-up form, and the Account API shows it at once', async () => {
    const manager = await createManager(server);
    const cluster = await createCluster(manager);
    const etag = String((await manager.organization.get('/v1/clusters')).headers.etag);
    const open = await manager.change<Cluster>(`/clusters/${cluster.id}`, { selfRegistration: true });
    const signUpUrl = `${server.address}/embed/${manager.organization.slug}/${cluster.id}`;
    expect(open).toMatchObject({ selfRegistration: true, signUpUrl });
    const listed = await manager.organization.get('/v1/clusters', { 'if-none-match': etag });
    expect(listed.json<ClusterList>().data.items[0]?.iframeCode).toBe(open.iframeCode);
    expect(await manager.change(`/clusters/${cluster.id}`, { selfRegistration: false })).toEqual(cluster);
  });

  test('gives new sessions other seats, and leaves those that are scheduled as they are', async () => {
    const manager = await createManager(server);
    const { id: clusterId } = await createCluster(manager, { capacity: 4 });
    const before = await createSession(manager, { clusterId });
    expect(await manager.change(`/clusters/${clusterId}`, { capacity: 9 })).toMatchObject({ capacity: 9 });
    const after = await createSession(manager, { clusterId, startsAt: '2026-05-03T10:00:00Z' });
    expect([before.capacity, after.capacity]).toEqual([4, 9]);
    expect((await sessionsOf(manager, clusterId)).map(({ capacity }) => capacity)).toEqual([4, 9]);
  });

  test('leaves an event where something is different, and none where nothing is', async () => {
    const manager = await createManager(server);
    const { id } = await createCluster(manager);
    await manager.change(`/clusters/${id}`, { capacity: 4, selfRegistration: false });
    await manager.change(`/clusters/${id}`, { capacity: 4 });
    await manager.change(`/clusters/${id}`, {});
    expect((await storedEvents(server, manager.organization)).map(([, type]) => type)).toEqual([
      'module.created',
      'cluster.created',
      'cluster.updated',
    ]);
  });

  test('is refused where there is none, and for members that cannot be changed', async () => {
    const manager = await createManager(server);
    const { id } = await createCluster(manager);
    expectError(await manager.patch(`/clusters/${randomUUID()}`, { capacity: 4 }), 'not_found');
    expect(
      expectIssues(await manager.patch(`/clusters/${id}`, { moduleId: randomUUID(), capacity: null })).sort(),
    ).toEqual([
      '/capacity: must be an integer, not null',
      '/moduleId: is an unknown field; check its spelling or leave it out',
    ]);
  });
});

describe('archiving a cluster', () => {
  test('takes it off the offer: out of the Account API, no form, nothing can be added', async () => {
    const manager = await createManager(server);
    const cluster = await createCluster(manager, { selfRegistration: true });
    const kept = await createCluster(manager);
    expect(await offered(manager)).toEqual([cluster.id, kept.id]);
    const archived = await manager.make<Cluster>(`/clusters/${cluster.id}/archive`);
    expect(archived).toEqual({ ...cluster, archivedAt: archived.archivedAt, signUpUrl: null, iframeCode: null });
    expect(archived.archivedAt).not.toBeNull();
    expect(await offered(manager)).toEqual([kept.id]);
    expectError(await manager.patch(`/clusters/${cluster.id}`, { capacity: 4 }), 'conflict');
    const startsAt = ['2026-05-02T10:00:00Z'];
    expectError(await manager.post(`/clusters/${cluster.id}/sessions`, { startsAt }), 'conflict');
    server.clock.advance(5_000);
    expect(await manager.make(`/clusters/${cluster.id}/archive`)).toEqual(archived);
  });

  test('cancels sessions to come that nobody has a seat in', async () => {
    const manager = await createManager(server);
    const { id: clusterId } = await createCluster(manager);
    const session = await createSession(manager, { clusterId });
    const seat = await takeSeat(manager, session.id, 'E1');
    await manager.make(`/registrations/${seat.id}/cancel`);
    expect(await manager.make(`/clusters/${clusterId}/archive`)).toMatchObject({ sessionsUpcoming: 0 });
    expect(await manager.read(`/sessions/${session.id}`)).toMatchObject({ state: 'cancelled' });
  });

  test('is refused where people have seats in what is not over, unless these sessions are to be cancelled too', async () => {
    const manager = await createManager(server);
    const { id: clusterId } = await createCluster(manager);
    const taken = await createSession(manager, { clusterId });
    const empty = await createSession(manager, { clusterId, startsAt: '2026-05-03T10:00:00Z' });
    const seat = await takeSeat(manager, taken.id, 'E1');
    const error = expectError(await manager.post(`/clusters/${clusterId}/archive`), 'conflict');
    expect(error.message).toContain('cancelSessions=true');
    expect(error.metadata).toHaveProperty('sessionIds', [taken.id]);
    expect(await manager.read(`/sessions/${empty.id}`)).toMatchObject({ state: 'scheduled' });
    expect(await manager.make(`/clusters/${clusterId}/archive?cancelSessions=true`)).toMatchObject({
      sessionsUpcoming: 0,
    });
    expect((await sessionsOf(manager, clusterId)).map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
    const registration = await manager.read<Registration>(`/registrations/${seat.id}`);
    expect(registration).toMatchObject({ joinUrl: null, cancelledAt: expect.any(String) });
  });

  test('leaves what has been: completions stay, also of a session that has just ended', async () => {
    await using own = await startTestServer();
    const manager = await createManager(own);
    const { id: clusterId } = await createCluster(manager);
    const session = await createSession(manager, { clusterId });
    await takeSeat(manager, session.id, 'E1');
    own.clock.set(Date.parse(session.endsAt));
    await manager.make(`/clusters/${clusterId}/archive`);
    expect(await readCompletions(manager.organization)).toMatchObject([{ clusterId, remoteUserId: 'E1' }]);
    expect(await manager.read(`/sessions/${session.id}`)).toMatchObject({ state: 'ended' });
  });
});

describe('the list of clusters', () => {
  test('is walked by cursor in order of creation, by module and archived or not', async () => {
    const manager = await createManager(server);
    const { id: moduleId } = await createModule(manager);
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) ids.push((await createCluster(manager, { moduleId })).id);
    const other = await createCluster(manager);
    const idsOf = async (path: string, limit: number) =>
      (await walk<Cluster>(manager, path, limit)).map(({ id }) => id);
    expect(await idsOf('/clusters', 2)).toEqual([...ids, other.id]);
    expect(await idsOf(`/clusters?moduleId=${moduleId.toUpperCase()}`, 2)).toEqual(ids);
    expect(await idsOf(`/clusters?moduleId=${randomUUID()}`, 2)).toEqual([]);
    await manager.make(`/clusters/${ids[1]}/archive`);
    expect(await idsOf('/clusters?archived=true', 50)).toEqual([ids[1]]);
    expect(await idsOf(`/clusters?moduleId=${moduleId}`, 3)).toEqual(ids.filter((id) => id !== ids[1]));
  });
});
