import { formatDateTime } from '../domain/date-time.ts';
import { isRoomOpen, PRESENCE_GAP_MS_MAX, roomHours } from '../domain/presence.ts';
import { Refusal } from '../domain/refusal.ts';
import { insertEvents } from '../store/events.ts';
import { listPresent } from '../store/rooms.ts';
import { updateSession } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import { requireAdmission } from './admission.ts';
import { type ActionContext, within } from './context.ts';
import { recordCompletions } from './record-completions.ts';

/**
 * Has a participant end the session for the whole group (event `session.closed`): the room closes, and the completions
 * are recorded at once (domain: Rules). A session that was ended this way already stays as it is. Refuses with `conflict`
 * before the scheduled start (also of a group that began earlier: those who come in time must find the session), where
 * the room is closed, and where the participant is out or not in the room.
 */
export function endSession(
  context: ActionContext,
  organization: OrganizationId,
  registrationId: string,
): Promise<void> {
  return context.database.transaction(organization, async (transaction) => {
    const at = context.now();
    const { session } = await requireAdmission(organization, transaction, registrationId);
    if (session.endedAt !== null) return;
    if (!isRoomOpen(at, roomHours(session))) throw new Refusal('conflict', 'The room is closed.');
    if (at < session.scheduledStartAt) {
      const start = formatDateTime(session.scheduledStartAt);
      throw new Refusal('conflict', `The session can be ended from its scheduled start on: ${start}.`);
    }
    const present = await listPresent(organization, transaction, session.id, at - PRESENCE_GAP_MS_MAX);
    if (!present.has(registrationId)) throw new Refusal('conflict', 'Only somebody who is in the room can end it.');
    await updateSession(organization, transaction, session.id, { ...session, endedAt: at });
    const data = { sessionId: session.id, registrationId };
    await insertEvents(organization, transaction, [{ type: 'session.closed', data }], at);
    await recordCompletions(within(context, transaction), organization, session.id);
  });
}
