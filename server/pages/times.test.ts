import { describe, expect, test } from 'vitest';
import { readTimeZone, stretchHtml, stretchText, UTC } from './times.ts';

function stretch(from: string, minutes = 60) {
  return { from: Date.parse(from), to: Date.parse(from) + minutes * 60_000 };
}

describe('the time of a session in a mail', () => {
  test.each([
    ['UTC', '2026-03-10T14:00:00Z', 'Tuesday 10 March 2026, 14:00 – 15:00 UTC'],
    ['Europe/Berlin', '2026-03-10T14:00:00Z', 'Tuesday 10 March 2026, 15:00 – 16:00 CET (Europe/Berlin)'],
    ['America/New_York', '2026-03-10T02:00:00Z', 'Monday 9 March 2026, 22:00 – 23:00 GMT-4 (America/New York)'],
    ['Europe/Berlin', '2026-10-25T00:30:00Z', 'Sunday 25 October 2026, 02:30 CEST – 02:30 CET (Europe/Berlin)'],
    ['Europe/Berlin', '2026-03-29T00:30:00Z', 'Sunday 29 March 2026, 01:30 CET – 03:30 CEST (Europe/Berlin)'],
  ])('is that of the reader’s zone %s, which it names', (zone, from, expected) => {
    expect(stretchText(stretch(from), readTimeZone(zone))).toBe(expected);
  });

  test.each(['', 'Europe/Nowhere', '<b>', '__proto__', 'x'.repeat(10_000)])(
    'is in UTC where the zone is %j',
    (zone) => {
      expect(readTimeZone(zone)).toBe(UTC);
    },
  );
});

test('on a page it is in UTC, and carries what a script needs to put another zone in its place', () => {
  expect(stretchHtml(stretch('2026-03-10T23:30:00Z')).text).toBe(
    '<time class="when" datetime="2026-03-10T23:30:00Z" data-from="2026-03-10T23:30:00Z" data-to="2026-03-11T00:30:00Z">' +
      '<span class="day" data-day>Tuesday 10 March 2026</span> <span class="hours" data-hours>23:30 – 00:30 UTC</span></time>',
  );
});
