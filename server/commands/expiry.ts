import { type DateTimeResult, parseDateTime } from '../domain/date-time.ts';

const HOUR_MS = 3_600_000;
const UNITS_MS: Readonly<Record<string, number>> = {
  h: HOUR_MS,
  d: 24 * HOUR_MS,
  w: 7 * 24 * HOUR_MS,
  y: 365 * 24 * HOUR_MS,
};
const DURATION = /^(\d{1,7})([hdwy])$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_LIKE = /^\d{4}-/;
const LATEST = Date.parse('9999-12-31T23:59:59Z');

/**
 * Reads when something ends: an RFC 3339 date-time, a date (its first moment in UTC), or a duration from now such as
 * `12h`, `90d`, `8w` or `1y` (365 days). There is no unit `m`, which half of the readers would take for minutes and half
 * for months. Only what lies ahead of `now` (epoch milliseconds) passes.
 */
export function readExpiry(text: string, now: number): DateTimeResult {
  const end = readMoment(text, now);
  if (!end.ok) return end;
  if (end.at <= now) return { ok: false, reason: 'does not lie in the future; name a later moment' };
  if (end.at > LATEST)
    return { ok: false, reason: 'lies after the year 9999; leave it out for a key that never expires' };
  return end;
}

function readMoment(text: string, now: number): DateTimeResult {
  const [, count, unit = ''] = DURATION.exec(text) ?? [];
  if (count !== undefined) return { ok: true, at: now + Number(count) * (UNITS_MS[unit] ?? Number.NaN) };
  if (DATE.test(text)) return parseDateTime(`${text}T00:00:00Z`);
  if (DATE_LIKE.test(text)) return parseDateTime(text);
  return {
    ok: false,
    reason:
      'is no moment; write a date-time (2027-01-31T12:00:00Z), a date (2027-01-31) or a duration (12h, 90d, 8w, 1y)',
  };
}
