import { Refusal } from '../domain/refusal.ts';
import { insertEvents } from '../store/events.ts';
import { getRegistration, cancelRegistration as markCancelled } from '../store/registrations.ts';
import { getSession } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

/**
 * Cancels a registration and frees its seat (event `registration.cancelled`); whoever used its join link is out at once. A
 * second time changes nothing. Refuses with `not_found` where there is no such registration, with `conflict` where the
 * session has ended: what came of the registration is recorded, or will be.
 */
export function cancelRegistration(
  { database, now }: ActionContext,
  organization: OrganizationId,
  registrationId: string,
): Promise<void> {
  return database.transaction(organization, async (transaction) => {
    const registration = await getRegistration(organization, transaction, registrationId);
    const session = registration && (await getSession(organization, transaction, registration.sessionId));
    if (!session) throw new Refusal('not_found', `There is no registration "${registrationId}".`);
    if (registration.cancelledAt !== null) return;
    const at = now();
    if (session.state === 'ended' || at >= session.scheduledEndAt) {
      throw new Refusal('conflict', 'The session has ended. Its registrations can no longer be cancelled.');
    }
    await markCancelled(organization, transaction, registrationId, at);
    const data = { registrationId, sessionId: session.id, userId: registration.userId };
    await insertEvents(organization, transaction, [{ type: 'registration.cancelled', data }], at);
  });
}
