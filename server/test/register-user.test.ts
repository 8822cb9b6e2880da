import { afterAll, expect, test } from 'vitest';
import { createCluster } from '../actions/create-cluster.ts';
import { recordCompletions } from '../actions/record-completions.ts';
import { registerUser } from '../actions/register-user.ts';
import { scheduleSession } from '../actions/schedule-session.ts';
import { findRegistrationByJoinToken, listLiveRegistrations } from '../store/registrations.ts';
import { listSessions } from '../store/sessions.ts';
import { addSession, contextOf, signUp } from './support/learning.ts';
import { startTestServer } from './support/test-server.ts';
import { createUsers, deactivateUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());
const context = contextOf(server);

test('of a hundred people who take the last seat at once, exactly one gets it', async () => {
  const organization = await server.createOrganization();
  const { session } = await addSession(server, organization, { capacity: 1 });
  const users = await createUsers(organization, 100);
  const seats = await Promise.allSettled(
    users.map(({ id }) => registerUser(context, organization.id, { sessionId: session.id, userId: id })),
  );
  const refusals = seats.flatMap((seat) => (seat.status === 'rejected' ? [seat.reason as Error] : []));
  expect(refusals).toHaveLength(99);
  for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'conflict', message: /No seat is left/ });
  expect(await listLiveRegistrations(organization.id, server.database.reader, session.id)).toHaveLength(1);
});

test('signing up again gives the same seat and join link, also when pressed many times at once', async () => {
  const organization = await server.createOrganization();
  const { session } = await addSession(server, organization);
  const [user] = await createUsers(organization, 1);
  const seat = { sessionId: session.id, userId: user?.id ?? '' };
  const registrations = await Promise.all(
    Array.from({ length: 10 }, () => registerUser(context, organization.id, seat)),
  );
  expect(new Set(registrations.map(({ id, joinToken }) => `${id} ${joinToken}`)).size).toBe(1);
});

test('a join link leads to its registration, in its own organization only', async () => {
  const organization = await server.createOrganization();
  const other = await server.createOrganization();
  const { session } = await addSession(server, organization);
  const [user] = await createUsers(organization, 1);
  const seat = { sessionId: session.id, userId: user?.id ?? '' };
  const { id, joinToken } = await registerUser(context, organization.id, seat);
  expect(joinToken.split('.')[0]).toBe(organization.id.toString(36));
  const { reader } = server.database;
  expect(await findRegistrationByJoinToken(organization.id, reader, joinToken)).toMatchObject({
    id,
    cancelledAt: null,
    user: { remoteId: 'E0', active: true },
  });
  expect(await findRegistrationByJoinToken(other.id, reader, joinToken)).toBeNull();
});

test('a deactivated user gets no seat, and gives up those of sessions to come', async () => {
  const organization = await server.createOrganization();
  const { session } = await addSession(server, organization, { capacity: 1 });
  await signUp(server, organization, session, 1);
  await deactivateUsers(organization, { remoteId: 'E0' });
  const [gone, heir] = await createUsers(organization, 2);
  const seatOf = (userId = '') => registerUser(context, organization.id, { sessionId: session.id, userId });
  await expect(seatOf(gone?.id)).rejects.toMatchObject({ code: 'conflict', message: /deactivated/ });
  await seatOf(heir?.id);
  const { clusterId } = session;
  expect(await listSessions(organization.id, server.database.reader, clusterId)).toMatchObject([{ seatsTaken: 1 }]);
});

test('a session that is over takes nobody in, and is no longer among those to come', async () => {
  await using past = await startTestServer();
  const organization = await past.createOrganization();
  const { session } = await addSession(past, organization);
  const [user] = await createUsers(organization, 1);
  const { reader } = past.database;
  const toCome = () => listSessions(organization.id, reader, session.clusterId, { after: past.clock.now() });
  expect(await toCome()).toMatchObject([{ id: session.id, state: 'scheduled', seatsTaken: 0 }]);
  past.clock.set(session.scheduledEndAt);
  expect(await toCome()).toEqual([]);
  const seat = { sessionId: session.id, userId: user?.id ?? '' };
  await expect(registerUser(contextOf(past), organization.id, seat)).rejects.toMatchObject({ message: /over/ });
  await recordCompletions(contextOf(past), organization.id, session.id);
  await expect(registerUser(contextOf(past), organization.id, seat)).rejects.toMatchObject({ code: 'conflict' });
});

test('what belongs to another organization is not found, whatever is made of it', async () => {
  const organization = await server.createOrganization();
  const other = await server.createOrganization();
  const { module, session } = await addSession(server, organization);
  const [own] = await createUsers(organization, 1);
  const [stranger] = await createUsers(other, 1);
  const notFound = { code: 'not_found' };
  const seat = { sessionId: session.id, userId: stranger?.id ?? '' };
  await expect(registerUser(context, organization.id, seat)).rejects.toMatchObject(notFound);
  await expect(registerUser(context, other.id, seat)).rejects.toMatchObject(notFound);
  const theirs = { sessionId: session.id, userId: own?.id ?? '' };
  await expect(registerUser(context, other.id, theirs)).rejects.toMatchObject(notFound);
  const cluster = { moduleId: module.id, selfRegistration: true };
  await expect(createCluster(context, other.id, cluster)).rejects.toMatchObject(notFound);
  const date = { clusterId: session.clusterId, scheduledStartAt: session.scheduledStartAt, capacity: 6 };
  await expect(scheduleSession(context, other.id, date)).rejects.toMatchObject(notFound);
});
