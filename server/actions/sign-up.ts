import { hash, randomUUIDv7 } from 'node:crypto';
import type { BatchResult } from '@rollcall/contract/users.ts';
import { isTrusted } from '../domain/email.ts';
import { seatsLeft } from '../domain/seats.ts';
import { isToCome, offerOf, type SignUpRequest } from '../domain/sign-up.ts';
import { getCluster } from '../store/clusters.ts';
import type { Transaction } from '../store/database.ts';
import { hasMailSince, insertMail, type MailMessage } from '../store/mails.ts';
import { getOrganization, type Organization } from '../store/organizations.ts';
import { findLiveRegistration, type NewRegistration, recordConsent } from '../store/registrations.ts';
import { getSession, listSessions, type Session, type SessionWithModule } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import { findUsersNamed, type StoredUser } from '../store/users.ts';
import { upsertUsers } from './batch-users.ts';
import { type ActionContext, within } from './context.ts';
import { registerUser } from './register-user.ts';

/** A seat and all that there is to tell about it. */
export interface Seating {
  readonly organization: Organization;
  readonly session: SessionWithModule;
  readonly registration: NewRegistration;
}

/** Composes the mails; they go to an address that has proved nothing yet, so none repeats what the form was filled with. */
export interface Letters {
  /** The join link, to whoever has the seat. */
  seat(email: string, seating: Seating): MailMessage;
  /** To somebody for whom no seat was left. */
  full(email: string, organization: Organization, session: SessionWithModule): MailMessage;
  /** To a deactivated user: only the owner of the address learns that it cannot take part. */
  refusal(email: string, organizationName: string, session: SessionWithModule): MailMessage;
}

export interface SignUpContext extends ActionContext {
  /** null: no mail is sent, and the page shows the link. */
  readonly letters: Letters | null;
}

/**
 * What came of a sign-up. Who is known to the organization, and who has a seat, shows in `seated`, `deactivated` and
 * `full`; a page must not let strangers tell these apart where the link goes out by mail.
 */
export type SignUpOutcome =
  | ({ readonly kind: 'seated' } & Seating)
  | { readonly kind: 'deactivated'; readonly session: SessionWithModule }
  /** No seat was left, other than for those who have one already: they are `seated`. */
  | { readonly kind: 'full'; readonly session: SessionWithModule }
  | { readonly kind: 'untrusted' }
  /** The session is not one of the cluster, or takes nobody any more. */
  | { readonly kind: 'session-closed' }
  /** The cluster is gone, archived, or takes nobody by the form. */
  | { readonly kind: 'cluster-closed' };

/** The same mail is not sent again within this time, however often the form is sent: it would be a way to pester people. */
const SAME_MAIL_MS = 15 * 60_000;

/**
 * Signs somebody up by the form (domain: Rules), all in one transaction: finds the user by the email or creates one
 * (contract: Identity; trusted domains apply), gives the seat, notes the consent, puts the mail into the outbox. A user
 * who was known already is left as it is: names typed by a stranger must not overwrite those of the organization.
 */
export function signUp(
  context: SignUpContext,
  organizationId: OrganizationId,
  clusterId: string,
  request: SignUpRequest,
): Promise<SignUpOutcome> {
  return context.database.transaction(organizationId, async (transaction) => {
    const cluster = await getCluster(organizationId, transaction, clusterId);
    if (!cluster || offerOf(cluster) !== 'open') return { kind: 'cluster-closed' };
    const place = await findPlace(context, organizationId, transaction, clusterId, request.sessionId);
    if (!place) return { kind: 'session-closed' };
    // Judged before anybody is looked up, so that the answer tells of the domain alone.
    const { trustedDomains } = place.organization;
    if (trustedDomains && !isTrusted(request.email, trustedDomains)) return { kind: 'untrusted' };
    return takeSeat(context, transaction, place, request);
  });
}

/** Where somebody wants to sit. */
interface Place {
  readonly organization: Organization;
  readonly session: SessionWithModule;
  readonly seatsLeft: number;
}

async function findPlace(
  { now }: ActionContext,
  organizationId: OrganizationId,
  transaction: Transaction,
  clusterId: string,
  sessionId: string,
): Promise<Place | null> {
  const at = now();
  const sessions = await listSessions(organizationId, transaction, clusterId, { after: at });
  const listed = sessions.find(({ id }) => id === sessionId);
  if (!listed || !isToCome(listed, at)) return null;
  const session = await getSession(organizationId, transaction, sessionId);
  const organization = await getOrganization(organizationId, transaction);
  return session && { organization, session, seatsLeft: seatsLeft(session.capacity, listed.seatsTaken) };
}

async function takeSeat(
  context: SignUpContext,
  transaction: Transaction,
  { organization, session, seatsLeft }: Place,
  request: SignUpRequest,
): Promise<SignUpOutcome> {
  const { email } = request;
  const outbox = outboxOf(context, organization.id, transaction);
  const user = await findUserByEmail(organization.id, transaction, email);
  const held = user && (await findSeat(organization.id, transaction, session, user));
  // Judged first: a full session answers everyone who has no seat in it alike.
  if (seatsLeft === 0 && !held) {
    await outbox.sendFull(email, organization, session);
    return { kind: 'full', session };
  }
  if (user && !user.active) {
    await outbox.sendRefusal(email, organization, session, user);
    return { kind: 'deactivated', session };
  }
  const inside = within(context, transaction);
  const userId = user?.id ?? (await createUser(inside, organization.id, request));
  const registration = await registerUser(inside, organization.id, { sessionId: session.id, userId });
  await recordConsent(organization.id, transaction, registration.id, context.now());
  const seating = { organization, session, registration };
  await outbox.sendSeat(email, seating);
  return { kind: 'seated', ...seating };
}

async function findUserByEmail(organization: OrganizationId, transaction: Transaction, email: string) {
  const [user] = await findUsersNamed(organization, transaction, { ids: [], remoteIds: [], emails: [email] });
  return user;
}

function findSeat(organization: OrganizationId, transaction: Transaction, session: Session, user: StoredUser) {
  return findLiveRegistration(organization, transaction, { sessionId: session.id, userId: user.id });
}

/** Creates the user by the rules of the batch upsert; the email is known to be new, valid and trusted. */
async function createUser(
  context: ActionContext,
  organization: OrganizationId,
  { email, firstName, lastName }: SignUpRequest,
): Promise<string> {
  const templates = [{ email, firstName, lastName }];
  const { body } = await upsertUsers(context, organization, templates, { dryRun: false, idempotency: null });
  const [user] = (JSON.parse(body) as BatchResult).data.success;
  if (!user) throw new Error('the batch upsert refused what the form let pass');
  return user.id;
}

function outboxOf({ letters, now }: SignUpContext, organization: OrganizationId, transaction: Transaction) {
  const write = async (topic: string, compose: (letters: Letters) => MailMessage) => {
    const at = now();
    if (!letters || (await hasMailSince(organization, transaction, topic, at - SAME_MAIL_MS))) return;
    const message = compose(letters);
    await insertMail(organization, transaction, { id: randomUUIDv7(), topic, message, createdAt: at });
  };
  return {
    sendSeat: (email: string, seating: Seating) =>
      write(`registration:${seating.registration.id}`, (letters) => letters.seat(email, seating)),
    // Kept under a hash: the address may be nobody's that the organization knows.
    sendFull: (email: string, place: Organization, session: SessionWithModule) =>
      write(`full:${session.id}:${hash('sha256', email, 'hex')}`, (letters) => letters.full(email, place, session)),
    sendRefusal: (email: string, { name }: Organization, session: SessionWithModule, user: StoredUser) =>
      write(`refusal:${user.id}`, (letters) => letters.refusal(email, name, session)),
  };
}
