import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readExpiry } from './expiry.ts';

const NOW = Date.parse('2026-03-04T09:30:15.250Z');

test.each([
  ['12h', '2026-03-04T21:30:15.250Z'],
  ['90d', '2026-06-02T09:30:15.250Z'],
  ['8w', '2026-04-29T09:30:15.250Z'],
  ['1y', '2027-03-04T09:30:15.250Z'],
  ['2027-01-31', '2027-01-31T00:00:00.000Z'],
  ['2027-01-31T12:00:00Z', '2027-01-31T12:00:00.000Z'],
  ['2027-01-31T12:00:00+02:00', '2027-01-31T10:00:00.000Z'],
])('a key made with --expires %s ends at %s', (text, end) => {
  expect(readExpiry(text, NOW)).toEqual({ ok: true, at: Date.parse(end) });
});

test.each([
  ['', 'no moment'],
  ['soon', 'no moment'],
  ['90', 'no moment'],
  ['6m', 'no moment'],
  ['-1d', 'no moment'],
  ['1.5d', 'no moment'],
  ['0d', 'future'],
  ['2026-03-04', 'future'],
  ['2026-03-04T09:30:15Z', 'future'],
  ['2027-02-30', 'no such day'],
  ['2027-13-01', 'no such month'],
  ['2027-01-31T12:00:00', 'no time zone'],
  ['9000y', 'year 9999'],
])('--expires %j is refused: %s', (text, reason) => {
  expect(readExpiry(text, NOW)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
});

test('whatever is written, an end that is accepted lies ahead and can be written as a date-time', () => {
  const text = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(10_000_000), fc.constantFrom('h', 'd', 'w', 'y')).map(([count, unit]) => `${count}${unit}`),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  );
  fc.assert(
    fc.property(text, (expires) => {
      const end = readExpiry(expires, NOW);
      if (!end.ok) return;
      expect(end.at).toBeGreaterThan(NOW);
      expect(new Date(end.at).toISOString()).toMatch(/^\d{4}-/);
    }),
  );
});
