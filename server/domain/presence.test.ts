import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  applySignal,
  isRoomOpen,
  type PresenceInterval,
  type PresenceSignal,
  presenceOf,
  presentMs,
  roomHours,
  stepsVisited,
} from './presence.ts';

const second = 1000;
const minute = 60 * second;
const start = Date.parse('2024-06-15T14:00:00Z');
const end = Date.parse('2024-06-15T15:00:00Z');
const session = { scheduledStartAt: start, scheduledEndAt: end };
const hours = roomHours(session);

/** Stores what each signal gives as a table would: by tab and beginning. */
function fold(signals: Iterable<PresenceSignal>, stored: Iterable<PresenceInterval> = []): PresenceInterval[] {
  const rows = new Map<string, PresenceInterval>();
  for (const row of stored) rows.set(`${row.tab} ${row.firstAt}`, row);
  for (const signal of signals) {
    const row = applySignal(rows.values(), signal);
    if (row !== null) rows.set(`${row.tab} ${row.firstAt}`, row);
  }
  return [...rows.values()];
}

/** A signal every 15 seconds from `from` on, and one on leaving at `to`. */
function stay(from: number, to: number, tab = 'tab 1'): PresenceSignal[] {
  const signals: PresenceSignal[] = [];
  for (let at = from; at < to; at += 15 * second) signals.push({ tab, at, leaving: false });
  return [...signals, { tab, at: to, leaving: true }];
}

test('a room opens 10 minutes before the start and closes 30 minutes after the scheduled end', () => {
  expect(hours).toEqual({ opensAt: start - 10 * minute, closesAt: end + 30 * minute });
  expect(isRoomOpen(start - 10 * minute - 1, hours)).toBe(false);
  expect(isRoomOpen(start - 10 * minute, hours)).toBe(true);
  expect(isRoomOpen(end + 30 * minute - 1, hours)).toBe(true);
  expect(isRoomOpen(end + 30 * minute, hours)).toBe(false);
});

test('a room closes when the group ends the session, and never before it opened', () => {
  expect(roomHours({ ...session, endedAt: start + 40 * minute }).closesAt).toBe(start + 40 * minute);
  expect(roomHours({ ...session, endedAt: null })).toEqual(hours);
  expect(roomHours({ ...session, endedAt: end + 60 * minute })).toEqual(hours);
  expect(roomHours({ ...session, endedAt: start - 60 * minute })).toEqual({
    opensAt: start - 10 * minute,
    closesAt: start - 10 * minute,
  });
});

test('someone present from 14:02 to 14:55 was there for 53 minutes', () => {
  const intervals = fold(stay(start + 2 * minute, start + 55 * minute));
  expect(intervals).toHaveLength(1);
  expect(presenceOf(intervals, hours)).toEqual({
    firstAt: start + 2 * minute,
    lastAt: start + 55 * minute,
    presentMs: 53 * minute,
  });
});

test('a silence of 45 seconds counts, a longer one does not', () => {
  const signal = (at: number): PresenceSignal => ({ tab: 'a', at: start + at, leaving: false });
  expect(presentMs(fold([signal(0), signal(45 * second)]), hours)).toBe(45 * second);
  expect(presentMs(fold([signal(0), signal(45 * second + 1)]), hours)).toBe(0);
});

test('time away between leaving and coming back does not count, however short', () => {
  const intervals = fold([...stay(start, start + minute), ...stay(start + minute + 5 * second, start + 2 * minute)]);
  expect(presentMs(intervals, hours)).toBe(2 * minute - 5 * second);
});

test('leaving after a long silence, or without ever having come, proves no presence', () => {
  expect(fold([{ tab: 'a', at: start, leaving: true }])).toEqual([]);
  const intervals = fold([
    { tab: 'a', at: start, leaving: false },
    { tab: 'a', at: start + 5 * minute, leaving: true },
  ]);
  expect(presenceOf(intervals, hours)).toEqual({ firstAt: start, lastAt: start, presentMs: 0 });
});

test('a single sign of life is a presence without length', () => {
  const intervals = fold([{ tab: 'a', at: start, leaving: false }]);
  expect(presenceOf(intervals, hours)).toEqual({ firstAt: start, lastAt: start, presentMs: 0 });
});

test('a clock that steps back takes nothing away', () => {
  const intervals = fold([...stay(start, start + minute), { tab: 'tab 1', at: start + 30 * second, leaving: false }]);
  expect(presentMs(intervals, hours)).toBe(minute);
  expect(intervals).toEqual([{ tab: 'tab 1', firstAt: start, lastAt: start + minute, closed: false }]);
});

test('who was never there, or only while the room was closed, has no presence', () => {
  expect(presenceOf([], hours)).toBeNull();
  expect(presenceOf(fold(stay(start - 60 * minute, start - 11 * minute)), hours)).toBeNull();
  expect(presenceOf(fold(stay(end + 30 * minute, end + 40 * minute)), hours)).toBeNull();
});

test('presence outside the opening hours is cut off', () => {
  expect(presenceOf(fold(stay(start - 20 * minute, end + 50 * minute)), hours)).toEqual({
    firstAt: start - 10 * minute,
    lastAt: end + 30 * minute,
    presentMs: 100 * minute,
  });
});

test('a step counts for those present while it was shown', () => {
  const shown = [
    { step: 0, fromAt: start, toAt: start + 5 * minute },
    { step: 1, fromAt: start + 5 * minute, toAt: start + 10 * minute },
    { step: 2, fromAt: start + 10 * minute, toAt: start + 15 * minute },
    { step: 1, fromAt: start + 15 * minute, toAt: start + 20 * minute },
    { step: 3, fromAt: start + 20 * minute, toAt: null },
  ];
  const visitedBy = (from: number, to: number) =>
    [...stepsVisited(shown, fold(stay(start + from, start + to)), hours)].sort();
  expect(visitedBy(0, 4 * minute)).toEqual([0]);
  expect(visitedBy(4 * minute, 5 * minute)).toEqual([0, 1]);
  expect(visitedBy(5 * minute, 10 * minute - 1)).toEqual([1]);
  expect(visitedBy(16 * minute, 18 * minute)).toEqual([1]);
  expect(visitedBy(16 * minute, 25 * minute)).toEqual([1, 3]);
  expect(visitedBy(-5 * minute, -minute)).toEqual([]);
  expect([...stepsVisited(shown, [], hours)]).toEqual([]);
});

test('a step shown only while someone was away, or after the room closed, does not count for them', () => {
  const intervals = fold([...stay(start, start + minute), ...stay(start + 10 * minute, end + 60 * minute)]);
  const shown = [
    { step: 0, fromAt: start + 2 * minute, toAt: start + 9 * minute },
    { step: 1, fromAt: end + 31 * minute, toAt: null },
  ];
  expect([...stepsVisited(shown, intervals, hours)]).toEqual([]);
});

const signalsOf = (tabs: string[]) =>
  fc
    .array(
      fc.record({
        tab: fc.constantFrom(...tabs),
        pause: fc.oneof(fc.constant(15 * second), fc.integer({ min: 0, max: 60 * second }), fc.nat(20 * minute)),
        leaving: fc.boolean(),
      }),
      { maxLength: 40 },
    )
    .map((moves) => {
      let at = start - 15 * minute;
      return moves.map(({ tab, pause, leaving }) => {
        at += pause;
        return { tab, at, leaving };
      });
    });

test('presence is never longer than from first to last visit, nor outside the opening hours', () => {
  fc.assert(
    fc.property(signalsOf(['a', 'b']), (signals) => {
      const presence = presenceOf(fold(signals), hours);
      if (presence === null) return;
      expect(presence.presentMs).toBeGreaterThanOrEqual(0);
      expect(presence.presentMs).toBeLessThanOrEqual(presence.lastAt - presence.firstAt);
      expect(presence.firstAt).toBeGreaterThanOrEqual(hours.opensAt);
      expect(presence.lastAt).toBeLessThanOrEqual(hours.closesAt);
    }),
    { numRuns: 500 },
  );
});

test('two tabs with the same signals count once', () => {
  fc.assert(
    fc.property(signalsOf(['a']), (signals) => {
      const twice = signals.flatMap((signal) => [signal, { ...signal, tab: 'b' }]);
      expect(presenceOf(fold(twice), hours)).toEqual(presenceOf(fold(signals), hours));
    }),
  );
});

test('the length is that of all seconds covered by at least one tab', () => {
  const wholeSeconds = signalsOf(['a', 'b', 'c']).map((signals) =>
    signals.map((signal) => ({ ...signal, at: Math.floor(signal.at / second) * second })),
  );
  fc.assert(
    fc.property(wholeSeconds, (signals) => {
      const intervals = fold(signals);
      let covered = 0;
      for (let at = hours.opensAt; at < hours.closesAt; at += second) {
        if (intervals.some(({ firstAt, lastAt }) => firstAt <= at && at + second <= lastAt)) covered += second;
      }
      expect(presentMs(intervals, hours)).toBe(covered);
    }),
    { numRuns: 50 },
  );
});

test('intervals stored in between, or each tab taken alone, lead to the same presence', () => {
  fc.assert(
    fc.property(signalsOf(['a', 'b']), fc.nat(40), (signals, cut) => {
      const atOnce = fold(signals);
      expect(fold(signals.slice(cut), fold(signals.slice(0, cut)))).toEqual(atOnce);

      const eachTabAlone = ['a', 'b'].flatMap((tab) => fold(signals.filter((signal) => signal.tab === tab)));
      expect(presenceOf(eachTabAlone, hours)).toEqual(presenceOf(atOnce, hours));
    }),
    { numRuns: 300 },
  );
});

test('a page that signals more often is present no longer', () => {
  fc.assert(
    fc.property(signalsOf(['a', 'b']), (signals) => {
      const inBetween = signals.flatMap((signal, index): PresenceSignal[] => {
        const next = signals.slice(index + 1).find(({ tab }) => tab === signal.tab);
        if (signal.leaving || next === undefined || next.at - signal.at > 45 * second) return [];
        return [{ ...signal, at: Math.floor((signal.at + next.at) / 2) }];
      });
      const denser = [...signals, ...inBetween].sort((one, other) => one.at - other.at);
      fc.pre(new Set(denser.map(({ tab, at }) => `${tab} ${at}`)).size === denser.length);
      expect(fold(denser)).toEqual(fold(signals));
    }),
    { numRuns: 300 },
  );
});

test('a signal never shortens what was stored, and changes one interval of its own tab at most', () => {
  fc.assert(
    fc.property(signalsOf(['a', 'b']), (signals) => {
      let stored: PresenceInterval[] = [];
      for (const signal of signals) {
        const next = fold([signal], stored);
        const changed = next.filter((row) => !stored.some((old) => JSON.stringify(old) === JSON.stringify(row)));
        expect(changed.length).toBeLessThanOrEqual(1);
        expect(changed.every((row) => row.tab === signal.tab)).toBe(true);
        expect(presentMs(next, hours)).toBeGreaterThanOrEqual(presentMs(stored, hours));
        stored = next;
      }
    }),
  );
});
