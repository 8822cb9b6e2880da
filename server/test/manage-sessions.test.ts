import { randomUUID } from 'node:crypto';
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
  type List,
  type Manager,
  takeSeat,
  walk,
} from './support/manage.ts';
import { storedEvents, storedRows } from './support/rows.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

async function startsOf(manager: Manager, path: string, limit = 50): Promise<string[]> {
  return (await walk<Session>(manager, path, limit)).map(({ startsAt }) => startsAt);
}

/** What the latest event tells. */
async function lastEvent({ organization }: Manager, own = server): Promise<unknown> {
  const { events = [] } = await storedRows(own, organization);
  const last = events.at(-1);
  return { type: last?.type, ...JSON.parse(String(last?.data)) };
}

describe('scheduling sessions', () => {
  test('takes a list of starts with any offset, and answers the sessions in their order', async () => {
    const manager = await createManager(server);
    const module = await createModule(manager, { duration: 45 });
    const { id: clusterId } = await createCluster(manager, { moduleId: module.id, capacity: 7 });
    const startsAt = ['2026-05-03T10:00:00.900+02:00', '2026-05-02T10:00:00Z'];
    const reply = await manager.post(`/clusters/${clusterId}/sessions`, { startsAt });
    expect(reply.status).toBe(201);
    const { items } = dataOf<List<Session>>(reply);
    const session = {
      clusterId,
      moduleId: module.id,
      moduleName: module.name,
      state: 'scheduled',
      capacity: 7,
      seatsTaken: 0,
    };
    const rest = { ...session, id: expect.any(String), meetingLink: null, createdAt: expect.any(String) };
    expect(items).toEqual([
      { ...rest, startsAt: '2026-05-02T10:00:00Z', endsAt: '2026-05-02T10:45:00Z' },
      { ...rest, startsAt: '2026-05-03T08:00:00Z', endsAt: '2026-05-03T08:45:00Z' },
    ]);
    for (const item of items) expect(await manager.read(`/sessions/${item.id}`)).toEqual(item);
  });

  test('takes a recurrence at the same local time over a clock change, with other seats, length and a link', async () => {
    const manager = await createManager(server);
    const { id: clusterId } = await createCluster(manager);
    const recurrence = {
      startsAt: '2026-03-23T17:30:00',
      timeZone: 'Europe/Berlin',
      every: 'week',
      weekdays: ['monday', 'wednesday'],
      until: '2026-03-30',
    };
    const schedule = { recurrence, duration: 90, capacity: 3, meetingLink: 'https://meet.example.com/a' };
    const { items } = await manager.make<List<Session>>(`/clusters/${clusterId}/sessions`, schedule);
    expect(items.map(({ startsAt, endsAt }) => [startsAt, endsAt])).toEqual([
      ['2026-03-23T16:30:00Z', '2026-03-23T18:00:00Z'],
      ['2026-03-25T16:30:00Z', '2026-03-25T18:00:00Z'],
      ['2026-03-30T15:30:00Z', '2026-03-30T17:00:00Z'],
    ]);
    for (const item of items) expect(item).toMatchObject({ capacity: 3, meetingLink: 'https://meet.example.com/a' });
  });

  test('refuses what cannot be, with the place, and schedules nothing of it', async () => {
    const manager = await createManager(server);
    const { id: clusterId } = await createCluster(manager);
    const issues = async (schedule: object) =>
      expectIssues(await manager.post(`/clusters/${clusterId}/sessions`, schedule));
    const recurrence = { startsAt: '2026-05-02T10:00:00', timeZone: 'Europe/Berlin', every: 'day', count: 2 };
    const startsAt = ['2026-05-02T10:00:00Z'];
    expect(await issues({})).toEqual([': names no starts; send "startsAt" or "recurrence"']);
    expect(await issues({ startsAt, recurrence })).toEqual([
      ': has both "startsAt" and "recurrence"; send one of them',
    ]);
    expect(await issues({ startsAt: [] })).toEqual(['/startsAt: must have at least 1 item']);
    expect(await issues({ startsAt: [...startsAt, '2036-05-02T10:00:00Z'] })).toEqual([
      '/startsAt/1: lies more than 10 years ahead; choose an earlier moment',
    ]);
    expect(await issues({ startsAt, meetingLink: 'javascript:alert(1)' })).toEqual([
      expect.stringMatching(/^\/meetingLink: is no web address/),
    ]);
    expect(await issues({ recurrence: { ...recurrence, timeZone: 'Berlin' } })).toEqual([
      '/recurrence/timeZone: is no time zone of the IANA database; write one such as Europe/Berlin',
    ]);
    expect(await issues({ recurrence: { ...recurrence, until: '2026-05-04' } })).toEqual([
      '/recurrence: has both "count" and "until"; send one of them',
    ]);
    expect(await issues({ recurrence: { ...recurrence, count: 201 } })).toEqual([
      '/recurrence/count: must be at most 200',
    ]);
    expect(await issues({ recurrence: { ...recurrence, count: undefined, until: '2026-02-30' } })).toEqual([
      '/recurrence/until: is not a date of the calendar; write one such as 2024-06-15',
    ]);
    expect(await startsOf(manager, '/sessions')).toEqual([]);
    expectError(await manager.post(`/clusters/${randomUUID()}/sessions`, { startsAt }), 'not_found');
  });

  test('can schedule 200 at once, and does so once for each Idempotency-Key', async () => {
    const manager = await createManager(server);
    const { id: clusterId } = await createCluster(manager);
    const recurrence = { startsAt: '2026-05-02T10:00:00', timeZone: 'UTC', every: 'day', count: 200 };
    const headers = { 'idempotency-key': randomUUID() };
    const first = await manager.post(`/clusters/${clusterId}/sessions`, { recurrence }, headers);
    const again = await manager.post(`/clusters/${clusterId}/sessions`, { recurrence }, headers);
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text]);
    expect(dataOf<List<Session>>(first).items).toHaveLength(200);
    expect(new Set(await startsOf(manager, '/sessions', 200)).size).toBe(200);
    // The same key for another cluster is another request.
    const { id: other } = await createCluster(manager);
    expectError(await manager.post(`/clusters/${other}/sessions`, { recurrence }, headers), 'idempotency_key_reused');
  });
});

describe('the list of sessions', () => {
  test('is walked by cursor in order of start, filtered by cluster, span and state', async () => {
    const manager = await createManager(server);
    const { id: clusterId } = await createCluster(manager);
    const { id: other } = await createCluster(manager);
    const days = ['2026-05-04', '2026-05-02', '2026-05-03'];
    const startsAt = days.map((day) => `${day}T10:00:00Z`);
    await manager.make(`/clusters/${clusterId}/sessions`, { startsAt });
    await manager.make(`/clusters/${other}/sessions`, { startsAt: startsAt.slice(1) });
    const [second, third, fourth] = ['2026-05-02T10:00:00Z', '2026-05-03T10:00:00Z', '2026-05-04T10:00:00Z'];
    expect(await startsOf(manager, '/sessions', 2)).toEqual([second, second, third, third, fourth]);
    expect(await startsOf(manager, `/sessions?clusterId=${clusterId}`, 1)).toEqual([second, third, fourth]);
    const span = `from=${third}&to=${fourth}`;
    expect(await startsOf(manager, `/sessions?${span}`, 1)).toEqual([third, third]);
    expect(await startsOf(manager, `/sessions?clusterId=${other}&${span}`)).toEqual([third]);
    const [cancelled] = await walk<Session>(manager, `/sessions?clusterId=${other}`, 50);
    await manager.make(`/sessions/${cancelled?.id}/cancel`);
    expect(await startsOf(manager, '/sessions?state=cancelled')).toEqual([second]);
    expect(await startsOf(manager, '/sessions?state=scheduled')).toEqual([second, third, third, fourth]);
    expect(await startsOf(manager, `/sessions?clusterId=${randomUUID()}`)).toEqual([]);
  });

  test('refuses a span that ends before it begins, and states and clusters that are none', async () => {
    const manager = await createManager(server);
    const query = 'from=2026-05-02T10:00:00Z&to=2026-05-02T10:00:00Z&state=running&clusterId=x';
    expect(expectIssues(await manager.get(`/sessions?${query}`))).toEqual([
      'state: must be one of scheduled, open, ended, cancelled, not "running"',
      expect.stringMatching(/^clusterId: must be a UUID/),
      'to: must be later than "from"',
    ]);
  });
});

describe('changing a session', () => {
  test('to another start keeps its length; to another end keeps its start', async () => {
    const manager = await createManager(server);
    const session = await createSession(manager);
    const moved = await manager.change<Session>(`/sessions/${session.id}`, { startsAt: '2026-05-02T14:30:00+02:00' });
    expect(moved).toEqual({ ...session, startsAt: '2026-05-02T12:30:00Z', endsAt: '2026-05-02T13:30:00Z' });
    const longer = await manager.change<Session>(`/sessions/${session.id}`, { endsAt: '2026-05-02T14:00:00Z' });
    expect(longer).toEqual({ ...moved, endsAt: '2026-05-02T14:00:00Z' });
    expect(await lastEvent(manager)).toEqual({ type: 'session.updated', sessionId: session.id, changed: ['endsAt'] });
    const both = { startsAt: '2026-05-03T08:00:00Z', endsAt: '2026-05-03T09:00:00Z' };
    expect(await manager.change(`/sessions/${session.id}`, both)).toEqual({ ...longer, ...both });
    expect(await startsOf(manager, '/sessions')).toEqual(['2026-05-03T08:00:00Z']);
  });

  test('of its time makes completions appear at the new end, not at the old one', async () => {
    await using own = await startTestServer();
    const manager = await createManager(own);
    const session = await createSession(manager);
    await takeSeat(manager, session.id, 'E1');
    await manager.change(`/sessions/${session.id}`, { startsAt: '2026-05-02T18:00:00Z' });
    own.clock.set(Date.parse(session.endsAt));
    expect(await readCompletions(manager.organization)).toEqual([]);
    own.clock.set(Date.parse('2026-05-02T19:00:00Z'));
    expect(await readCompletions(manager.organization)).toMatchObject([
      { sessionScheduledStartAt: '2026-05-02T18:00:00Z', sessionScheduledEndAt: '2026-05-02T19:00:00Z' },
    ]);
  });

  test('of seats and meeting link; the link can be taken away', async () => {
    const manager = await createManager(server);
    const session = await createSession(manager);
    const change = { capacity: 3, meetingLink: ' https://meet.example.com/a b' };
    const changed = await manager.change<Session>(`/sessions/${session.id}`, change);
    expect(changed).toEqual({ ...session, capacity: 3, meetingLink: 'https://meet.example.com/a%20b' });
    expect(await manager.change(`/sessions/${session.id}`, { meetingLink: null })).toEqual({
      ...changed,
      meetingLink: null,
    });
  });

  test('leaves no event where nothing is different', async () => {
    const manager = await createManager(server);
    const { id, startsAt, endsAt, capacity, meetingLink } = await createSession(manager);
    const before = await storedEvents(server, manager.organization);
    await manager.change(`/sessions/${id}`, { startsAt, endsAt, capacity, meetingLink });
    await manager.change(`/sessions/${id}`, {});
    expect(await storedEvents(server, manager.organization)).toEqual(before);
  });

  test('never takes seats away that are taken', async () => {
    const manager = await createManager(server);
    const session = await createSession(manager, { capacity: 3 });
    const seat = await takeSeat(manager, session.id, 'E1');
    await takeSeat(manager, session.id, 'E2');
    const error = expectError(await manager.patch(`/sessions/${session.id}`, { capacity: 1 }), 'conflict');
    expect(error.message).toBe('The session has 2 seats taken: it cannot have fewer. Cancel registrations first.');
    expect(error.metadata).toHaveProperty('seatsTaken', 2);
    expect(await manager.change(`/sessions/${session.id}`, { capacity: 2 })).toMatchObject({
      capacity: 2,
      seatsTaken: 2,
    });
    await manager.make(`/registrations/${seat.id}/cancel`);
    expect(await manager.change(`/sessions/${session.id}`, { capacity: 1 })).toMatchObject({
      capacity: 1,
      seatsTaken: 1,
    });
  });

  test('to a time that cannot be is refused with the place, and changes nothing', async () => {
    const manager = await createManager(server);
    const session = await createSession(manager);
    const issues = async (change: object) => expectIssues(await manager.patch(`/sessions/${session.id}`, change));
    expect(await issues({ startsAt: '2026-03-04T09:30:15Z', capacity: 3 })).toEqual([
      '/startsAt: lies in the past; choose a moment to come',
    ]);
    expect(await issues({ startsAt: '9999-12-31T23:59:59Z' })).toEqual([
      '/startsAt: lies more than 10 years ahead; choose an earlier moment',
    ]);
    expect(await issues({ endsAt: session.startsAt })).toEqual(['/endsAt: must be later than the start']);
    expect(await issues({ endsAt: '2026-05-03T10:00:01Z' })).toEqual([
      '/endsAt: must be at most 24 hours after the start',
    ]);
    expect(await issues({ startsAt: '2026-05-02 10:00' })).toEqual([
      '/startsAt: has no time zone; end it in Z for UTC or in an offset, for example 2024-06-15T14:00:00Z',
    ]);
    expect(await issues({ meetingLink: 'meet', state: 'ended' })).toEqual([
      '/state: is an unknown field; check its spelling or leave it out',
    ]);
    expect(await manager.read(`/sessions/${session.id}`)).toEqual(session);
    expectError(await manager.patch(`/sessions/${randomUUID()}`, { capacity: 3 }), 'not_found');
  });

  test('waits for nobody: once begun its time is fixed, once ended or cancelled everything is', async () => {
    await using own = await startTestServer();
    const manager = await createManager(own);
    const { id: clusterId } = await createCluster(manager);
    const session = await createSession(manager, { clusterId });
    const cancelled = await createSession(manager, { clusterId, startsAt: '2026-05-03T10:00:00Z' });
    await manager.make(`/sessions/${cancelled.id}/cancel`);
    expectError(await manager.patch(`/sessions/${cancelled.id}`, { capacity: 3 }), 'conflict');
    await own.database.transaction(null, ({ kysely }) =>
      kysely.updateTable('sessions').set({ state: 'open' }).where('id', '=', session.id).execute(),
    );
    expectError(await manager.patch(`/sessions/${session.id}`, { endsAt: '2026-05-02T11:30:00Z' }), 'conflict');
    expect(await manager.change(`/sessions/${session.id}`, { capacity: 3 })).toMatchObject({
      capacity: 3,
      state: 'open',
    });
    own.clock.set(Date.parse(session.endsAt));
    expectError(await manager.patch(`/sessions/${session.id}`, { capacity: 4 }), 'conflict');
  });
});

describe('cancelling a session', () => {
  test('cancels its registrations, which stay listed, and tells whom it concerns', async () => {
    const manager = await createManager(server);
    const session = await createSession(manager);
    const first = await takeSeat(manager, session.id, 'E1');
    const second = await takeSeat(manager, session.id, 'E2');
    const cancelled = await manager.make<Session>(`/sessions/${session.id}/cancel`);
    expect(cancelled).toEqual({ ...session, state: 'cancelled', seatsTaken: 0 });
    const event = await lastEvent(manager);
    expect(event).toEqual({
      type: 'session.cancelled',
      sessionId: session.id,
      registrationIds: expect.arrayContaining([first.id, second.id]),
    });
    const registrations = await walk<Registration>(manager, `/sessions/${session.id}/registrations`, 50);
    expect(registrations.map(({ id, joinUrl }) => [id, joinUrl])).toEqual([
      [first.id, null],
      [second.id, null],
    ]);
    for (const { cancelledAt } of registrations) expect(cancelledAt).not.toBeNull();
    expect(await manager.make(`/sessions/${session.id}/cancel`)).toEqual(cancelled);
    expect(await lastEvent(manager)).toEqual(event);
    expectError(await manager.post(`/sessions/${session.id}/registrations`, { remoteId: 'E1' }), 'conflict');
  });

  test('means that nothing comes of it', async () => {
    await using own = await startTestServer();
    const manager = await createManager(own);
    const session = await createSession(manager);
    await takeSeat(manager, session.id, 'E1');
    await manager.make(`/sessions/${session.id}/cancel`);
    own.clock.set(Date.parse(session.endsAt) + 3_600_000);
    expect(await readCompletions(manager.organization)).toEqual([]);
    expect(await manager.read(`/sessions/${session.id}`)).toMatchObject({ state: 'cancelled' });
  });

  test('is refused once it has ended, and where there is none', async () => {
    await using own = await startTestServer();
    const manager = await createManager(own);
    const session = await createSession(manager);
    own.clock.set(Date.parse(session.endsAt));
    expectError(await manager.post(`/sessions/${session.id}/cancel`), 'conflict');
    expectError(await manager.post(`/sessions/${randomUUID()}/cancel`), 'not_found');
  });
});
