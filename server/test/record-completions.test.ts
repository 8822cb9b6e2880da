import { afterAll, expect, test } from 'vitest';
import { moveGroup } from '../actions/move-group.ts';
import { endDueSessions, recordCompletions } from '../actions/record-completions.ts';
import { recordPresence } from '../actions/record-presence.ts';
import { addSession, contextOf, readCompletions, signUp, stay } from './support/learning.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { createUsers, deactivateUsers, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const MINUTE_MS = 60_000;

/** The types of the organization's events from this number on, in order. */
async function eventTypes({ id }: TestOrganization, after = 0): Promise<string[]> {
  const { kysely } = server.database.reader;
  const events = kysely
    .selectFrom('events')
    .select('type')
    .where('organization_id', '=', id)
    .where('number', '>', after);
  return (await events.orderBy('number').execute()).map(({ type }) => type);
}

/** A session with participants whose group has gone through steps, each shown from the given minute on. */
async function holdSession(participants: number, moves: readonly number[]) {
  const organization = await server.createOrganization();
  const made = await addSession(server, organization);
  const registrations = await signUp(server, organization, made.session, participants);
  const at = (minute: number) => ({
    ...contextOf(server),
    now: () => made.session.scheduledStartAt + minute * MINUTE_MS,
  });
  for (const [step, minute] of moves.entries()) {
    await moveGroup(at(minute), organization.id, { sessionId: made.session.id, step });
  }
  return { organization, ...made, registrations, at };
}

test('someone present from 14:02 to 14:55 who saw 8 of 10 steps gets 53 minutes and 80 percent', async () => {
  const { organization, session, registrations, at } = await holdSession(2, [0, 6, 12, 18, 24, 30, 36, 42, 56, 58]);
  const [present = '', absent = ''] = registrations;
  await recordPresence(at(56), organization.id, present, stay(session, 2, 55));
  const { recorded, updated } = await recordCompletions(at(60), organization.id, session.id);
  expect([recorded.toSorted(), updated]).toEqual([registrations.toSorted(), []]);
  const completions = await readCompletions(organization);
  expect(completions.find(({ id }) => id === present)).toMatchObject({
    attended: true,
    remoteUserId: 'E0',
    timeInSessionMins: 53,
    stepsVisited: 8,
    totalSteps: 10,
    percentageStepsVisited: 80,
  });
  expect(completions.find(({ id }) => id === absent)).toMatchObject({
    attended: false,
    remoteUserId: 'E1',
    participantFirstVisitedAt: null,
    participantLastVisitedAt: null,
    timeInSessionMins: 0,
    stepsVisited: 0,
    percentageStepsVisited: 0,
  });
});

test('a session is refused while it goes on, ends by itself at its scheduled end, and only once', async () => {
  const { organization, session, at } = await holdSession(1, [0]);
  await expect(recordCompletions(at(59.9), organization.id, session.id)).rejects.toMatchObject({ code: 'conflict' });
  expect(await endDueSessions(at(59.9), organization.id)).toBe(0);
  expect(await readCompletions(organization)).toEqual([]);
  expect(await endDueSessions(at(60), organization.id)).toBe(1);
  expect(await readCompletions(organization)).toHaveLength(1);
  expect(await endDueSessions(at(61), organization.id)).toBe(0);
  expect((await eventTypes(organization)).slice(-2)).toEqual(['session.ended', 'completion.recorded']);
});

test('recording again leaves the records, the events and the change cursor as they are', async () => {
  const { organization, session, registrations, at } = await holdSession(2, [0, 30]);
  await recordPresence(at(40), organization.id, registrations[0] ?? '', stay(session, 0, 40));
  await recordCompletions(at(60), organization.id, session.id);
  const before = await organization.get('/v1/completions');
  const events = await eventTypes(organization);
  expect(await recordCompletions(at(90), organization.id, session.id)).toEqual({ recorded: [], updated: [] });
  const after = await organization.get('/v1/completions');
  expect([after.text, after.headers['x-next-cursor']]).toEqual([before.text, before.headers['x-next-cursor']]);
  expect(await eventTypes(organization)).toEqual(events);
});

test('a visit after the scheduled end updates figures and hash, and nothing else of the snapshot', async () => {
  const { organization, module, session, registrations, at } = await holdSession(1, [0]);
  const [registration = ''] = registrations;
  await recordPresence(at(20), organization.id, registration, stay(session, 10, 20));
  await recordCompletions(at(60), organization.id, session.id);
  const [before] = await readCompletions(organization);
  const renamed = { name: 'Renamed', duration_minutes: 90 };
  await server.database.transaction(null, async ({ kysely }) => {
    await kysely.updateTable('modules').set(renamed).where('id', '=', module.id).execute();
  });
  await upsertUsers(organization, { email: 'late@example.com', remoteId: 'E0' }, { remoteId: 'E1' });
  const events = await eventTypes(organization);
  await recordPresence(at(65), organization.id, registration, stay(session, 61, 65));
  const [after] = await readCompletions(organization);
  expect(after).toEqual({
    ...before,
    participantLastVisitedAt: new Date(session.scheduledStartAt + 65 * MINUTE_MS).toISOString().replace(/\.\d+/, ''),
    timeInSessionMins: 14,
    hash: expect.stringMatching(/^[0-9a-f]{12}$/),
  });
  expect(after?.hash).not.toBe(before?.hash);
  expect(await eventTypes(organization, events.length)).toEqual(['completion.updated']);
});

test('signals from a closed room count for nothing', async () => {
  const { organization, session, registrations, at } = await holdSession(1, [0]);
  const [registration = ''] = registrations;
  await recordPresence(at(-11), organization.id, registration, stay(session, -30, -11));
  await recordPresence(at(120), organization.id, registration, stay(session, 90, 120));
  await recordCompletions(at(120), organization.id, session.id);
  expect(await readCompletions(organization)).toMatchObject([{ attended: false, timeInSessionMins: 0 }]);
  await expect(moveGroup(at(90), organization.id, { sessionId: session.id, step: 1 })).rejects.toMatchObject({
    code: 'conflict',
  });
});

test('someone who lost the seat leaves no record, and is out of the room at once', async () => {
  const { organization, session, registrations, at } = await holdSession(2, []);
  await deactivateUsers(organization, { remoteId: 'E0' });
  const [gone = '', stays = ''] = registrations;
  await expect(recordPresence(at(1), organization.id, gone, stay(session, 0, 1))).rejects.toMatchObject({
    code: 'conflict',
  });
  await recordCompletions(at(60), organization.id, session.id);
  expect(await readCompletions(organization)).toMatchObject([{ id: stays }]);
});

test('someone deactivated in the middle of a session is out at once and keeps what was earned', async () => {
  const { organization, session, registrations, at } = await holdSession(1, [0]);
  const [registration = ''] = registrations;
  await recordPresence(at(20), organization.id, registration, stay(session, 0, 20));
  server.clock.set(session.scheduledStartAt + 20 * MINUTE_MS);
  await deactivateUsers(organization, { remoteId: 'E0' });
  await expect(recordPresence(at(21), organization.id, registration, stay(session, 20, 21))).rejects.toMatchObject({
    message: /deactivated/,
  });
  await recordCompletions(at(60), organization.id, session.id);
  expect(await readCompletions(organization)).toMatchObject([{ attended: true, timeInSessionMins: 20 }]);
});

test('going back to a step counts it once, and a step that the module lost since is left out', async () => {
  const { organization, module, session, registrations, at } = await holdSession(1, [0, 5, 10]);
  const move = (minute: number, step: number) =>
    moveGroup(at(minute), organization.id, { sessionId: session.id, step });
  await move(15, 1);
  await move(20, 1);
  await move(25, 9);
  await expect(move(26, 10)).rejects.toMatchObject({ code: 'not_found' });
  await recordPresence(at(30), organization.id, registrations[0] ?? '', stay(session, 0, 30));
  await server.database.transaction(null, async ({ kysely }) => {
    await kysely.deleteFrom('steps').where('module_id', '=', module.id).where('position', '>=', 4).execute();
  });
  await recordCompletions(at(60), organization.id, session.id);
  expect(await readCompletions(organization)).toMatchObject([
    { stepsVisited: 3, totalSteps: 4, percentageStepsVisited: 75 },
  ]);
});

test('the sessions and registrations of another organization are not found', async () => {
  const { session, registrations, at } = await holdSession(1, [0]);
  const other = await server.createOrganization();
  await createUsers(other, 1);
  const notFound = { code: 'not_found' };
  const [registration = ''] = registrations;
  await expect(recordCompletions(at(60), other.id, session.id)).rejects.toMatchObject(notFound);
  await expect(recordPresence(at(1), other.id, registration, stay(session, 0, 1))).rejects.toMatchObject(notFound);
  await expect(moveGroup(at(1), other.id, { sessionId: session.id, step: 1 })).rejects.toMatchObject(notFound);
  expect(await endDueSessions(at(60), other.id)).toBe(0);
});
