import { limits } from '@rollcall/contract/limits.ts';
import { invalid, Refusal } from '../domain/refusal.ts';
import { startFault } from '../domain/schedule.ts';
import { insertEvents } from '../store/events.ts';
import { getNamedSession, type NamedSession, rescheduleSession, type SessionSettings } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

const MINUTE_MS = 60_000;
const MEMBERS = ['scheduledStartAt', 'scheduledEndAt', 'capacity', 'meetingLink'] as const;

/**
 * Changes a session's time, seats or meeting link; absent members stay, and a session that is given another start only
 * keeps its length. The event `session.updated` names what is now different; a change that changes nothing leaves no
 * event. Refuses with `not_found` where there is no such session; with `conflict` where it has ended or is cancelled,
 * where its time would change after its group has begun, or where it would have fewer seats than are taken; with
 * `invalid_request` where it would start in the past, or end before it starts.
 */
export function changeSession(
  { database, now }: ActionContext,
  organization: OrganizationId,
  sessionId: string,
  change: Partial<SessionSettings>,
): Promise<void> {
  return database.transaction(organization, async (transaction) => {
    const session = await getNamedSession(organization, transaction, sessionId);
    if (!session) throw new Refusal('not_found', `There is no session "${sessionId}".`);
    const at = now();
    requireUnfinished(session, at);
    const settings = settingsAfter(session, change);
    const changed = MEMBERS.filter((member) => settings[member] !== session[member]);
    if (changed.length === 0) return;
    if (changed.includes('scheduledStartAt') || changed.includes('scheduledEndAt')) {
      requireTime(session, settings, at);
    }
    requireSeats(session, settings);
    await rescheduleSession(organization, transaction, sessionId, settings);
    const data = { sessionId, changed: changed.map((member) => NAMES[member]) };
    await insertEvents(organization, transaction, [{ type: 'session.updated', data }], at);
  });
}

/** As the management API calls them. */
const NAMES = {
  scheduledStartAt: 'startsAt',
  scheduledEndAt: 'endsAt',
  capacity: 'capacity',
  meetingLink: 'meetingLink',
} as const;

function settingsAfter(session: NamedSession, change: Partial<SessionSettings>): SessionSettings {
  const { scheduledStartAt = session.scheduledStartAt, capacity = session.capacity } = change;
  const lengthMs = session.scheduledEndAt - session.scheduledStartAt;
  const { scheduledEndAt = scheduledStartAt + lengthMs, meetingLink = session.meetingLink } = change;
  return { scheduledStartAt, scheduledEndAt, capacity, meetingLink };
}

function requireUnfinished({ state, scheduledEndAt }: NamedSession, now: number): void {
  if (state === 'cancelled') throw new Refusal('conflict', 'The session is cancelled. It can no longer be changed.');
  if (state === 'ended' || now >= scheduledEndAt) {
    throw new Refusal('conflict', 'The session has ended. It can no longer be changed.');
  }
}

function requireTime(session: NamedSession, settings: SessionSettings, now: number): void {
  if (session.state !== 'scheduled') {
    throw new Refusal('conflict', 'The session has begun. Its time can no longer be changed.');
  }
  const { scheduledStartAt, scheduledEndAt } = settings;
  const fault = scheduledStartAt === session.scheduledStartAt ? null : startFault(scheduledStartAt, now);
  if (fault) throw invalid([{ pointer: '/startsAt', message: fault }]);
  if (scheduledEndAt <= scheduledStartAt) {
    throw invalid([{ pointer: '/endsAt', message: 'must be later than the start' }]);
  }
  if (scheduledEndAt <= now)
    throw invalid([{ pointer: '/endsAt', message: 'lies in the past; choose a moment to come' }]);
  if (scheduledEndAt - scheduledStartAt > limits.minutesMax * MINUTE_MS) {
    throw invalid([{ pointer: '/endsAt', message: 'must be at most 24 hours after the start' }]);
  }
}

function requireSeats({ seatsTaken, capacity: before }: NamedSession, { capacity }: SessionSettings): void {
  if (capacity >= seatsTaken || capacity >= before) return;
  const seats = seatsTaken === 1 ? '1 seat' : `${seatsTaken} seats`;
  throw new Refusal('conflict', `The session has ${seats} taken: it cannot have fewer. Cancel registrations first.`, {
    seatsTaken,
  });
}
