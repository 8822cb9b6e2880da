import type { Recurrence } from '@rollcall/contract/manage/session-shapes.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { occurrencesOf } from './recurrence.ts';

const berlin = { startsAt: '2027-01-12T09:00:00', timeZone: 'Europe/Berlin', every: 'week', count: 3 } as const;

/** The starts in UTC, or the faults as `pointer: message`. */
function given(rule: Recurrence): string[] {
  const result = occurrencesOf(rule);
  if (result.ok) return result.starts.map((start) => new Date(start).toISOString());
  return result.issues.map((issue) => ('pointer' in issue ? `${issue.pointer}: ${issue.message}` : issue.message));
}

describe('a recurrence', () => {
  test('by weeks comes back on the same weekday at the same local time, also across clock changes', () => {
    expect(given({ ...berlin, startsAt: '2027-03-16T09:00:00' })).toEqual([
      '2027-03-16T08:00:00.000Z',
      '2027-03-23T08:00:00.000Z',
      '2027-03-30T07:00:00.000Z',
    ]);
    expect(given({ ...berlin, startsAt: '2027-10-26T09:00', timeZone: 'America/New_York', interval: 2 })).toEqual([
      '2027-10-26T13:00:00.000Z',
      '2027-11-09T14:00:00.000Z',
      '2027-11-23T14:00:00.000Z',
    ]);
  });

  test('by days comes back every so many days', () => {
    expect(given({ ...berlin, every: 'day', interval: 10 })).toEqual([
      '2027-01-12T08:00:00.000Z',
      '2027-01-22T08:00:00.000Z',
      '2027-02-01T08:00:00.000Z',
    ]);
  });

  test('on several weekdays begins on the first of them at or after its start, and skips whole weeks', () => {
    const rule = { ...berlin, interval: 2, weekdays: ['thursday', 'monday'], count: 4 } as const;
    expect(given({ ...rule, weekdays: [...rule.weekdays] })).toEqual([
      '2027-01-14T08:00:00.000Z',
      '2027-01-25T08:00:00.000Z',
      '2027-01-28T08:00:00.000Z',
      '2027-02-08T08:00:00.000Z',
    ]);
  });

  test('until a day includes that day, in local time', () => {
    const { count: _count, ...endless } = { ...berlin, startsAt: '2027-01-12T23:30:00', timeZone: 'America/New_York' };
    expect(given({ ...endless, until: '2027-01-19' })).toEqual([
      '2027-01-13T04:30:00.000Z',
      '2027-01-20T04:30:00.000Z',
    ]);
    expect(given({ ...endless, until: '2027-01-18' })).toEqual(['2027-01-13T04:30:00.000Z']);
    expect(given({ ...endless, until: '2027-01-11' })).toEqual([
      '/until: lies before the first start; choose a later day',
    ]);
    expect(given({ ...endless, every: 'day', until: '9999-12-31' })).toEqual([
      '/until: gives more than 200 sessions; choose an earlier day',
    ]);
  });

  test('at a time that a clock change skips is refused with the day', () => {
    expect(given({ ...berlin, startsAt: '2027-03-14T02:30:00', count: 5 })).toEqual([
      '/startsAt: gives 2027-03-28T02:30:00, which does not exist in Europe/Berlin: a clock change skips it; choose another time',
    ]);
    // A whole day: Samoa went from 29 to 31 December.
    expect(given({ ...berlin, startsAt: '2011-12-29T10:00', timeZone: 'Pacific/Apia', every: 'day' })).toEqual([
      expect.stringContaining('2011-12-30T10:00:00'),
    ]);
  });

  test('at a time that a clock change gives twice is held at the earlier of the two', () => {
    expect(given({ ...berlin, startsAt: '2027-10-24T02:30:00', count: 2 })).toEqual([
      '2027-10-24T00:30:00.000Z',
      '2027-10-31T00:30:00.000Z',
    ]);
  });

  test('is refused with the place of each fault', () => {
    expect(
      given({ startsAt: '2027-02-30T09:00', timeZone: 'Middle/Earth', every: 'day', weekdays: ['monday'] }),
    ).toEqual([
      '/startsAt: is no local date-time; write one such as 2027-01-12T09:00:00, with a day that the calendar has',
      '/timeZone: is no time zone of the IANA database; write one such as Europe/Berlin',
      '/weekdays: go with "every": "week" only; leave them out',
      ': has no end; send "count" or "until"',
    ]);
    expect(given({ ...berlin, until: '2027-02-30' })).toEqual([
      '/until: is not a date of the calendar; write one such as 2027-03-31',
      ': has both "count" and "until"; send one of them',
    ]);
    for (const startsAt of ['2027-01-12T09:00:00Z', '2027-01-12T09:00+01:00']) {
      expect(given({ ...berlin, startsAt })).toEqual([
        '/startsAt: has an offset; leave it out: the local time in "timeZone" is meant',
      ]);
    }
    for (const startsAt of [
      '',
      '2027-01-12',
      '2027-01-12T24:00',
      '2027-01-12T09:00:60',
      '12.1.2027 9:00',
      '+020000-01-01T00:00',
    ]) {
      expect(given({ ...berlin, startsAt }), startsAt).toEqual([expect.stringMatching(/^\/startsAt: is no local/)]);
    }
    for (const timeZone of ['', '+01:00', 'Europe', 'Z', 'Europe/Berlin ', '../etc', 'UTC+1']) {
      expect(given({ ...berlin, timeZone }), timeZone).toEqual([expect.stringMatching(/^\/timeZone: is no time zone/)]);
    }
    expect(given({ ...berlin, timeZone: 'UTC', count: 1 })).toEqual(['2027-01-12T09:00:00.000Z']);
  });
});

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kathmandu', 'UTC'];
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

const formats = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' }),
  ]),
);

/** What a clock on the wall of that zone shows, by another library: `2027-01-12 09:00:00`. */
function wallClock(at: number, timeZone: string): string {
  return formats.get(timeZone)?.format(at) ?? '';
}

/** Every moment at which the wall clock shows that time, found by trying all offsets there are. */
function momentsOf(local: string, timeZone: string): number[] {
  const asUtc = Date.parse(`${local.replace(' ', 'T')}Z`);
  const offsets = Array.from({ length: 2 * 15 * 4 + 1 }, (_, index) => (index - 60) * 15 * MINUTE_MS);
  return offsets
    .map((offset) => asUtc - offset)
    .filter((at) => wallClock(at, timeZone) === local)
    .sort((a, b) => a - b);
}

const recurrence = fc.record(
  {
    // Around the days on which clocks are changed, and at the hours at which they are.
    startsAt: fc
      .tuple(
        fc.constantFrom(
          '2011-12-27',
          '2027-03-10',
          '2027-03-26',
          '2027-04-02',
          '2027-09-30',
          '2027-10-29',
          '2027-11-05',
        ),
        fc.constantFrom('00:15:00', '01:45:00', '02:00:00', '02:30:00', '03:00:00', '12:00:30', '23:59:59'),
      )
      .map(([date, time]) => `${date}T${time}`),
    timeZone: fc.constantFrom(...ZONES),
    every: fc.constantFrom('day', 'week'),
    interval: fc.integer({ min: 1, max: 3 }),
    weekdays: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
    count: fc.integer({ min: 1, max: 8 }),
  },
  { requiredKeys: ['startsAt', 'timeZone', 'every', 'count'] },
);

/** The days of a rule by looking at one day after the other. */
function daysOf({ startsAt, every, interval = 1, weekdays, count = 0 }: Recurrence): string[] {
  const first = Date.parse(`${startsAt.slice(0, 10)}T00:00:00Z`);
  const weekday = (day: number) => (new Date(day).getUTCDay() + 6) % 7;
  const week = (day: number) =>
    Math.round((day - weekday(day) * DAY_MS - (first - weekday(first) * DAY_MS)) / (7 * DAY_MS));
  const wanted = weekdays ?? [WEEKDAYS[weekday(first)]];
  const days: string[] = [];
  for (let day = first; days.length < count; day += DAY_MS) {
    const matches =
      every === 'day'
        ? Math.round((day - first) / DAY_MS) % interval === 0
        : week(day) % interval === 0 && wanted.includes(WEEKDAYS[weekday(day)]);
    if (matches) days.push(new Date(day).toISOString().slice(0, 10));
  }
  return days;
}

test('every start shows the same time on the wall, on the days that a slow count gives, or the first day that lacks it is named', () => {
  fc.assert(
    fc.property(recurrence, ({ weekdays, ...others }) => {
      const rule: Recurrence = { ...others, ...(others.every === 'week' && weekdays && { weekdays }) };
      const time = rule.startsAt.slice(11);
      const days = daysOf(rule);
      const moments = days.map((day) => momentsOf(`${day} ${time}`, rule.timeZone));
      const missing = moments.findIndex((candidates) => candidates.length === 0);
      const result = occurrencesOf(rule);
      if (missing >= 0) {
        expect(given(rule)).toEqual([expect.stringContaining(`gives ${days[missing]}T${time}`)]);
      } else {
        expect(result).toEqual({ ok: true, starts: moments.map(([earliest]) => earliest) });
      }
    }),
    { numRuns: 200 },
  );
});
