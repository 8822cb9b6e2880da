import { describe, expect, test } from 'vitest';
import type { Refusal } from './refusal.ts';
import { readSchedule, readSessionChange, startFault, startsOf } from './schedule.ts';

const NOW = Date.parse('2027-01-10T12:00:00.500Z');

function iso(starts: readonly number[]): string[] {
  return starts.map((start) => new Date(start).toISOString());
}

/** The faults of what is refused, as `pointer: message`. */
function faultsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    const { issues } = (error as Refusal).details as { issues: { pointer: string; message: string }[] };
    return issues.map(({ pointer, message }) => `${pointer}: ${message}`);
  }
  return [];
}

describe('the starts of a schedule', () => {
  test('by a list are in order, in whole seconds, whatever their offsets', () => {
    const startsAt = ['2027-01-14T15:00:00.999+01:00', '2027-01-12T09:00:00Z', '2027-01-14T14:00:01Z'];
    expect(iso(startsOf({ startsAt }, NOW))).toEqual([
      '2027-01-12T09:00:00.000Z',
      '2027-01-14T14:00:00.000Z',
      '2027-01-14T14:00:01.000Z',
    ]);
  });

  test('by a recurrence are those that it gives', () => {
    const recurrence = { startsAt: '2027-01-12T09:00:00', timeZone: 'Europe/Berlin', every: 'day', count: 2 } as const;
    expect(iso(startsOf({ recurrence }, NOW))).toEqual(['2027-01-12T08:00:00.000Z', '2027-01-13T08:00:00.000Z']);
  });

  test('are refused with their places where they have passed, are too far ahead, or come twice', () => {
    const startsAt = [
      '2027-01-10T12:00:00Z',
      '2027-01-10T12:00:01Z',
      '2037-01-10T12:00:00Z',
      '2037-01-10T12:00:01Z',
      '2027-01-10T13:00:01+01:00',
      '9999-12-31T23:59:59Z',
    ];
    expect(faultsOf(() => startsOf({ startsAt }, NOW, '/sessions'))).toEqual([
      '/sessions/startsAt/0: lies in the past; choose a moment to come',
      '/sessions/startsAt/3: lies more than 10 years ahead; choose an earlier moment',
      '/sessions/startsAt/4: is the same moment as one before; for more seats raise "capacity"',
      '/sessions/startsAt/5: lies more than 10 years ahead; choose an earlier moment',
    ]);
  });

  test('of a recurrence that begins in the past or goes on for too long are refused', () => {
    const recurrence = { startsAt: '2027-01-09T09:00:00', timeZone: 'UTC', every: 'week', count: 2 } as const;
    expect(faultsOf(() => startsOf({ recurrence }, NOW))).toEqual([
      '/recurrence/startsAt: gives a start that lies in the past; choose a moment to come',
    ]);
    const long = { ...recurrence, startsAt: '2027-01-11T09:00:00', interval: 52, count: 12 };
    expect(faultsOf(() => startsOf({ recurrence: long }, NOW))).toEqual([
      '/recurrence/startsAt: gives a start that lies more than 10 years ahead; choose an earlier moment',
    ]);
  });

  test('are named in one way: by a list or by a recurrence', () => {
    const recurrence = { startsAt: '2027-01-12T09:00:00', timeZone: 'UTC', every: 'day', count: 1 } as const;
    const startsAt = ['2027-01-14T15:00:00Z'];
    expect(faultsOf(() => startsOf({ startsAt, recurrence }, NOW, '/sessions'))).toEqual([
      '/sessions: has both "startsAt" and "recurrence"; send one of them',
    ]);
    expect(faultsOf(() => startsOf({}, NOW))).toEqual([': names no starts; send "startsAt" or "recurrence"']);
  });

  test('that lie ahead of a leap day are judged by the calendar', () => {
    const leapDay = Date.parse('2028-02-29T00:00:00Z');
    expect(startFault(Date.parse('2038-03-01T00:00:00Z'), leapDay)).toBeNull();
    expect(startFault(Date.parse('2038-03-01T00:00:01Z'), leapDay)).toMatch(/^lies more than 10 years ahead/);
  });
});

describe('a meeting link', () => {
  test('is kept as browsers spell it, and may be null or absent', () => {
    expect(readSchedule({ meetingLink: ' HTTPS://Meet.Example/a b ' })).toEqual({
      meetingLink: 'https://meet.example/a%20b',
    });
    expect(readSchedule({ meetingLink: null })).toEqual({ meetingLink: null });
    expect(readSchedule({})).toEqual({});
    expect(readSessionChange({ meetingLink: null })).toEqual({ meetingLink: null });
  });

  test('that is no web address is refused with its place', () => {
    for (const meetingLink of ['javascript:alert(1)', 'meet.example', '', 'https://']) {
      expect(
        faultsOf(() => readSchedule({ meetingLink }, '/sessions')),
        meetingLink,
      ).toEqual([expect.stringMatching(/^\/sessions\/meetingLink: is no web address/)]);
      expect(
        faultsOf(() => readSessionChange({ meetingLink })),
        meetingLink,
      ).toEqual([expect.stringMatching(/^\/meetingLink: is no web address/)]);
    }
  });
});

test('a change of a session has times in whole seconds, and nothing of what is absent', () => {
  expect(readSessionChange({ startsAt: '2027-01-14T15:00:00.700+01:00', capacity: 4 })).toEqual({
    scheduledStartAt: Date.parse('2027-01-14T14:00:00Z'),
    capacity: 4,
  });
  expect(readSessionChange({})).toEqual({});
});
