import { applySignal, isRoomOpen, type PresenceInterval, type PresenceSignal, roomHours } from '../domain/presence.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Transaction } from '../store/database.ts';
import { getRegistration } from '../store/registrations.ts';
import { getSession, type SessionWithModule } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import { listVisits, putVisits } from '../store/visits.ts';
import { type ActionContext, within } from './context.ts';
import { recordCompletions } from './record-completions.ts';

/**
 * Takes in a participant's signals, in the order in which the server received them; those outside the room's hours do
 * not count. Once the session is over, its completions are updated at the same time. Refuses with `not_found` where there
 * is no such registration, with `conflict` where it or its session is cancelled or the user deactivated: such a one is
 * out at once. Presence itself leaves no event; what becomes of it does.
 */
export function recordPresence(
  context: ActionContext,
  organization: OrganizationId,
  registrationId: string,
  signals: readonly PresenceSignal[],
): Promise<void> {
  return context.database.transaction(async (transaction) => {
    const session = await requireAdmission(organization, transaction, registrationId);
    const hours = roomHours(session);
    const counted = signals.filter(({ at }) => isRoomOpen(at, hours));
    const changed = changedIntervals(await listVisits(organization, transaction, registrationId), counted);
    await putVisits(organization, transaction, registrationId, changed);
    if (changed.length === 0 || session.state !== 'ended') return;
    await recordCompletions(within(context, transaction), organization, session.id);
  });
}

async function requireAdmission(
  organization: OrganizationId,
  transaction: Transaction,
  registrationId: string,
): Promise<SessionWithModule> {
  const registration = await getRegistration(organization, transaction, registrationId);
  const session = registration && (await getSession(organization, transaction, registration.sessionId));
  if (!session) throw new Refusal('not_found', `There is no registration "${registrationId}".`);
  if (registration.cancelledAt !== null) throw new Refusal('conflict', 'The registration is cancelled.');
  if (session.state === 'cancelled') throw new Refusal('conflict', 'The session is cancelled.');
  if (!registration.user.active) throw new Refusal('conflict', 'The user is deactivated.');
  return session;
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
