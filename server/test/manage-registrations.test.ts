import { randomUUID } from 'node:crypto';
import type { Registration } from '@rollcall/contract/manage/registrations.ts';
import type { Session } from '@rollcall/contract/manage/session-shapes.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { expectError, expectIssues } from './support/errors.ts';
import { readCompletions } from './support/learning.ts';
import { createManager, createSession, dataOf, takeSeat, walk } from './support/manage.ts';
import { storedEvents } from './support/rows.ts';
import { startTestServer } from './support/test-server.ts';
import { createUsers, deactivateUsers, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

describe('registering a user', () => {
  test('gives a seat with a join link, and shows the user as the Account API does', async () => {
    const manager = await createManager(server);
    const session = await createSession(manager);
    const person = { remoteId: 'E1', email: 'Ada@Example.com', firstName: 'Ada', lastName: 'Lovelace' };
    const [user] = (await upsertUsers(manager.organization, person)).success;
    const reply = await manager.post(`/sessions/${session.id}/registrations`, { remoteId: 'E1' });
    expect(reply.status).toBe(201);
    const registration = dataOf<Registration>(reply);
    expect(registration).toEqual({
      id: expect.any(String),
      sessionId: session.id,
      user,
      joinUrl: expect.stringContaining(`${server.address}/join/`),
      createdAt: expect.any(String),
      consentedAt: null,
      cancelledAt: null,
    });
    expect(reply.headers.location).toBe(`${server.address}/manage/v1/registrations/${registration.id}`);
    expect(await manager.read(`/registrations/${registration.id}`)).toEqual(registration);
    expect(await manager.read(`/sessions/${session.id}`)).toMatchObject({ seatsTaken: 1 });
    expect((await server.request(registration.joinUrl?.slice(server.address.length) ?? '')).status).toBe(200);
  });

  test('finds the user by id, by remoteId or by email, or by all of them', async () => {
    const manager = await createManager(server);
    const session = await createSession(manager);
    const [ada] = (await upsertUsers(manager.organization, { remoteId: 'E1', email: 'ada@example.com' })).success;
    const id = ada?.id ?? '';
    const refs = [
      { email: 'ADA@example.com' },
      { id },
      { remoteId: ' E1 ' },
      { id, remoteId: 'E1', email: 'ada@example.com' },
    ];
    const replies = [];
    for (const ref of refs) replies.push(await manager.post(`/sessions/${session.id}/registrations`, ref));
    expect(replies.map(({ status }) => status)).toEqual([201, 200, 200, 200]);
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(replies.slice(1).map(({ headers }) => headers.location)).toEqual([undefined, undefined, undefined]);
  });

  test('is refused where the ref names nobody, different users, or someone deactivated', async () => {
    const manager = await createManager(server);
    const { id } = await createSession(manager);
    await upsertUsers(manager.organization, { remoteId: 'E1' }, { email: 'grace@example.com' }, { remoteId: 'E3' });
    await deactivateUsers(manager.organization, { remoteId: 'E3' });
    const register = (ref: unknown) => manager.post(`/sessions/${id}/registrations`, ref);
    expect(expectError(await register({ remoteId: 'E9' }), 'not_found').message).toBe(
      'No user has remoteId "E9"; correct it, or create the user first.',
    );
    expectError(await register({ remoteId: 'E1', email: 'grace@example.com' }), 'conflict');
    expectError(await register({ remoteId: 'E3' }), 'conflict');
    for (const [ref, fault] of [
      [{}, /^: Neither id, remoteId nor email/],
      [{ remoteId: null }, /^: Neither id, remoteId nor email/],
      [{ email: 'nobody' }, /^: email "nobody" has no "@"/],
      [{ remoteId: 5 }, /^\/remoteId: must be a string or null, not a number/],
      [{ remoteId: 'E1', name: 'x' }, /^\/name: is an unknown field/],
    ] as const) {
      expect(expectIssues(await register(ref))).toEqual([expect.stringMatching(fault)]);
    }
    expect(await manager.read(`/sessions/${id}`)).toMatchObject({ seatsTaken: 0 });
  });

  test('is refused where the session is full, over or unknown', async () => {
    await using own = await startTestServer();
    const manager = await createManager(own);
    const session = await createSession(manager, { capacity: 1 });
    await takeSeat(manager, session.id, 'E1');
    await createUsers(manager.organization, 3);
    expect(
      expectError(await manager.post(`/sessions/${session.id}/registrations`, { remoteId: 'E2' }), 'conflict').message,
    ).toContain('No seat is left');
    expectError(await manager.post(`/sessions/${randomUUID()}/registrations`, { remoteId: 'E2' }), 'not_found');
    const later = await createSession(manager);
    own.clock.set(Date.parse(later.endsAt));
    expectError(await manager.post(`/sessions/${later.id}/registrations`, { remoteId: 'E2' }), 'conflict');
  });

  test('gives the last seat to one of a hundred who are registered at once', async () => {
    const manager = await createManager(server);
    const session = await createSession(manager, { capacity: 1 });
    const users = await createUsers(manager.organization, 100);
    const replies = await Promise.all(
      users.map(({ id }) => manager.post(`/sessions/${session.id}/registrations`, { id })),
    );
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 409)).toHaveLength(99);
    expect(await walk(manager, `/sessions/${session.id}/registrations`, 50)).toHaveLength(1);
  });

  test('is done once for each Idempotency-Key, with the status of the first time', async () => {
    const manager = await createManager(server);
    const session = await createSession(manager);
    await createUsers(manager.organization, 2);
    const headers = { 'idempotency-key': randomUUID() };
    const path = `/sessions/${session.id}/registrations`;
    const first = await manager.post(path, { remoteId: 'E0' }, headers);
    const again = await manager.post(path, { remoteId: 'E0' }, headers);
    expect([again.status, again.text, again.headers.location]).toEqual([201, first.text, first.headers.location]);
    expectError(await manager.post(path, { remoteId: 'E1' }, headers), 'idempotency_key_reused');
  });
});

describe('the list of registrations', () => {
  test('is walked by cursor in the order in which seats were taken, cancelled ones among them', async () => {
    const manager = await createManager(server);
    const session = await createSession(manager);
    const seats: Registration[] = [];
    for (const remoteId of ['E3', 'E1', 'E2', 'E5', 'E4']) seats.push(await takeSeat(manager, session.id, remoteId));
    await manager.make(`/registrations/${seats[1]?.id}/cancel`);
    const remoteIds = async (query: string, limit: number) =>
      (await walk<Registration>(manager, `/sessions/${session.id}/registrations${query}`, limit)).map(
        ({ user }) => user.remoteId,
      );
    expect(await remoteIds('', 2)).toEqual(['E3', 'E1', 'E2', 'E5', 'E4']);
    expect(await remoteIds('?cancelled=false', 3)).toEqual(['E3', 'E2', 'E5', 'E4']);
    expect(await remoteIds('?cancelled=true', 1)).toEqual(['E1']);
  });

  test('is not found where the session is not', async () => {
    const manager = await createManager(server);
    expectError(await manager.get(`/sessions/${randomUUID()}/registrations`), 'not_found');
    expectError(await manager.get('/sessions/none/registrations'), 'not_found');
    expectError(await manager.get(`/registrations/${randomUUID()}`), 'not_found');
  });
});

describe('cancelling a registration', () => {
  test('frees the seat for someone else and ends the join link; it stays listed', async () => {
    const manager = await createManager(server);
    const session = await createSession(manager, { capacity: 1 });
    const seat = await takeSeat(manager, session.id, 'E1');
    const cancelled = await manager.make<Registration>(`/registrations/${seat.id}/cancel`);
    expect(cancelled).toEqual({ ...seat, joinUrl: null, cancelledAt: cancelled.cancelledAt });
    expect(cancelled.cancelledAt).not.toBeNull();
    expect(await manager.make(`/registrations/${seat.id}/cancel`)).toEqual(cancelled);
    const other = await takeSeat(manager, session.id, 'E2');
    expect(await manager.read(`/sessions/${session.id}`)).toMatchObject({ seatsTaken: 1 });
    expect((await storedEvents(server, manager.organization)).map(([, type]) => type).slice(-4)).toEqual([
      'registration.created',
      'registration.cancelled',
      'users.created',
      'registration.created',
    ]);
    expect(other.id).not.toBe(seat.id);
  });

  test('lets the same person come back with a new link', async () => {
    const manager = await createManager(server);
    const session = await createSession(manager);
    const seat = await takeSeat(manager, session.id, 'E1');
    await manager.make(`/registrations/${seat.id}/cancel`);
    const again = await takeSeat(manager, session.id, 'E1');
    expect(again.id).not.toBe(seat.id);
    expect(again.joinUrl).not.toBe(seat.joinUrl);
    expect(await walk(manager, `/sessions/${session.id}/registrations`, 50)).toHaveLength(2);
  });

  test('is refused once the session has ended: what came of it stays', async () => {
    await using own = await startTestServer();
    const manager = await createManager(own);
    const session: Session = await createSession(manager);
    const seat = await takeSeat(manager, session.id, 'E1');
    own.clock.set(Date.parse(session.endsAt));
    expectError(await manager.post(`/registrations/${seat.id}/cancel`), 'conflict');
    expect(await readCompletions(manager.organization)).toMatchObject([{ id: seat.id, attended: false }]);
    expectError(await manager.post(`/registrations/${randomUUID()}/cancel`), 'not_found');
  });

  test('of a seat that was cancelled leaves nothing to be completed', async () => {
    await using own = await startTestServer();
    const manager = await createManager(own);
    const session = await createSession(manager);
    const seat = await takeSeat(manager, session.id, 'E1');
    await takeSeat(manager, session.id, 'E2');
    await manager.make(`/registrations/${seat.id}/cancel`);
    own.clock.set(Date.parse(session.endsAt));
    expect((await readCompletions(manager.organization)).map(({ remoteUserId }) => remoteUserId)).toEqual(['E2']);
  });
});
