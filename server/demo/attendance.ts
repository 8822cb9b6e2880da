import type { PresenceSignal } from '../domain/presence.ts';
import type { Random } from './random.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** The room page's signal (domain: Rules). */
const SIGNAL_MS = 15 * SECOND_MS;
/** A group that has run over its time breaks off at last. */
const OVERTIME_MS_MAX = 12 * MINUTE_MS;

/** How somebody takes part. */
export type Manner =
  | 'throughout'
  | 'late'
  | 'leftEarly'
  | 'lostConnection'
  | 'twoTabs'
  | 'lingered'
  | 'absent'
  /** The reference's sample: from 2 minutes after the start to 55 minutes after it. */
  | 'sample';

/** The group shows this step from this moment on. Epoch milliseconds. */
export interface ShownFrom {
  readonly step: number;
  readonly at: number;
}

/** How a group spends its session. */
export interface Meeting {
  readonly startAt: number;
  readonly endAt: number;
  readonly moves: readonly ShownFrom[];
  /** When the group breaks up. */
  readonly overAt: number;
}

export interface GroupHabits {
  /** How long they chat before the first step. */
  readonly delayMs: number;
  /** Time that they take for a step, as a multiple of what the module gives it. */
  readonly pace: number;
  /** A step to which they go back for a moment, once the next was shown. */
  readonly backTo?: number;
}

/** The habits of some group. */
export function someHabits(random: Random, steps: number): GroupHabits {
  return {
    delayMs: random.integer(0, 150) * SECOND_MS,
    pace: random.integer(88, 112) / 100,
    ...(random.chance(0.3) && { backTo: random.integer(0, steps - 2) }),
  };
}

/** Has a group go through a module's steps, given in minutes, and break off where it takes too long. */
export function holdMeeting(
  session: { readonly startAt: number; readonly endAt: number },
  stepMinutes: readonly number[],
  { delayMs, pace, backTo }: GroupHabits,
): Meeting {
  const overAtMax = session.endAt + OVERTIME_MS_MAX;
  const moves: ShownFrom[] = [];
  let at = session.startAt + delayMs;
  for (const [step, minutes] of stepMinutes.entries()) {
    moves.push({ step, at });
    if (backTo === step - 1) {
      moves.push({ step: backTo, at: at + 40 * SECOND_MS }, { step, at: at + 95 * SECOND_MS });
    }
    at += Math.round(minutes * pace * MINUTE_MS);
  }
  const overAt = Math.min(at, overAtMax);
  return { ...session, moves: moves.filter((move) => move.at < overAt), overAt };
}

/** A stretch of one tab of the room page; without `leaves` the connection is lost instead of closed. */
interface Stretch {
  readonly tab: string;
  readonly from: number;
  readonly to: number;
  readonly leaves: boolean;
}

/** The signals that the room pages of a participant send in the course of a meeting, in order of time. */
export function attend(meeting: Meeting, manner: Manner, random: Random): PresenceSignal[] {
  return stretchesOf(meeting, manner, random)
    .flatMap(signalsOf)
    .sort((a, b) => a.at - b.at);
}

function stretchesOf({ startAt, endAt, overAt }: Meeting, manner: Manner, random: Random): Stretch[] {
  const within = (lowMinutes: number, highMinutes: number) =>
    random.integer(lowMinutes * MINUTE_MS, highMinutes * MINUTE_MS);
  const part = (lowPercent: number, highPercent: number) =>
    startAt + Math.round(((endAt - startAt) * random.integer(lowPercent, highPercent)) / 100);
  const from = startAt + within(-4, 1);
  const to = overAt + within(0, 1);
  const whole = { tab: 'tab-1', from, to, leaves: true };
  switch (manner) {
    case 'absent':
      return [];
    case 'throughout':
      return [whole];
    case 'late':
      return [{ ...whole, from: startAt + within(6, 15) }];
    case 'leftEarly':
      return [{ ...whole, to: part(45, 75) }];
    case 'lingered':
      return [{ ...whole, to: overAt + within(3, 8) }];
    case 'sample':
      return [{ ...whole, from: startAt + 2 * MINUTE_MS, to: startAt + 55 * MINUTE_MS }];
    case 'lostConnection': {
      const lostAt = part(35, 55);
      return [
        { ...whole, to: lostAt, leaves: false },
        { ...whole, from: lostAt + within(4, 9) },
      ];
    }
    case 'twoTabs':
      return [whole, { tab: 'tab-2', from: startAt + within(5, 10), to: part(50, 70), leaves: true }];
  }
}

function signalsOf({ tab, from, to, leaves }: Stretch): PresenceSignal[] {
  const signals: PresenceSignal[] = [];
  for (let at = from; at < to; at += SIGNAL_MS) signals.push({ tab, at, leaving: false });
  if (leaves) signals.push({ tab, at: to, leaving: true });
  return signals;
}
