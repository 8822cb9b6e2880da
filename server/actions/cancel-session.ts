import { Refusal } from '../domain/refusal.ts';
import { insertEvents } from '../store/events.ts';
import { cancelSessionRegistrations } from '../store/registrations.ts';
import { getSession, updateSession } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

/**
 * Cancels a session and with it its live registrations, so that whoever is in the room is out at once. The event
 * `session.cancelled` names them: those who are to be told. A second time changes nothing. Refuses with `not_found` where
 * there is no such session, with `conflict` where it has ended.
 */
export function cancelSession(
  { database, now }: ActionContext,
  organization: OrganizationId,
  sessionId: string,
): Promise<void> {
  return database.transaction(organization, async (transaction) => {
    const session = await getSession(organization, transaction, sessionId);
    if (!session) throw new Refusal('not_found', `There is no session "${sessionId}".`);
    if (session.state === 'cancelled') return;
    const at = now();
    if (session.state === 'ended' || at >= session.scheduledEndAt) {
      throw new Refusal('conflict', 'The session has ended. It can no longer be cancelled.');
    }
    await updateSession(organization, transaction, sessionId, { ...session, state: 'cancelled' });
    const registrationIds = await cancelSessionRegistrations(organization, transaction, sessionId, at);
    const data = { sessionId, registrationIds };
    await insertEvents(organization, transaction, [{ type: 'session.cancelled', data }], at);
  });
}
