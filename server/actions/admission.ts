import { Refusal } from '../domain/refusal.ts';
import type { Transaction } from '../store/database.ts';
import { getRegistration, type Registration } from '../store/registrations.ts';
import { getSession, type SessionWithModule } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';

/** Somebody who may take part, and in what. */
export interface Admission {
  readonly registration: Registration;
  readonly session: SessionWithModule;
}

/**
 * Whoever takes part passes here, with each thing that they do, so that one who is out is out at once: refuses with
 * `not_found` where there is no such registration, with `conflict` where it or its session is cancelled or the user
 * deactivated.
 */
export async function requireAdmission(
  organization: OrganizationId,
  transaction: Transaction,
  registrationId: string,
): Promise<Admission> {
  const registration = await getRegistration(organization, transaction, registrationId);
  const session = registration && (await getSession(organization, transaction, registration.sessionId));
  if (!session) throw new Refusal('not_found', `There is no registration "${registrationId}".`);
  if (registration.cancelledAt !== null) throw new Refusal('conflict', 'The registration is cancelled.');
  if (session.state === 'cancelled') throw new Refusal('conflict', 'The session is cancelled.');
  if (!registration.user.active) throw new Refusal('conflict', 'The user is deactivated.');
  return { registration, session };
}
