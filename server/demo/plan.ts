import type { Manner } from './attendance.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A session of the demo. Days are workdays from today on: -1 is the last before today, 1 the next after it. */
export interface PlannedSession {
  readonly day: number;
  /** Hour and minute in UTC. */
  readonly time: readonly [number, number];
  /** Seats; 6 unless given. */
  readonly capacity?: number;
  /** How many people have a seat, for a session whose number is not left to chance. */
  readonly taken?: number;
  /** Somebody who is there in any case. */
  readonly guest?: { readonly remoteId: string; readonly manner: Manner };
}

export interface PlannedCluster {
  /** A file of server/demo/modules. */
  readonly module: string;
  readonly selfRegistration: boolean;
  /** The workday on which it was made. */
  readonly createdDay: number;
  readonly sessions: readonly PlannedSession[];
}

/** Somebody who has left the organization: deactivated on that workday, at noon. */
export interface PlannedLeaver {
  readonly remoteId: string;
  readonly day: number;
}

/** The workday on which the demo's history begins. */
export const FIRST_DAY = -88;

export const demoLeavers: readonly PlannedLeaver[] = [
  { remoteId: 'E1024', day: -31 },
  { remoteId: 'E1033', day: -10 },
  // Has a seat in a session to come, and loses it.
  { remoteId: 'E1038', day: -1 },
];

/** The session in which the reference's sample figures come out: 53 minutes, 8 of 10 steps, 80 percent. */
const sampleSession: PlannedSession = {
  day: -12,
  time: [14, 0],
  guest: { remoteId: 'E1001', manner: 'sample' },
};

export const demoClusters: readonly PlannedCluster[] = [
  {
    module: 'giving-feedback',
    selfRegistration: true,
    createdDay: -84,
    sessions: [{ day: -77, time: [9, 0] }, { day: -46, time: [13, 30] }, sampleSession, { day: 3, time: [14, 0] }],
  },
  {
    module: 'spot-the-hook',
    selfRegistration: true,
    createdDay: -70,
    sessions: [
      { day: -63, time: [10, 0] },
      { day: -38, time: [15, 0] },
      { day: -5, time: [9, 30] },
      { day: 2, time: [9, 30], capacity: 4, taken: 4 },
      { day: 8, time: [15, 0] },
    ],
  },
  {
    module: 'meetings-that-decide',
    selfRegistration: false,
    createdDay: -60,
    sessions: [
      { day: -52, time: [13, 0] },
      { day: -27, time: [10, 30] },
      { day: 6, time: [13, 0] },
    ],
  },
  {
    module: 'safe-to-speak-up',
    selfRegistration: true,
    createdDay: -48,
    sessions: [
      { day: -40, time: [14, 30] },
      { day: 4, time: [14, 30] },
    ],
  },
  {
    module: 'fair-hiring',
    selfRegistration: false,
    createdDay: -35,
    sessions: [
      { day: -22, time: [9, 0] },
      { day: 12, time: [9, 0] },
    ],
  },
  {
    module: 'across-time-zones',
    selfRegistration: true,
    createdDay: -28,
    sessions: [
      { day: -16, time: [7, 0] },
      { day: 5, time: [16, 0], guest: { remoteId: 'E1038', manner: 'absent' } },
      { day: 10, time: [7, 0] },
    ],
  },
  {
    module: 'giving-feedback',
    selfRegistration: false,
    createdDay: -18,
    sessions: [
      { day: -8, time: [8, 30] },
      { day: 9, time: [8, 30] },
    ],
  },
  {
    module: 'meetings-that-decide',
    selfRegistration: true,
    createdDay: -9,
    sessions: [
      { day: -2, time: [11, 0] },
      { day: 1, time: [11, 0] },
      { day: 7, time: [15, 30], taken: 0 },
    ],
  },
];

/**
 * A moment on a workday (Monday to Friday, UTC), counted from the day of `now`, which itself has no number.
 * Epoch milliseconds.
 */
export function workdayAt(now: number, day: number, [hour, minute]: readonly [number, number]): number {
  const step = Math.sign(day) * DAY_MS;
  let at = now - (now % DAY_MS);
  for (let left = Math.abs(day); left > 0; ) {
    at += step;
    if (isWorkday(at)) left--;
  }
  return at + (hour * 60 + minute) * MINUTE_MS;
}

function isWorkday(at: number): boolean {
  const weekday = new Date(at).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}
