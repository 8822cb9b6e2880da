import { applySignal, isRoomOpen, type PresenceInterval, type PresenceSignal, roomHours } from '../domain/presence.ts';
import type { OrganizationId } from '../store/tables.ts';
import { listVisits, putVisits } from '../store/visits.ts';
import { requireAdmission } from './admission.ts';
import type { ActionContext } from './context.ts';
import { updateCompletion } from './record-completions.ts';

/**
 * Takes in a participant's signals, in the order in which the server received them; those outside the room's hours do
 * not count. Once the session is over, the participant's completion is updated at the same time. Refuses with `not_found`
 * where there is no such registration, with `conflict` where it or its session is cancelled or the user deactivated: such
 * a one is out at once. Presence itself leaves no event; what becomes of it does.
 */
export function recordPresence(
  { database, now }: ActionContext,
  organization: OrganizationId,
  registrationId: string,
  signals: readonly PresenceSignal[],
): Promise<void> {
  return database.transaction(organization, async (transaction) => {
    const { session } = await requireAdmission(organization, transaction, registrationId);
    const hours = roomHours(session);
    const counted = signals.filter(({ at }) => isRoomOpen(at, hours));
    const stored = await listVisits(organization, transaction, registrationId);
    const changed = changedIntervals(stored, counted);
    await putVisits(organization, transaction, registrationId, changed);
    if (changed.some((interval) => beginsOrEnds(interval, stored))) {
      transaction.announce({ about: 'presence', organization, sessionId: session.id });
    }
    if (changed.length === 0 || session.state !== 'ended') return;
    await updateCompletion(organization, transaction, session, registrationId, now());
  });
}

/** Whether the stretch is new, or was left or taken up again: not so where it only goes on, which nobody needs to hear of. */
function beginsOrEnds({ tab, firstAt, closed }: PresenceInterval, stored: readonly PresenceInterval[]): boolean {
  return !stored.some((known) => known.tab === tab && known.firstAt === firstAt && known.closed === closed);
}

/** The intervals that the signals begin or change, each once, as all of the signals leave it. */
function changedIntervals(stored: readonly PresenceInterval[], signals: readonly PresenceSignal[]): PresenceInterval[] {
  const keyOf = ({ tab, firstAt }: PresenceInterval) => `${firstAt} ${tab}`;
  const intervals = new Map(stored.map((interval) => [keyOf(interval), interval]));
  const changed = new Map<string, PresenceInterval>();
  for (const signal of signals) {
    const interval = applySignal(intervals.values(), signal);
    if (!interval) continue;
    intervals.set(keyOf(interval), interval);
    changed.set(keyOf(interval), interval);
  }
  return [...changed.values()];
}
