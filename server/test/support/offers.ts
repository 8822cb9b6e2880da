import { randomUUID } from 'node:crypto';
import { registerUser } from '../../actions/register-user.ts';
import { scheduleSession } from '../../actions/schedule-session.ts';
import type { Module } from '../../store/modules.ts';
import { type OrganizationSettings, updateOrganization } from '../../store/organizations.ts';
import type { Session } from '../../store/sessions.ts';
import { addCluster, addModule } from './facts.ts';
import { contextOf } from './learning.ts';
import type { Reply } from './request.ts';
import type { TestOrganization, TestServer } from './test-server.ts';
import { upsertUsers } from './users.ts';

const DAY_MS = 86_400_000;

/** What a form offers in a test; whatever is not said is made up. */
export interface OfferSettings {
  readonly module?: Partial<Module>;
  readonly selfRegistration?: boolean;
  /** Seats of each session; one session tomorrow with 6 seats unless said otherwise. */
  readonly capacities?: readonly number[];
  /** Epoch milliseconds; tomorrow unless said otherwise, the others a day after one another. */
  readonly firstStartAt?: number;
}

/** A cluster with its sign-up form. */
export interface TestOffer {
  readonly clusterId: string;
  readonly module: Module;
  readonly sessions: readonly Pick<Session, 'id' | 'scheduledStartAt' | 'scheduledEndAt'>[];
  /** Path of the form: `/embed/SLUG/CLUSTER_ID`. */
  readonly path: string;
}

/** Offers a module with sessions to come, self-registration on unless said otherwise. */
export async function addOffer(
  server: TestServer,
  organization: TestOrganization,
  settings: OfferSettings = {},
): Promise<TestOffer> {
  const { capacities = [6], selfRegistration = true, firstStartAt = server.clock.now() + DAY_MS } = settings;
  const module = await addModule(server, organization, settings.module);
  const clusterId = await addCluster(server, organization, { module, selfRegistration });
  const sessions = [];
  for (const [index, capacity] of capacities.entries()) {
    const scheduledStartAt = firstStartAt + index * DAY_MS;
    sessions.push(await scheduleSession(contextOf(server), organization.id, { clusterId, scheduledStartAt, capacity }));
  }
  return { clusterId, module, sessions, path: `/embed/${organization.slug}/${clusterId}` };
}

export async function changeSettings(
  server: TestServer,
  organization: TestOrganization,
  settings: OrganizationSettings,
): Promise<void> {
  await server.database.transaction(organization.id, (transaction) =>
    updateOrganization(organization.id, transaction, settings),
  );
}

/** Gives all remaining seats of a session to others. */
export async function fillSession(
  server: TestServer,
  organization: TestOrganization,
  sessionId: string,
  seats: number,
): Promise<void> {
  const people = Array.from({ length: seats }, () => ({ remoteId: randomUUID() }));
  const { success } = await upsertUsers(organization, ...people);
  for (const { id: userId } of success) {
    await registerUser(contextOf(server), organization.id, { sessionId, userId });
  }
}

/** A form as somebody fills it in; fields given as null are left out. */
export type FilledForm = Readonly<Record<string, string | null>>;

/** Sends the form as a browser without script does. */
export function sendForm(
  server: TestServer,
  { path, sessions }: TestOffer,
  fields: FilledForm = {},
  headers: Record<string, string> = {},
): Promise<Reply> {
  const filled = {
    session: sessions[0]?.id ?? '',
    firstName: 'Ada',
    lastName: 'Lovelace',
    email: `${randomUUID()}@example.com`,
    consent: 'yes',
    subject: '',
    zone: '',
    host: '',
    ...fields,
  };
  return postForm(server, path, filled, headers);
}

export function postForm(
  server: TestServer,
  path: string,
  fields: FilledForm,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== null) body.append(name, value);
  return server.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: body.toString(),
  });
}

/** The join link on a confirmation; null where there is none. */
export function joinLinkOn(page: Reply): string | null {
  return /value="([^"]*\/join\/[^"]*)"/.exec(page.text)?.[1] ?? null;
}
