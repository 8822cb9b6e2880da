import type { Completion } from '@rollcall/contract/completions.ts';
import { dateTime } from './api.ts';
import { type Expectation, expectationOf } from './expectation.ts';
import type { Seat, Stage, StagedSession } from './stage.ts';

/** A completion that is to be expected: all that the contract shows but its hash, which it does not foretell. */
export type ExpectedCompletion = Omit<Completion, 'hash'>;

/** A seat, how its participant behaves, and what is to come of it. */
export interface Expected {
  readonly seat: Seat;
  readonly completion: ExpectedCompletion;
}

/**
 * The completions that are to be expected of a session by what happened before `before`, in seconds from its start; of
 * all that happens unless given. Ordered by id, as the contract lists those of one session.
 */
export function expectedOf(stage: Stage, session: StagedSession, before?: number): Expected[] {
  const expected: Expected[] = [];
  for (const seat of session.seats) {
    const expectation = expectationOf(stage.plan, session.plan, seat.participant, before);
    if (expectation) expected.push({ seat, completion: completionOf(stage, session, seat, expectation) });
  }
  return expected.sort((a, b) => (a.seat.id < b.seat.id ? -1 : 1));
}

function completionOf(
  { plan, moduleId, moduleName, clusterId }: Stage,
  session: StagedSession,
  { id, remoteId }: Seat,
  { attended, firstAt, lastAt, minutes, stepsVisited, percentage }: Expectation,
): ExpectedCompletion {
  const moment = (seconds: number) => dateTime(session.startAt + seconds * 1_000);
  return {
    id,
    remoteUserId: remoteId,
    clusterId,
    moduleId,
    moduleName,
    moduleCategory: 'Simulation',
    moduleThumbnailUrl: null,
    moduleDescription: '',
    duration: plan.minutes,
    attended,
    sessionScheduledStartAt: moment(0),
    sessionScheduledEndAt: moment(session.plan.length),
    participantFirstVisitedAt: firstAt === null ? null : moment(firstAt),
    participantLastVisitedAt: lastAt === null ? null : moment(lastAt),
    timeInSessionMins: minutes,
    stepsVisited,
    totalSteps: plan.steps,
    percentageStepsVisited: percentage,
  };
}

/** What is not as it is to be expected, in sentences; none where all is. Order and number count too. */
export function differences(expected: readonly Expected[], found: readonly Completion[]): string[] {
  const byId = new Map(found.map((completion) => [completion.id, completion]));
  const faults = expected.flatMap(({ seat, completion }) => {
    const name = `${seat.remoteId} (${seat.participant.behaviour}) on ${completion.sessionScheduledStartAt}`;
    const actual = byId.get(completion.id);
    return actual ? differencesOf(name, completion, actual) : [`${name}: the completion is missing`];
  });
  const known = new Set(expected.map(({ completion }) => completion.id));
  for (const { id, remoteUserId, sessionScheduledStartAt } of found) {
    if (!known.has(id)) faults.push(`${remoteUserId} on ${sessionScheduledStartAt}: a completion too many, ${id}`);
  }
  if (faults.length > 0) return faults;
  const isInOrder = expected.every(({ completion }, index) => found[index]?.id === completion.id);
  return isInOrder ? [] : ['the completions are not in order of scheduled start and id'];
}

function differencesOf(name: string, expected: ExpectedCompletion, actual: Completion): string[] {
  const members = Object.keys(expected) as (keyof ExpectedCompletion)[];
  const faults = members
    .filter((member) => expected[member] !== actual[member])
    .map((member) => `${name}: ${member} is ${show(actual[member])}, expected ${show(expected[member])}`);
  if (!/^[0-9a-f]{12}$/.test(actual.hash)) faults.push(`${name}: hash is ${show(actual.hash)}, expected 12 hex digits`);
  return faults;
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
