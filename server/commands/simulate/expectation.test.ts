import { expect, test } from 'vitest';
import type { Stretch } from './behaviours.ts';
import { expectationOf } from './expectation.ts';
import type { Participant, SessionPlan } from './plan.ts';

const MINUTE = 60;

/** A stretch by its minutes, with a signal every 15 seconds. */
function stretch(fromMinute: number, toMinute: number, more: Partial<Stretch> = {}): Stretch {
  const [from, to] = [fromMinute * MINUTE, toMinute * MINUTE];
  const signals = Array.from({ length: Math.ceil((to - from) / 15) }, (_, index) => from + index * 15);
  return { tab: 'tab-1', from, to, leaves: true, signals: [...signals, to], ...more };
}

function participantWith(stretches: readonly Stretch[], more: Partial<Participant> = {}): Participant {
  return { person: 0, behaviour: 'on-time', stretches, outAt: null, ...more };
}

const host = participantWith([]);

/** A session of an hour that goes through ten steps, six minutes each. */
function sessionWith(more: Partial<SessionPlan> = {}): SessionPlan {
  const moves = Array.from({ length: 9 }, (_, index) => ({
    at: (index + 1) * 6 * MINUTE,
    from: index,
    step: index + 1,
    by: host,
  }));
  return { offset: 0, length: 60 * MINUTE, participants: [], end: null, firstStepAt: 0, moves, tooSoon: null, ...more };
}

function expected(participant: Participant, session = sessionWith(), before?: number) {
  const plan = { steps: 10, minutes: 60, sessions: [session] };
  return expectationOf(plan, session, participant, before);
}

test('the reference’s sample: from 14:02 to 14:55 is 53 minutes, and whoever misses two of ten steps has seen 80 percent', () => {
  const moves = sessionWith().moves.map((move, index) => ({
    ...move,
    at: index < 7 ? move.at : (56 + index) * MINUTE,
  }));
  expect(expected(participantWith([stretch(2, 55)]), sessionWith({ moves }))).toEqual({
    attended: true,
    firstAt: 2 * MINUTE,
    lastAt: 55 * MINUTE,
    minutes: 53,
    stepsVisited: 8,
    percentage: 80,
  });
});

test('two tabs count once, time away not at all', () => {
  expect(expected(participantWith([stretch(0, 20), stretch(10, 30), stretch(40, 50)]))).toMatchObject({
    minutes: 40,
    stepsVisited: 9,
  });
});

test('what the room does not take does not count: before it opens, once it is closed, once the person is out', () => {
  expect(expected(participantWith([stretch(-12, -8)]))).toMatchObject({ firstAt: -10 * MINUTE, minutes: 2 });
  expect(expected(participantWith([stretch(88, 95)]))).toMatchObject({ lastAt: 89.75 * MINUTE, minutes: 1 });
  const end = { at: 30 * MINUTE + 7, by: host };
  expect(expected(participantWith([stretch(20, 40)]), sessionWith({ end }))).toMatchObject({ lastAt: 30 * MINUTE });
  const out = participantWith([stretch(20, 40)], { behaviour: 'deactivated', outAt: 25 * MINUTE + 1 });
  expect(expected(out)).toMatchObject({ attended: true, minutes: 5 });
});

test('a page that only says that it leaves was never there', () => {
  expect(expected(participantWith([stretch(-11, -9.9)]))).toMatchObject({ attended: true, minutes: 0 });
  const leaving = stretch(-10.1, -9.9, { signals: [-10.1 * MINUTE, -9.9 * MINUTE] });
  expect(expected(participantWith([leaving]))).toMatchObject({ attended: false, firstAt: null, lastAt: null });
});

test('a lost seat leaves no record, a no-show an empty one', () => {
  expect(expected(participantWith([], { behaviour: 'gone' }))).toBeNull();
  expect(expected(participantWith([stretch(0, 9)], { behaviour: 'cancelled', outAt: 600 }))).toBeNull();
  expect(expected(participantWith([]))).toEqual({
    attended: false,
    firstAt: null,
    lastAt: null,
    minutes: 0,
    stepsVisited: 0,
    percentage: 0,
  });
});

test('at the scheduled end only what was before it counts', () => {
  const late = participantWith([stretch(50, 70)]);
  expect(expected(late, sessionWith(), 60 * MINUTE)).toMatchObject({ lastAt: 59.75 * MINUTE, minutes: 9 });
  expect(expected(late)).toMatchObject({ lastAt: 70 * MINUTE, minutes: 20 });
});
