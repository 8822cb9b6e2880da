import { formatDateTime } from '../domain/date-time.ts';
import { isRoomOpen, PRESENCE_GAP_MS_MAX, roomHours } from '../domain/presence.ts';
import { Refusal } from '../domain/refusal.ts';
import { hasBegun, isComplete } from '../domain/room.ts';
import type { Transaction } from '../store/database.ts';
import { insertEvents } from '../store/events.ts';
import { listMembers, listPresent } from '../store/rooms.ts';
import { getSession, type Session, updateSession } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import { insertShownStep } from '../store/visits.ts';
import { requireAdmission } from './admission.ts';
import { type ActionContext, within } from './context.ts';
import { recordCompletions } from './record-completions.ts';

export interface Move {
  readonly sessionId: string;
  /** Position of the step in the module, from 0. */
  readonly step: number;
  /** The step that the group must be on for the move to hold, null: on none yet. Absent: whichever it is on. */
  readonly from?: number | null;
  /** Registration of the participant who moves the group; absent where nobody does. */
  readonly by?: string;
}

/**
 * Shows the group of a session another step, the first time as well (event `session.step_shown`); the step that it is on
 * already changes nothing. Of two participants who press "next" at once, `from` lets one move the group, and the other
 * finds it moved. Refuses with `not_found` where there is no such session or step, with `conflict` where the session is
 * cancelled, its room closed, the group on another step than `from`, or whoever moves it is out, or would begin before
 * the scheduled start while somebody who has a seat is not here.
 */
export function moveGroup(
  context: ActionContext,
  organization: OrganizationId,
  { sessionId, step, from, by }: Move,
): Promise<void> {
  return context.database.transaction(organization, async (transaction) => {
    const at = context.now();
    if (by !== undefined) await requireAdmission(organization, transaction, by);
    const session = await getSession(organization, transaction, sessionId);
    if (!session) throw new Refusal('not_found', `There is no session "${sessionId}".`);
    if (session.state === 'cancelled') throw new Refusal('conflict', 'The session is cancelled.');
    if (!isRoomOpen(at, roomHours(session))) throw new Refusal('conflict', 'The room is closed.');
    if (!(step >= 0 && step < session.module.steps)) throw new Refusal('not_found', `The module has no step ${step}.`);
    if (session.currentStep === step) return;
    if (from !== undefined && session.currentStep !== from) {
      throw new Refusal('conflict', 'The group has moved on meanwhile.', { currentStep: session.currentStep });
    }
    if (by !== undefined && !hasBegun(session, at)) await requireEverybody(organization, transaction, session, at);
    await insertShownStep(organization, transaction, sessionId, { step, fromAt: at });
    const state = session.state === 'scheduled' ? 'open' : session.state;
    await updateSession(organization, transaction, sessionId, { state, currentStep: step, endedAt: session.endedAt });
    const data = { sessionId, step, ...(by !== undefined && { registrationId: by }) };
    await insertEvents(organization, transaction, [{ type: 'session.step_shown', data }], at);
    // A group that goes on after the scheduled end has records already, and whoever is present has seen one step more.
    if (state === 'ended') await recordCompletions(within(context, transaction), organization, sessionId);
  });
}

/** One who is early must not begin, and so go through the session, without those who come in time. */
async function requireEverybody(
  organization: OrganizationId,
  transaction: Transaction,
  { id, scheduledStartAt }: Session,
  at: number,
): Promise<void> {
  const members = await listMembers(organization, transaction, id);
  const present = await listPresent(organization, transaction, id, at - PRESENCE_GAP_MS_MAX);
  const active = members.filter((member) => member.active).map(({ registrationId }) => registrationId);
  if (isComplete(active, present)) return;
  const start = formatDateTime(scheduledStartAt);
  throw new Refusal('conflict', `The session begins at ${start}, or earlier once all who have a seat are here.`);
}
