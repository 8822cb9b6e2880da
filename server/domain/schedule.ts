import { limits } from '@rollcall/contract/limits.ts';
import type { Schedule, SessionChange } from '@rollcall/contract/manage/session-shapes.ts';
import { parseDateTime } from './date-time.ts';
import { occurrencesOf } from './recurrence.ts';
import { type Issue, invalid } from './refusal.ts';
import { readWebAddress } from './web-address.ts';

const SECOND_MS = 1_000;

/** What is to change of a session; times in epoch milliseconds, absent members stay. */
export interface SessionChanges {
  scheduledStartAt?: number;
  scheduledEndAt?: number;
  capacity?: number;
  meetingLink?: string | null;
}

/** A schedule that fits its schema, its meeting link as it is kept. Throws `invalid_request`. */
export function readSchedule(schedule: Schedule, pointer = ''): Schedule {
  const { meetingLink } = schedule;
  return typeof meetingLink === 'string'
    ? { ...schedule, meetingLink: readMeetingLink(meetingLink, pointer) }
    : schedule;
}

/** What is to change of a session, from a body that fits its schema. Throws `invalid_request`. */
export function readSessionChange({ startsAt, endsAt, capacity, meetingLink }: SessionChange): SessionChanges {
  return {
    ...(startsAt !== undefined && { scheduledStartAt: momentOf(startsAt) }),
    ...(endsAt !== undefined && { scheduledEndAt: momentOf(endsAt) }),
    ...(capacity !== undefined && { capacity }),
    ...(meetingLink !== undefined && { meetingLink: meetingLink === null ? null : readMeetingLink(meetingLink, '') }),
  };
}

function readMeetingLink(text: string, pointer: string): string {
  const result = readWebAddress(text);
  if (!result.ok) throw at(`${pointer}/meetingLink`, result.reason);
  return result.text;
}

/** A moment in a body, which the schema's format has let pass: kept in whole seconds. Epoch milliseconds. */
export function momentOf(text: string): number {
  const result = parseDateTime(text);
  if (!result.ok) throw new RangeError(`"${text}" ${result.reason}`);
  return Math.floor(result.at / SECOND_MS) * SECOND_MS;
}

/** Why a session cannot start at that moment; null where it can. */
export function startFault(at: number, now: number): string | null {
  if (at <= now) return 'lies in the past; choose a moment to come';
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + limits.scheduleYearsMax);
  if (at <= latest.getTime()) return null;
  return `lies more than ${limits.scheduleYearsMax} years ahead; choose an earlier moment`;
}

/**
 * The starts of a schedule that fits its schema, in order, in epoch milliseconds. Throws `invalid_request` with every
 * fault; `pointer` is the schedule's own place in the body.
 */
export function startsOf({ startsAt, recurrence }: Schedule, now: number, pointer = ''): number[] {
  if (startsAt && recurrence) throw at(pointer, 'has both "startsAt" and "recurrence"; send one of them');
  if (startsAt) return listedStarts(startsAt, now, `${pointer}/startsAt`);
  if (!recurrence) throw at(pointer, 'names no starts; send "startsAt" or "recurrence"');
  const place = `${pointer}/recurrence`;
  const occurrences = occurrencesOf(recurrence);
  if (!occurrences.ok) throw invalid(occurrences.issues.map((issue) => moved(issue, place)));
  const fault = occurrences.starts.map((start) => startFault(start, now)).find((reason) => reason !== null);
  if (fault) throw at(`${place}/startsAt`, `gives a start that ${fault}`);
  return [...occurrences.starts];
}

function at(pointer: string, message: string) {
  return invalid([{ pointer, message }]);
}

function moved(issue: Issue, place: string): Issue {
  return 'pointer' in issue ? { ...issue, pointer: place + issue.pointer } : issue;
}

function listedStarts(texts: readonly string[], now: number, place: string): number[] {
  const issues: Issue[] = [];
  const seen = new Set<number>();
  for (const [index, text] of texts.entries()) {
    const start = momentOf(text);
    const fault = seen.has(start) ? 'is the same moment as one before; for more seats raise "capacity"' : null;
    const message = fault ?? startFault(start, now);
    if (message) issues.push({ pointer: `${place}/${index}`, message });
    seen.add(start);
  }
  if (issues.length > 0) throw invalid(issues);
  return [...seen].sort((a, b) => a - b);
}
