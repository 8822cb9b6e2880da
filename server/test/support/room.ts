import { changeModule } from '../../actions/change-module.ts';
import { createCluster } from '../../actions/create-cluster.ts';
import { createModule, type ModuleTemplate } from '../../actions/create-module.ts';
import { registerUser } from '../../actions/register-user.ts';
import { scheduleSession } from '../../actions/schedule-session.ts';
import type { Module } from '../../store/modules.ts';
import type { NewRegistration } from '../../store/registrations.ts';
import type { NewSession } from '../../store/sessions.ts';
import { contextOf } from './learning.ts';
import type { Reply } from './request.ts';
import type { TestOrganization, TestServer } from './test-server.ts';
import { upsertUsers } from './users.ts';

const MINUTE_MS = 60_000;

/** Somebody with a join link. */
export interface TestGuest {
  readonly registration: NewRegistration;
  readonly userId: string;
  /** Path of the join link. */
  readonly link: string;
  /** Sends JSON to an address below the link. */
  post(name: string, body: unknown): Promise<Reply>;
  /** Asks for an address below the link; the link itself unless a name is given. */
  get(name?: string): Promise<Reply>;
}

export interface TestRoom {
  readonly organization: TestOrganization;
  readonly module: Module;
  readonly session: NewSession;
  readonly guests: readonly TestGuest[];
  /** Sets the server's clock to that minute of the session; fractions are parts of a minute. */
  moveTo(minute: number): void;
}

export interface RoomOptions extends Partial<ModuleTemplate> {
  /** First and last names of those who sign up. */
  readonly names?: readonly (readonly [string, string])[];
  readonly meetingLink?: string;
  /** Seats; as many as there are names unless said otherwise. */
  readonly capacity?: number;
  /** Minute of the session at which the server's clock is set. The lobby unless said otherwise. */
  readonly minute?: number;
}

const NAMES = [
  ['Ada', 'Lovelace'],
  ['Grace', 'Hopper'],
  ['Alan', 'Turing'],
] as const;

/** A session of a module of its own with people who have signed up, in an organization of its own. */
export async function makeRoom(server: TestServer, options: RoomOptions = {}): Promise<TestRoom> {
  const { names = NAMES, meetingLink = 'https://meet.example/abc', minute = -5, ...rest } = options;
  const { capacity = Math.max(1, names.length), ...template } = rest;
  const context = contextOf(server);
  const organization = await server.createOrganization();
  const module = await createModule(context, organization.id, {
    name: 'Meetings that decide',
    category: 'Collaboration',
    description: 'Find out together what makes a meeting end with a decision.',
    thumbnailUrl: null,
    durationMinutes: 60,
    steps: [
      { title: 'Arrive', prompt: 'Say **hello**.', minutes: 5 },
      { title: 'Look back', prompt: 'Think of a meeting.', minutes: 10 },
      { title: 'Decide', prompt: 'Choose one thing.', minutes: 10 },
    ],
    ...template,
    ...(template.steps?.length === 0 && { steps: [{ title: 'Arrive', prompt: '', minutes: 5 }] }),
  });
  const { id: clusterId } = await createCluster(context, organization.id, {
    moduleId: module.id,
    selfRegistration: true,
  });
  const session = await scheduleSession(context, organization.id, {
    clusterId,
    scheduledStartAt: server.clock.now() + 60 * MINUTE_MS,
    capacity,
    meetingLink,
  });
  if (template.steps?.length === 0) await changeModule(context, organization.id, module.id, { steps: [] });
  const moveTo = (to: number) => server.clock.set(session.scheduledStartAt + to * MINUTE_MS);
  const guests = await signUpByName(server, organization, session, names);
  moveTo(minute);
  return { organization, module, session, guests, moveTo };
}

async function signUpByName(
  server: TestServer,
  organization: TestOrganization,
  { id: sessionId }: NewSession,
  names: readonly (readonly [string, string])[],
): Promise<TestGuest[]> {
  const templates = names.map(([firstName, lastName], index) => ({ remoteId: `E${index}`, firstName, lastName }));
  const guests: TestGuest[] = [];
  for (const { id: userId } of (await upsertUsers(organization, ...templates)).success) {
    const registration = await registerUser(contextOf(server), organization.id, { sessionId, userId });
    guests.push(guestOf(server, registration));
  }
  return guests;
}

function guestOf(server: TestServer, registration: NewRegistration): TestGuest {
  const link = `/join/${registration.joinToken}`;
  return {
    registration,
    userId: registration.userId,
    link,
    post: (name, body) => server.request(`${link}/${name}`, { method: 'POST', body }),
    get: (name) => server.request(name === undefined ? link : `${link}/${name}`),
  };
}

/** The guest's signal that the page is in view. */
export function here(guest: TestGuest, tab = 'tab1'): Promise<Reply> {
  return guest.post('signal', { tab, kind: 'here' });
}

/** The organization's events of a type, in order: what each of them tells. */
export async function eventData(
  { database }: TestServer,
  { organization }: TestRoom,
  type: string,
): Promise<Record<string, unknown>[]> {
  const events = database.reader.kysely.selectFrom('events').select('data').where('type', '=', type);
  const rows = await events.where('organization_id', '=', organization.id).orderBy('number').execute();
  return rows.map(({ data }) => JSON.parse(data) as Record<string, unknown>);
}
