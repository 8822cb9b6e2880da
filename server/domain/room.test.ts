import { expect, test } from 'vitest';
import { hasBegun, isFirstStepDue, type RoomTimes, roomPhase } from './room.ts';

const MINUTE_MS = 60_000;

/** A session of an hour that begins at 0. */
const session: RoomTimes = {
  state: 'scheduled',
  scheduledStartAt: 0,
  scheduledEndAt: 60 * MINUTE_MS,
  endedAt: null,
  currentStep: null,
};

test.each([
  [-10.01, 'before'],
  [-10, 'lobby'],
  [-0.01, 'lobby'],
  [0, 'running'],
  [60, 'running'],
  [89.99, 'running'],
  [90, 'over'],
] as const)('at minute %d of an hour the room is in the phase %s', (minute, phase) => {
  expect(roomPhase(session, minute * MINUTE_MS)).toBe(phase);
  expect(roomPhase({ ...session, state: 'open' }, minute * MINUTE_MS)).toBe(phase);
});

test('a group that does not wait for the scheduled start begins with its first step', () => {
  const begun = { ...session, currentStep: 0 };
  expect(roomPhase(begun, -5 * MINUTE_MS)).toBe('running');
  expect([hasBegun(begun, -5 * MINUTE_MS), hasBegun(session, -5 * MINUTE_MS)]).toEqual([true, false]);
});

test('the room stays open when the clock has ended the session, and closes when the group has', () => {
  expect(roomPhase({ ...session, state: 'ended' }, 70 * MINUTE_MS)).toBe('running');
  const endedAt = 50 * MINUTE_MS;
  expect(roomPhase({ ...session, state: 'ended', endedAt }, endedAt - 1)).toBe('running');
  expect(roomPhase({ ...session, state: 'ended', endedAt }, endedAt)).toBe('over');
});

test('a cancelled session has no room, whatever the time', () => {
  for (const minute of [-60, -5, 30, 100]) {
    expect(roomPhase({ ...session, state: 'cancelled' }, minute * MINUTE_MS)).toBe('cancelled');
  }
});

test('the first step is due from the start on, until it is shown, where there is one', () => {
  const withSteps = { ...session, module: { steps: 3 } };
  expect(isFirstStepDue(withSteps, -1)).toBe(false);
  expect(isFirstStepDue(withSteps, 0)).toBe(true);
  expect(isFirstStepDue({ ...withSteps, currentStep: 0 }, 0)).toBe(false);
  expect(isFirstStepDue({ ...withSteps, module: { steps: 0 } }, 0)).toBe(false);
  expect(isFirstStepDue(withSteps, 90 * MINUTE_MS)).toBe(false);
});
