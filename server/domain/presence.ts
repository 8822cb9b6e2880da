const MINUTE_MS = 60_000;

/** How often the room page sends a signal while it is visible (domain: Rules). */
export const SIGNAL_EVERY_MS = 15_000;

/** The longest silence between two signals of one tab that still counts as presence (domain: Rules). */
export const PRESENCE_GAP_MS_MAX = 45_000;

const ROOM_OPENS_BEFORE_START_MS = 10 * MINUTE_MS;
const ROOM_CLOSES_AFTER_END_MS = 30 * MINUTE_MS;

/** A sign of life of the room page. `tab` is the page's own token, `at` the server's time in epoch milliseconds. */
export interface PresenceSignal {
  readonly tab: string;
  readonly at: number;
  /** The page is being hidden or closed: the tab's last signal of this stretch. */
  readonly leaving: boolean;
}

/**
 * A stretch of one tab without a gap, both ends seen. A tab's stretches are told apart by `firstAt`, which never
 * changes.
 */
export interface PresenceInterval {
  readonly tab: string;
  readonly firstAt: number;
  readonly lastAt: number;
  /** The tab said that it leaves: what follows is a new stretch, however soon it comes. */
  readonly closed: boolean;
}

/** When a room lets people in and counts them: from `opensAt`, until just before `closesAt`. Epoch milliseconds. */
export interface RoomHours {
  readonly opensAt: number;
  readonly closesAt: number;
}

/** A stretch of time, both ends included. Epoch milliseconds. */
export interface Stretch {
  readonly firstAt: number;
  readonly lastAt: number;
}

/** What came of a participant's intervals within the room's hours. Epoch milliseconds, `presentMs` a length. */
export interface Presence {
  readonly firstAt: number;
  readonly lastAt: number;
  readonly presentMs: number;
}

/** A step and the time for which it was shown: from `fromAt`, until just before `toAt`; null while it still is. */
export interface ShownStep {
  readonly step: number;
  readonly fromAt: number;
  readonly toAt: number | null;
}

/**
 * The hours of a session's room: from 10 minutes before the scheduled start until 30 minutes after the scheduled end,
 * or until the group ended the session, whichever is first.
 */
export function roomHours(session: {
  readonly scheduledStartAt: number;
  readonly scheduledEndAt: number;
  /** When the group ended the session; null or absent while it has not. */
  readonly endedAt?: number | null;
}): RoomHours {
  const opensAt = session.scheduledStartAt - ROOM_OPENS_BEFORE_START_MS;
  const lastAt = session.scheduledEndAt + ROOM_CLOSES_AFTER_END_MS;
  return { opensAt, closesAt: Math.max(opensAt, Math.min(lastAt, session.endedAt ?? lastAt)) };
}

/** Whether the room lets people in at that moment. */
export function isRoomOpen(at: number, hours: RoomHours): boolean {
  return at >= hours.opensAt && at < hours.closesAt;
}

function latestOf(intervals: Iterable<PresenceInterval>, tab: string): PresenceInterval | null {
  let latest: PresenceInterval | null = null;
  for (const interval of intervals) {
    if (interval.tab === tab && (latest === null || interval.firstAt > latest.firstAt)) latest = interval;
  }
  return latest;
}

/**
 * Takes one signal in: answers the interval to store, either a new one or (same tab and `firstAt`) one that replaces
 * its former self, or null where nothing changes. Needs only the signalling tab's intervals; others are passed over.
 *
 * Leaving does not prove presence: a leaving signal begins no interval, and does not bridge a gap either.
 */
export function applySignal(intervals: Iterable<PresenceInterval>, signal: PresenceSignal): PresenceInterval | null {
  const latest = latestOf(intervals, signal.tab);
  // The clock may stand still or step back between two signals; time present never shrinks by that.
  if (latest !== null && signal.at <= latest.lastAt) {
    return latest.closed === signal.leaving ? null : { ...latest, closed: signal.leaving };
  }
  if (latest !== null && !latest.closed && signal.at - latest.lastAt <= PRESENCE_GAP_MS_MAX) {
    return { ...latest, lastAt: signal.at, closed: signal.leaving };
  }
  if (signal.leaving) return null;
  return { tab: signal.tab, firstAt: signal.at, lastAt: signal.at, closed: false };
}

/** The intervals' parts within the hours, in order of their beginning. */
function clip(intervals: Iterable<PresenceInterval>, hours: RoomHours): Stretch[] {
  const clipped = [];
  for (const { firstAt, lastAt } of intervals) {
    if (lastAt < hours.opensAt || firstAt >= hours.closesAt) continue;
    clipped.push({ firstAt: Math.max(firstAt, hours.opensAt), lastAt: Math.min(lastAt, hours.closesAt) });
  }
  return clipped.sort((a, b) => a.firstAt - b.firstAt);
}

/**
 * The stretches in which a participant was present within the room's hours, in order and apart from each other: the union
 * of the intervals of all tabs, so that two tabs at once count once.
 */
export function stretchesOf(intervals: Iterable<PresenceInterval>, hours: RoomHours): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { firstAt, lastAt } of clip(intervals, hours)) {
    const before = stretches.at(-1);
    if (before === undefined || firstAt > before.lastAt) stretches.push({ firstAt, lastAt });
    else stretches[stretches.length - 1] = { firstAt: before.firstAt, lastAt: Math.max(before.lastAt, lastAt) };
  }
  return stretches;
}

/** A participant's presence within the room's hours. Null for someone who was never there. */
export function presenceOf(intervals: Iterable<PresenceInterval>, hours: RoomHours): Presence | null {
  const stretches = stretchesOf(intervals, hours);
  const [first] = stretches;
  const last = stretches.at(-1);
  if (first === undefined || last === undefined) return null;
  const presentMs = stretches.reduce((sum, stretch) => sum + stretch.lastAt - stretch.firstAt, 0);
  return { firstAt: first.firstAt, lastAt: last.lastAt, presentMs };
}

/** Milliseconds present within the room's hours: the length of the union of a participant's intervals. */
export function presentMs(intervals: Iterable<PresenceInterval>, hours: RoomHours): number {
  return presenceOf(intervals, hours)?.presentMs ?? 0;
}

/** The steps that were shown while the participant was present in the room. */
export function stepsVisited(
  shown: Iterable<ShownStep>,
  intervals: Iterable<PresenceInterval>,
  hours: RoomHours,
): Set<number> {
  const present = clip(intervals, hours);
  const visited = new Set<number>();
  for (const { step, fromAt, toAt } of shown) {
    if (present.some(({ firstAt, lastAt }) => lastAt >= fromAt && (toAt === null || firstAt < toAt))) visited.add(step);
  }
  return visited;
}
