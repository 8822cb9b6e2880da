import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDateTime, parseDateTime } from './date-time.ts';

test.each([
  ['2024-06-15T14:00:00Z', '2024-06-15T14:00:00.000Z'],
  ['2024-06-15t14:00:00z', '2024-06-15T14:00:00.000Z'],
  ['2024-06-15T14:00:00+02:00', '2024-06-15T12:00:00.000Z'],
  ['2024-06-15T14:00:00-09:30', '2024-06-15T23:30:00.000Z'],
  ['2024-06-15T14:00:00-00:00', '2024-06-15T14:00:00.000Z'],
  ['2024-06-15T14:00:00+23:59', '2024-06-14T14:01:00.000Z'],
  ['2024-06-15T14:00:00.5Z', '2024-06-15T14:00:00.500Z'],
  ['2024-06-15T14:00:00.123999999Z', '2024-06-15T14:00:00.123Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
  ['2400-02-29T00:00:00Z', '2400-02-29T00:00:00.000Z'],
  ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
  ['0099-12-31T23:59:59Z', '0099-12-31T23:59:59.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['2016-12-31T15:59:60.75-08:00', '2017-01-01T00:00:00.000Z'],
])('%s is the moment %s', (text, iso) => {
  expect(parseDateTime(text)).toEqual({ ok: true, at: new Date(iso).getTime() });
});

test.each([
  ['', 'empty'],
  ['2024-06-15', 'no time'],
  ['2024-06-15T14:00:00', 'no time zone'],
  ['2024-06-15T14:00', 'no time zone'],
  ['2024-06-15 14:00:00', 'no time zone'],
  ['2024-06-15T14:00:00 02:00', '%2B'],
  ['2024-06-15T14:00:00.250 02:00', '%2B'],
  ['2024-06-15 14:00:00Z', 'write a T'],
  ['2024-06-15T14:00:00+0200', 'RFC 3339'],
  ['2024-06-15T14:00:00+02', 'RFC 3339'],
  ['2024-06-15T14:00Z', 'RFC 3339'],
  ['2024-6-15T14:00:00Z', 'RFC 3339'],
  ['20240615T140000Z', 'RFC 3339'],
  ['2024-06-15T14:00:00.Z', 'RFC 3339'],
  ['2024-06-15T14:00:00,5Z', 'RFC 3339'],
  [' 2024-06-15T14:00:00Z', 'RFC 3339'],
  ['2024-06-15T14:00:00Z\n', 'RFC 3339'],
  ['+002024-06-15T14:00:00Z', 'RFC 3339'],
  ['12024-06-15T14:00:00Z', 'RFC 3339'],
  ['٢٠٢٤-06-15T14:00:00Z', 'RFC 3339'],
  ['1718460000', 'RFC 3339'],
  ['yesterday', 'RFC 3339'],
  [`2024-06-15T14:00:00.${'0'.repeat(1000)}Z`, 'RFC 3339'],
  ['2028-02-30T00:00:00Z', 'no such day as 30; that month has 29 days'],
  ['2027-02-29T00:00:00Z', 'no such day as 29; that month has 28 days'],
  ['1900-02-29T00:00:00Z', 'no such day'],
  ['2024-04-31T00:00:00Z', 'no such day'],
  ['2024-06-00T00:00:00Z', 'no such day'],
  ['2024-13-01T00:00:00Z', 'no such month'],
  ['2024-00-01T00:00:00Z', 'no such month'],
  ['2024-06-15T24:00:00Z', 'no such hour'],
  ['2024-06-15T14:60:00Z', 'no such minute'],
  ['2024-06-15T14:00:61Z', 'no such second'],
  ['2024-06-15T14:00:60Z', 'leap second'],
  ['2024-06-29T23:59:60Z', 'leap second'],
  ['2016-12-31T23:59:60+01:00', 'leap second'],
  ['2017-01-01T05:00:60Z', 'leap second'],
  ['2024-06-15T14:00:00+24:00', 'impossible offset'],
  ['2024-06-15T14:00:00+02:60', 'impossible offset'],
  ['0000-01-01T00:00:00+00:01', 'outside the years'],
  ['9999-12-31T23:59:59-00:01', 'outside the years'],
])('%j is refused, with what is wrong', (text, reason) => {
  expect(parseDateTime(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
});

const moment = fc.date({
  min: new Date('0000-01-02T00:00:00Z'),
  max: new Date('9999-12-30T00:00:00Z'),
  noInvalidDate: true,
});

test('every moment reads back, whatever the offset it is written in', () => {
  const offsetMinutes = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
  fc.assert(
    fc.property(moment, offsetMinutes, (date, minutes) => {
      const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1);
      const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
      const offset = `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
      expect(parseDateTime(local + offset)).toEqual({ ok: true, at: date.getTime() });
    }),
    { numRuns: 500 },
  );
});

test('exactly the days of the calendar are accepted', () => {
  fc.assert(
    fc.property(fc.nat(9999), fc.nat(13), fc.nat(32), (year, month, day) => {
      const text = [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join(
        '-',
      );
      const isReal = new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) ?? false;
      expect(parseDateTime(`${text}T00:00:00Z`).ok).toBe(isReal);
    }),
    { numRuns: 2000 },
  );
});

test('a moment is written in UTC, in whole seconds, the rest cut off', () => {
  expect(formatDateTime(Date.parse('2024-06-15T14:00:00.999Z'))).toBe('2024-06-15T14:00:00Z');
  expect(formatDateTime(Date.parse('1969-12-31T23:59:59.500Z'))).toBe('1969-12-31T23:59:59Z');
  expect(formatDateTime(Date.parse('0000-01-01T00:00:00Z'))).toBe('0000-01-01T00:00:00Z');
});

test('what is written reads back as its whole second', () => {
  fc.assert(
    fc.property(moment, (date) => {
      const at = Math.floor(date.getTime() / 1000) * 1000;
      expect(parseDateTime(formatDateTime(date.getTime()))).toEqual({ ok: true, at });
    }),
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Date.parse('9999-12-31T23:59:59.999Z') + 1, -62167219200001])(
  '%d ms cannot be written and is an error',
  (at) => {
    expect(() => formatDateTime(at)).toThrow(RangeError);
  },
);
