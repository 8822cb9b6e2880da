import { limits } from '@rollcall/contract/limits.ts';
import type { Recurrence } from '@rollcall/contract/manage/session-shapes.ts';
import type { Issue } from './refusal.ts';

/** The starts in epoch milliseconds, or what is wrong with the rule: pointers count from the recurrence itself. */
export type Occurrences =
  | { readonly ok: true; readonly starts: readonly number[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

const LOCAL = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;
const WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d.*([Zz]|[+-]\d\d:?\d\d)$/;
/** A name of the IANA database. Offsets such as +02:00 are none: they know no clock changes. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/;
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const DAYS_IN_WEEK = 7;

/**
 * The starts that a recurrence gives, at the same local time each. A time that a clock change skips on one of the days is
 * refused, with the day; one that a clock change gives twice is the earlier of the two. With weekdays, weeks begin on
 * Monday, and the first start is on the first of the days at or after `startsAt`. At most 200 starts.
 */
export function occurrencesOf(rule: Recurrence): Occurrences {
  const start = readLocal(rule.startsAt);
  const until = rule.until === undefined ? undefined : readDate(rule.until);
  const issues = faultsOf(rule, start, until);
  if (issues.length > 0 || typeof start === 'string' || until === null) return { ok: false, issues };
  const dates = takeDates(rule, start.toPlainDate(), until);
  if (dates.length === 0) return refuse('/until', 'lies before the first start; choose a later day');
  if (dates.length > limits.scheduleSessionsMax) {
    return refuse('/until', `gives more than ${limits.scheduleSessionsMax} sessions; choose an earlier day`);
  }
  return startsOn(dates, start.toPlainTime(), rule.timeZone);
}

function refuse(pointer: string, message: string): Occurrences {
  return { ok: false, issues: [{ pointer, message }] };
}

/** A local date-time, or the reason of its refusal. */
function readLocal(text: string): Temporal.PlainDateTime | string {
  if (WITH_OFFSET.test(text)) return 'has an offset; leave it out: the local time in "timeZone" is meant';
  const form = 'is no local date-time; write one such as 2027-01-12T09:00:00';
  if (!LOCAL.test(text)) return form;
  try {
    return Temporal.PlainDateTime.from(text, { overflow: 'reject' });
  } catch {
    return `${form}, with a day that the calendar has`;
  }
}

/** A date of the calendar; null for any other text. */
function readDate(text: string): Temporal.PlainDate | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    return null;
  }
}

function faultsOf(
  rule: Recurrence,
  start: Temporal.PlainDateTime | string,
  until: Temporal.PlainDate | null | undefined,
): Issue[] {
  const issues: Issue[] = [];
  if (typeof start === 'string') issues.push({ pointer: '/startsAt', message: start });
  if (!isTimeZone(rule.timeZone)) {
    issues.push({
      pointer: '/timeZone',
      message: 'is no time zone of the IANA database; write one such as Europe/Berlin',
    });
  }
  if (until === null) {
    issues.push({ pointer: '/until', message: 'is not a date of the calendar; write one such as 2027-03-31' });
  }
  if (rule.weekdays && rule.every !== 'week') {
    issues.push({ pointer: '/weekdays', message: 'go with "every": "week" only; leave them out' });
  }
  if (rule.count === undefined && rule.until === undefined) {
    issues.push({ pointer: '', message: 'has no end; send "count" or "until"' });
  }
  if (rule.count !== undefined && rule.until !== undefined) {
    issues.push({ pointer: '', message: 'has both "count" and "until"; send one of them' });
  }
  return issues;
}

function isTimeZone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** The dates up to the rule's end; one too many where there are more than can be. */
function takeDates(rule: Recurrence, first: Temporal.PlainDate, until: Temporal.PlainDate | undefined) {
  const dates: Temporal.PlainDate[] = [];
  const count = rule.count ?? limits.scheduleSessionsMax + 1;
  for (const date of datesOf(rule, first)) {
    if (until && Temporal.PlainDate.compare(date, until) > 0) break;
    dates.push(date);
    if (dates.length === count) break;
  }
  return dates;
}

/** The dates without end, in order. */
function* datesOf({ every, interval = 1, weekdays }: Recurrence, first: Temporal.PlainDate) {
  if (every === 'day') {
    for (let days = 0; ; days += interval) yield first.add({ days });
  }
  const monday = first.subtract({ days: first.dayOfWeek - 1 });
  const offsets = weekdays ? weekdays.map((day) => WEEKDAYS.indexOf(day)).sort((a, b) => a - b) : [first.dayOfWeek - 1];
  for (let week = 0; ; week += interval) {
    for (const offset of offsets) {
      const date = monday.add({ days: week * DAYS_IN_WEEK + offset });
      if (Temporal.PlainDate.compare(date, first) >= 0) yield date;
    }
  }
}

function startsOn(dates: readonly Temporal.PlainDate[], time: Temporal.PlainTime, timeZone: string): Occurrences {
  const starts: number[] = [];
  for (const date of dates) {
    const local = date.toPlainDateTime(time);
    const zoned = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
    if (!zoned.toPlainDateTime().equals(local)) {
      const message = `gives ${local.toString()}, which does not exist in ${timeZone}: a clock change skips it; choose another time`;
      return refuse('/startsAt', message);
    }
    starts.push(zoned.epochMilliseconds);
  }
  return { ok: true, starts };
}
