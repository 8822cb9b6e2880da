import { isRoomOpen, type PresenceSignal, roomHours } from '../domain/presence.ts';
import { Refusal } from '../domain/refusal.ts';
import { isFirstStepDue } from '../domain/room.ts';
import type { OrganizationId } from '../store/tables.ts';
import { requireAdmission } from './admission.ts';
import { type ActionContext, within } from './context.ts';
import { moveGroup } from './move-group.ts';
import { recordPresence } from './record-presence.ts';

/**
 * Takes in a signal of a room page, at the server's time. The first participant who is there at the scheduled start has
 * the group shown its first step. Refuses as `recordPresence` does, and with `conflict` where the room is closed: a page
 * that does not know it yet must learn it.
 */
export function signalPresence(
  context: ActionContext,
  organization: OrganizationId,
  registrationId: string,
  { tab, leaving }: Omit<PresenceSignal, 'at'>,
): Promise<void> {
  return context.database.transaction(organization, async (transaction) => {
    const at = context.now();
    const { session } = await requireAdmission(organization, transaction, registrationId);
    if (!isRoomOpen(at, roomHours(session))) throw new Refusal('conflict', 'The room is closed.');
    const inside = within(context, transaction);
    if (!leaving && isFirstStepDue(session, at)) {
      await moveGroup(inside, organization, { sessionId: session.id, step: 0, from: null });
    }
    await recordPresence(inside, organization, registrationId, [{ tab, at, leaving }]);
  });
}
