import { isRoomOpen, roomHours } from '../domain/presence.ts';
import { Refusal } from '../domain/refusal.ts';
import { hasBegun } from '../domain/room.ts';
import { insertEvents } from '../store/events.ts';
import { updateSession } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import { requireAdmission } from './admission.ts';
import { type ActionContext, within } from './context.ts';
import { recordCompletions } from './record-completions.ts';

/**
 * Has a participant end the session for the whole group (event `session.closed`): the room closes, and the completions
 * are recorded at once (domain: Rules). A session that was ended this way already stays as it is. Refuses with `conflict`
 * where the session has not begun, its room is closed, or the participant is out.
 */
export function endSession(
  context: ActionContext,
  organization: OrganizationId,
  registrationId: string,
): Promise<void> {
  return context.database.transaction(async (transaction) => {
    const at = context.now();
    const { session } = await requireAdmission(organization, transaction, registrationId);
    if (session.endedAt !== null) return;
    if (!isRoomOpen(at, roomHours(session))) throw new Refusal('conflict', 'The room is closed.');
    if (!hasBegun(session, at)) throw new Refusal('conflict', 'The session has not begun yet.');
    await updateSession(organization, transaction, session.id, { ...session, endedAt: at });
    const data = { sessionId: session.id, registrationId };
    await insertEvents(organization, transaction, [{ type: 'session.closed', data }], at);
    await recordCompletions(within(context, transaction), organization, session.id);
  });
}
