import { formatDateTime } from './date-time.ts';
import {
  type PresenceInterval,
  type RoomHours,
  type ShownStep,
  type Stretch,
  stepsVisited,
  stretchesOf,
} from './presence.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** How a stretch ended: the page said that it left, or nothing was heard from it any more. */
export type StretchEnd = 'left' | 'lost';

/** A stretch of one tab, as it was measured. */
export interface ExplainedVisit extends Stretch {
  /** 1, 2, 3 … in the order in which the tabs were first seen. */
  readonly tab: number;
  readonly end: StretchEnd;
  /** Whether any of it lies within the room's hours. */
  readonly counted: boolean;
}

/** A stretch between two of presence. */
export interface Gap extends Stretch {
  readonly reason: StretchEnd;
}

/** A step, and why it counts as visited or does not. */
export interface StepVerdict {
  /** Position in the module, from 0. */
  readonly step: number;
  readonly shown: readonly ShownStep[];
  readonly reason: 'seen' | 'absent' | 'not_shown' | 'not_in_module';
}

/** How a participant's completion came about, by the same rules that make it. */
export interface Explanation {
  readonly visits: readonly ExplainedVisit[];
  readonly presence: readonly Stretch[];
  readonly gaps: readonly Gap[];
  readonly steps: readonly StepVerdict[];
  readonly presentMs: number;
  readonly attendedReason: 'present' | 'never_present' | 'outside_hours';
}

/** What there is to explain. */
export interface ExplanationFacts {
  readonly intervals: readonly PresenceInterval[];
  readonly shown: readonly ShownStep[];
  readonly hours: RoomHours;
  /** Steps that the module had when the record was made. */
  readonly totalSteps: number;
}

/** Explains a completion (domain: Rules): what was measured, what of it counts, and what does not. */
export function explainPresence(facts: ExplanationFacts): Explanation {
  const { intervals, hours } = facts;
  const presence = stretchesOf(intervals, hours);
  return {
    visits: explainVisits(intervals, hours),
    presence,
    gaps: gapsBetween(presence, intervals),
    steps: judgeSteps(facts),
    presentMs: presence.reduce((sum, { firstAt, lastAt }) => sum + lastAt - firstAt, 0),
    attendedReason: presence.length > 0 ? 'present' : intervals.length > 0 ? 'outside_hours' : 'never_present',
  };
}

function explainVisits(intervals: readonly PresenceInterval[], hours: RoomHours): ExplainedVisit[] {
  const ordered = intervals.toSorted((a, b) => a.firstAt - b.firstAt || a.lastAt - b.lastAt);
  const tabs = [...new Set(ordered.map(({ tab }) => tab))];
  return ordered.map((interval) => ({
    tab: tabs.indexOf(interval.tab) + 1,
    firstAt: interval.firstAt,
    lastAt: interval.lastAt,
    end: endOf(interval),
    counted: stretchesOf([interval], hours).length > 0,
  }));
}

function endOf({ closed }: PresenceInterval): StretchEnd {
  return closed ? 'left' : 'lost';
}

/** A stretch ended by loss where it did in one of the tabs that were there to the last. */
function gapsBetween(presence: readonly Stretch[], intervals: readonly PresenceInterval[]): Gap[] {
  return presence.slice(1).map(({ firstAt: to }, index) => {
    const from = (presence[index] as Stretch).lastAt;
    const isLost = intervals.some((interval) => interval.lastAt === from && !interval.closed);
    return { firstAt: from, lastAt: to, reason: isLost ? 'lost' : 'left' };
  });
}

function judgeSteps({ intervals, shown, hours, totalSteps }: ExplanationFacts): StepVerdict[] {
  const seen = stepsVisited(shown, intervals, hours);
  const length = Math.max(totalSteps, ...shown.map(({ step }) => step + 1));
  return Array.from({ length }, (_, step) => {
    const showings = shown.filter((showing) => showing.step === step);
    if (step >= totalSteps) return { step, shown: showings, reason: 'not_in_module' };
    if (showings.length === 0) return { step, shown: showings, reason: 'not_shown' };
    return { step, shown: showings, reason: seen.has(step) ? 'seen' : 'absent' };
  });
}

/** An explanation in sentences for the participant; `percentage` is the record's own. */
export function tellExplanation(explanation: Explanation, hours: RoomHours, percentage: number): string[] {
  const { presence, gaps, steps, presentMs } = explanation;
  const first = presence[0];
  const last = presence.at(-1);
  if (!first || !last) return [tellAbsence(explanation, hours)];
  const stretches = presence.length === 1 ? '1 stretch' : `${presence.length} stretches`;
  const counting = steps.filter(({ reason }) => reason !== 'not_in_module');
  const seen = counting.filter(({ reason }) => reason === 'seen').length;
  return [
    `Attended: was seen in the room, first at ${formatDateTime(first.firstAt)} and last at ${formatDateTime(last.lastAt)}.`,
    `Was present for ${length(presentMs)} in ${stretches}, of which whole minutes count: ${Math.floor(presentMs / MINUTE_MS)}.`,
    ...gaps.map(tellGap),
    counting.length === 0
      ? 'The module has no steps.'
      : `Saw ${seen} of ${counting.length} steps (${percentage} percent): those that were shown at a moment of presence.`,
  ];
}

function tellAbsence({ attendedReason }: Explanation, { opensAt, closesAt }: RoomHours): string {
  const open = `from ${formatDateTime(opensAt)} until ${formatDateTime(closesAt)}`;
  if (attendedReason === 'outside_hours')
    return `Did not attend: was seen only while the room was not open; it was ${open}.`;
  return `Did not attend: was never seen in the room, which was open ${open}.`;
}

function tellGap({ firstAt, lastAt, reason }: Gap): string {
  const why =
    reason === 'left' ? 'the room page was closed or hidden' : 'nothing was heard from the room page any more';
  return `Was away for ${length(lastAt - firstAt)} from ${formatDateTime(firstAt)} on: ${why}.`;
}

function length(ms: number): string {
  return `${Math.floor(ms / MINUTE_MS)} min ${Math.floor((ms % MINUTE_MS) / SECOND_MS)} s`;
}
