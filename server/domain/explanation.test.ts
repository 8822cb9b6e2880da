import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ExplanationFacts, explainPresence, tellExplanation } from './explanation.ts';
import { applySignal, type PresenceInterval, presenceOf, roomHours, stepsVisited } from './presence.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const start = Date.parse('2024-06-15T14:00:00Z');
const session = { scheduledStartAt: start, scheduledEndAt: start + 60 * MINUTE_MS };
const hours = roomHours(session);

const at = (minute: number) => start + minute * MINUTE_MS;

function interval(tab: string, fromMinute: number, toMinute: number, closed = true): PresenceInterval {
  return { tab, firstAt: at(fromMinute), lastAt: at(toMinute), closed };
}

function explain(intervals: readonly PresenceInterval[], more: Partial<ExplanationFacts> = {}) {
  return explainPresence({ intervals, shown: [], hours, totalSteps: 0, ...more });
}

test('tabs are numbered as they were first seen, and told apart in the order of their visits', () => {
  const { visits } = explain([interval('b', 10, 20), interval('a', 2, 30, false), interval('b', 36, 40)]);
  expect(visits.map(({ tab, firstAt, end }) => [tab, (firstAt - start) / MINUTE_MS, end])).toEqual([
    [1, 2, 'lost'],
    [2, 10, 'left'],
    [2, 36, 'left'],
  ]);
});

test('time away is a gap, with how it began: by leaving all tabs, or by falling silent', () => {
  const { presence, gaps, presentMs } = explain([
    interval('a', 0, 10),
    interval('b', 5, 12),
    interval('a', 20, 30, false),
    interval('c', 31, 40),
  ]);
  expect(presence).toHaveLength(3);
  expect(gaps).toEqual([
    { firstAt: at(12), lastAt: at(20), reason: 'left' },
    { firstAt: at(30), lastAt: at(31), reason: 'lost' },
  ]);
  expect(presentMs).toBe(31 * MINUTE_MS);
});

test('what lies outside of the room’s hours is shown and does not count', () => {
  const outside = explain([interval('a', -30, -20)]);
  expect(outside).toMatchObject({ visits: [{ counted: false }], presence: [], attendedReason: 'outside_hours' });
  const [sentence] = tellExplanation(outside, hours, 0);
  expect(sentence).toMatch(/not attend.*2024-06-15T13:50:00Z until 2024-06-15T15:30:00Z/);
  expect(explain([interval('a', -30, 5)])).toMatchObject({
    visits: [{ counted: true }],
    presence: [{ firstAt: at(-10), lastAt: at(5) }],
    attendedReason: 'present',
  });
});

test('each step says whether it counts, and why not', () => {
  const shown = [
    { step: 0, fromAt: at(0), toAt: at(10) },
    { step: 1, fromAt: at(10), toAt: at(20) },
    { step: 0, fromAt: at(20), toAt: at(25) },
    { step: 3, fromAt: at(25), toAt: null },
  ];
  const { steps } = explain([interval('a', 22, 30)], { shown, totalSteps: 3 });
  expect(steps.map(({ step, reason, shown: { length } }) => [step, reason, length])).toEqual([
    [0, 'seen', 2],
    [1, 'absent', 1],
    [2, 'not_shown', 0],
    [3, 'not_in_module', 1],
  ]);
});

test('the sentences tell the figures of the record', () => {
  const shown = [{ step: 0, fromAt: at(0), toAt: null }];
  const explanation = explain([interval('a', 2, 30, false), interval('a', 36, 55)], { shown, totalSteps: 2 });
  expect(tellExplanation(explanation, hours, 50)).toEqual([
    'Attended: was seen in the room, first at 2024-06-15T14:02:00Z and last at 2024-06-15T14:55:00Z.',
    'Was present for 47 min 0 s in 2 stretches, of which whole minutes count: 47.',
    'Was away for 6 min 0 s from 2024-06-15T14:30:00Z on: nothing was heard from the room page any more.',
    'Saw 1 of 2 steps (50 percent): those that were shown at a moment of presence.',
  ]);
  expect(tellExplanation(explain([]), hours, 0)).toEqual([
    'Did not attend: was never seen in the room, which was open from 2024-06-15T13:50:00Z until 2024-06-15T15:30:00Z.',
  ]);
});

const signal = fc.record({
  tab: fc.constantFrom('a', 'b', 'c'),
  at: fc.integer({ min: at(-15), max: at(95) }),
  leaving: fc.boolean(),
});
const move = fc.record({ step: fc.nat({ max: 5 }), at: fc.integer({ min: at(-10), max: at(90) }) });

test('whatever happened, an explanation says what the record says, and its stretches and gaps make up the whole', () => {
  fc.assert(
    fc.property(fc.array(signal, { maxLength: 60 }), fc.array(move, { maxLength: 8 }), (signals, moves) => {
      const rows = new Map<string, PresenceInterval>();
      for (const next of signals.toSorted((a, b) => a.at - b.at)) {
        const row = applySignal(rows.values(), next);
        if (row) rows.set(`${row.tab} ${row.firstAt}`, row);
      }
      const intervals = [...rows.values()];
      const ordered = moves.toSorted((a, b) => a.at - b.at);
      const shown = ordered.map(({ step, at: fromAt }, index) => ({
        step,
        fromAt,
        toAt: ordered[index + 1]?.at ?? null,
      }));
      const { presence, gaps, presentMs, steps, attendedReason } = explain(intervals, { shown, totalSteps: 6 });
      const recorded = presenceOf(intervals, hours);
      expect(attendedReason === 'present').toBe(recorded !== null);
      expect(presentMs).toBe(recorded?.presentMs ?? 0);
      const sum = [...presence, ...gaps].reduce((total, { firstAt, lastAt }) => total + lastAt - firstAt, 0);
      expect(sum).toBe(recorded ? recorded.lastAt - recorded.firstAt : 0);
      const seen = steps.filter(({ reason }) => reason === 'seen').map(({ step }) => step);
      expect(new Set(seen)).toEqual(stepsVisited(shown, intervals, hours));
    }),
  );
});
