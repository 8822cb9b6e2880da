/** A moment in epoch milliseconds, or the reason of its refusal: a phrase that follows the parameter's name. */
export type DateTimeResult =
  | { readonly ok: true; readonly at: number }
  | { readonly ok: false; readonly reason: string };

const MINUTE_MS = 60_000;
/** No date-time that means anything is longer; the rest of a longer one is digits of a fraction. */
const TEXT_LENGTH_MAX = 64;

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;
const OFFSET_MISSING = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?$/;
const PLUS_AS_SPACE = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)? \d\d:\d\d$/;
const SPACE_FOR_T = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;

const EARLIEST = Date.parse('0000-01-01T00:00:00.000Z');
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

const refuse = (reason: string): DateTimeResult => ({ ok: false, reason });

/** Why a text is no date-time at all, with the remedy of the commonest mistakes. */
function reasonOfForm(text: string): string {
  if (text === '') return 'is empty; write a date-time such as 2024-06-15T14:00:00Z';
  if (DATE_ONLY.test(text)) return `has a date but no time; write for example ${text}T00:00:00Z`;
  if (PLUS_AS_SPACE.test(text)) {
    return 'has a space where the "+" of its offset was; in a URL write "+" as %2B, for example 2024-06-15T14:00:00%2B02:00';
  }
  if (OFFSET_MISSING.test(text)) {
    return 'has no time zone; end it in Z for UTC or in an offset, for example 2024-06-15T14:00:00Z';
  }
  if (SPACE_FOR_T.test(text)) return 'has a space between date and time; write a T there';
  return 'is not an RFC 3339 date-time; write one such as 2024-06-15T14:00:00Z';
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Why these numbers name no moment of the calendar; null where they do. Seconds may be 60: see `isLeapSecond`. */
function reasonOfNumbers(year: number, month: number, day: number, hour: number, minute: number, second: number) {
  if (month < 1 || month > 12) return `has no such month as ${month}; months go from 01 to 12`;
  const days = daysInMonth(year, month);
  if (day < 1 || day > days) return `has no such day as ${day}; that month has ${days} days`;
  if (hour > 23) return `has no such hour as ${hour}; hours go from 00 to 23`;
  if (minute > 59) return `has no such minute as ${minute}; minutes go from 00 to 59`;
  if (second > 60) return `has no such second as ${second}; seconds go from 00 to 59`;
  return null;
}

/** Leap seconds come only at the end of a month in UTC (RFC 3339, appendix D); `after` is the moment that follows. */
function isLeapSecond(after: number): boolean {
  return after % (24 * 60 * MINUTE_MS) === 0 && new Date(after).getUTCDate() === 1;
}

/**
 * Reads an RFC 3339 date-time with any offset (contract: Dates); a lower-case `t` or `z` is as good. Fractions are
 * kept to the millisecond, further digits cut off. Only real dates of the calendar pass. A leap second (`23:59:60` UTC
 * at the end of a month) is valid there, and since epoch time has no room for it, it is read as the moment that
 * follows. A space in place of the `T` is refused, because in a URL it is more likely to be a `+` gone astray.
 */
export function parseDateTime(text: string): DateTimeResult {
  const match = text.length <= TEXT_LENGTH_MAX ? DATE_TIME.exec(text) : null;
  if (match === null) return refuse(reasonOfForm(text));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const reason = reasonOfNumbers(year, month, day, hour, minute, second);
  if (reason !== null) return refuse(reason);

  const [fraction = '', sign = '+', offsetHours = '0', offsetMinutes = '0'] = match.slice(7);
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) {
    return refuse(`has an impossible offset ${sign}${offsetHours}:${offsetMinutes}; offsets go to 23:59`);
  }
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '+' ? MINUTE_MS : -MINUTE_MS);
  const minuteAt = Date.parse(`${text.slice(0, 10)}T${text.slice(11, 16)}:00Z`) - offset;
  if (second === 60 && !isLeapSecond(minuteAt + MINUTE_MS)) {
    return refuse('has 60 seconds, but a leap second comes only at 23:59:60 UTC at the end of a month');
  }
  const at = minuteAt + second * 1000 + (second === 60 ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0')));
  if (at < EARLIEST || at > LATEST) return refuse('lies outside the years 0000 to 9999 in UTC');
  return { ok: true, at };
}

/**
 * Writes epoch milliseconds as the contract does: `2024-06-15T14:00:00Z`, UTC, whole seconds, the rest cut off.
 *
 * @throws RangeError outside the years 0000 to 9999
 */
export function formatDateTime(at: number): string {
  if (!(at >= EARLIEST && at <= LATEST)) throw new RangeError(`${at} ms lies outside the years 0000 to 9999`);
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
