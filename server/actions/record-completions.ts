import type { Completion } from '@rollcall/contract/completions.ts';
import { type CompletionFacts, completionJson } from '../domain/completion.ts';
import { type PresenceInterval, presenceOf, roomHours, type ShownStep, stepsVisited } from '../domain/presence.ts';
import { Refusal } from '../domain/refusal.ts';
import { type CompletionRecord, writeCompletions } from '../store/completions.ts';
import type { Transaction } from '../store/database.ts';
import { markSessionEnded } from '../store/due-sessions.ts';
import { insertEvents, type NewEvent } from '../store/events.ts';
import { type LiveRegistration, listLiveRegistrations } from '../store/registrations.ts';
import { getSession, listDueSessions, type SessionWithModule } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import { listSessionVisits, listShownSteps, listVisits } from '../store/visits.ts';
import type { ActionContext } from './context.ts';

/** Ids of the completions that were written. */
export interface RecordedCompletions {
  readonly recorded: readonly string[];
  readonly updated: readonly string[];
}

/**
 * Records what came of each live registration of a session that is over, and ends the session where the clock has
 * (events `session.ended`, `completion.recorded`, `completion.updated`). Can be repeated at any time: records that
 * would be the same are left alone. Refuses with `not_found` where there is no such session, with `conflict` where it is
 * cancelled or goes on still.
 */
export function recordCompletions(
  { database, now }: ActionContext,
  organization: OrganizationId,
  sessionId: string,
): Promise<RecordedCompletions> {
  return database.transaction(organization, async (transaction) => {
    const at = now();
    const session = await requireSession(organization, transaction, sessionId);
    requireOver(session, at);
    return record(organization, transaction, session, at);
  });
}

/**
 * Records the completions of all sessions whose scheduled end has passed, oldest first, each in a transaction of its own;
 * answers how many sessions it ended. Whoever calls this, and however often, a session is ended once. One that fails
 * holds no other up; its error is thrown at the end.
 */
export async function endDueSessions(context: ActionContext, organization: OrganizationId): Promise<number> {
  const due = await listDueSessions(organization, context.database.reader, context.now());
  const failures: unknown[] = [];
  let ended = 0;
  for (const sessionId of due) {
    try {
      if (await endIfDue(context, organization, sessionId)) ended++;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return ended;
}

/** Meanwhile somebody else may have ended the session, cancelled it, or given it another time: false then. */
function endIfDue({ database, now }: ActionContext, organization: OrganizationId, sessionId: string): Promise<boolean> {
  return database.transaction(organization, async (transaction) => {
    const at = now();
    const session = await requireSession(organization, transaction, sessionId);
    const isHeld = session.state === 'scheduled' || session.state === 'open';
    if (!isHeld || at < session.scheduledEndAt) return false;
    await record(organization, transaction, session, at);
    return true;
  });
}

/**
 * Records anew what came of a participant's visits to a session that has ended already (event `completion.updated`);
 * nothing where the record would be the same, or the seat is gone.
 */
export async function updateCompletion(
  organization: OrganizationId,
  transaction: Transaction,
  session: SessionWithModule,
  registrationId: string,
  now: number,
): Promise<void> {
  await record(organization, transaction, session, now, registrationId);
}

async function requireSession(
  organization: OrganizationId,
  transaction: Transaction,
  sessionId: string,
): Promise<SessionWithModule> {
  const session = await getSession(organization, transaction, sessionId);
  if (session) return session;
  throw new Refusal('not_found', `There is no session "${sessionId}".`);
}

/** Writes the records of all participants, or of one, and what they tell. Of two who end a session, one does. */
async function record(
  organization: OrganizationId,
  transaction: Transaction,
  session: SessionWithModule,
  now: number,
  registrationId?: string,
): Promise<RecordedCompletions> {
  const isEnding = session.state !== 'ended' && (await markSessionEnded(organization, transaction, session.id));
  const registrations = await listLiveRegistrations(organization, transaction, session.id, registrationId);
  const shown = await listShownSteps(organization, transaction, session.id);
  const visits = await readVisits(organization, transaction, session.id, registrationId);
  const records = registrations.map((registration) =>
    recordOf(session, registration, shown, visits.get(registration.id) ?? []),
  );
  const result = sortOut(await writeCompletions(organization, transaction, records, now), registrations);
  await insertEvents(organization, transaction, eventsOf(session.id, isEnding, result), now);
  return result;
}

/** By registration. */
async function readVisits(
  organization: OrganizationId,
  transaction: Transaction,
  sessionId: string,
  registrationId: string | undefined,
): Promise<ReadonlyMap<string, PresenceInterval[]>> {
  if (registrationId === undefined) return listSessionVisits(organization, transaction, sessionId);
  return new Map([[registrationId, await listVisits(organization, transaction, registrationId)]]);
}

function requireOver(session: SessionWithModule, now: number): void {
  if (session.state === 'cancelled') throw new Refusal('conflict', 'The session is cancelled: nothing came of it.');
  if (session.endedAt === null && now < session.scheduledEndAt) {
    throw new Refusal('conflict', 'The session is not over yet. Its completions are recorded when it is.');
  }
}

/**
 * A registration's record. Its id is the registration's own: there is one record for each, so it is known without a
 * search and stays the same however often the record is composed.
 */
function recordOf(
  session: SessionWithModule,
  registration: LiveRegistration,
  shown: readonly ShownStep[],
  intervals: readonly PresenceInterval[],
): CompletionRecord {
  const hours = roomHours(session);
  const presence = presenceOf(intervals, hours);
  const snapshot = snapshotOf(session, registration);
  const seen = [...stepsVisited(shown, intervals, hours)].filter((step) => step < snapshot.totalSteps);
  return {
    id: registration.id,
    registrationId: registration.id,
    sessionId: session.id,
    clusterId: session.clusterId,
    userId: registration.userId,
    remoteUserId: snapshot.remoteUserId,
    scheduledStartAt: session.scheduledStartAt,
    document: completionJson({
      id: registration.id,
      clusterId: session.clusterId,
      scheduledStartAt: session.scheduledStartAt,
      scheduledEndAt: session.scheduledEndAt,
      visit: presence && { ...presence, stepsVisited: seen.length },
      ...snapshot,
    }),
  };
}

/**
 * User and module as they are now, or as they were when the record was first made: a late visit changes the figures of a
 * record, nothing else of it (contract: Completions).
 */
function snapshotOf(
  { module }: SessionWithModule,
  { user, completion }: LiveRegistration,
): Pick<CompletionFacts, 'remoteUserId' | 'module' | 'totalSteps'> {
  if (completion === null) {
    const { durationMinutes: duration, steps: totalSteps, ...rest } = module;
    return { remoteUserId: user.remoteId, module: { ...rest, duration }, totalSteps };
  }
  const earlier = JSON.parse(completion) as Completion;
  return {
    remoteUserId: earlier.remoteUserId,
    module: {
      id: earlier.moduleId,
      name: earlier.moduleName,
      category: earlier.moduleCategory,
      thumbnailUrl: earlier.moduleThumbnailUrl,
      description: earlier.moduleDescription,
      duration: earlier.duration,
    },
    totalSteps: earlier.totalSteps,
  };
}

function sortOut(
  written: readonly CompletionRecord[],
  registrations: readonly LiveRegistration[],
): RecordedCompletions {
  const known = new Set(registrations.filter(({ completion }) => completion !== null).map(({ id }) => id));
  const ids = written.map(({ id }) => id);
  return { recorded: ids.filter((id) => !known.has(id)), updated: ids.filter((id) => known.has(id)) };
}

/** One event a kind of change; it names the completions, whose present state a receiver reads. */
function eventsOf(sessionId: string, isEnding: boolean, { recorded, updated }: RecordedCompletions): NewEvent[] {
  const events: NewEvent[] = [];
  if (isEnding) events.push({ type: 'session.ended', data: { sessionId } });
  if (recorded.length > 0) events.push({ type: 'completion.recorded', data: { sessionId, completionIds: recorded } });
  if (updated.length > 0) events.push({ type: 'completion.updated', data: { sessionId, completionIds: updated } });
  return events;
}
