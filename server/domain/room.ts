import { isRoomOpen, roomHours } from './presence.ts';

/**
 * What a join link leads to at a moment:
 * - `cancelled`: nothing, for ever;
 * - `before`: the room is not open yet;
 * - `lobby`: the room is open, the session has not begun;
 * - `running`: the group is on its steps;
 * - `over`: the room is closed.
 */
export type RoomPhase = 'cancelled' | 'before' | 'lobby' | 'running' | 'over';

/** What the phase of a room depends on; times are epoch milliseconds. */
export interface RoomTimes {
  readonly state: 'scheduled' | 'open' | 'ended' | 'cancelled';
  readonly scheduledStartAt: number;
  readonly scheduledEndAt: number;
  readonly endedAt: number | null;
  readonly currentStep: number | null;
}

/** The phase of a session's room. A group that does not wait for the scheduled start begins with its first step. */
export function roomPhase(session: RoomTimes, at: number): RoomPhase {
  if (session.state === 'cancelled') return 'cancelled';
  const hours = roomHours(session);
  if (at >= hours.closesAt) return 'over';
  if (!isRoomOpen(at, hours)) return 'before';
  return hasBegun(session, at) ? 'running' : 'lobby';
}

/** Whether a session has begun: the group has seen a step, or its scheduled start is here. */
export function hasBegun({ currentStep, scheduledStartAt }: RoomTimes, at: number): boolean {
  return currentStep !== null || at >= scheduledStartAt;
}

/** Whether all who have a seat are in the room; never where nobody has one. */
export function isComplete(members: Iterable<string>, present: ReadonlySet<string>): boolean {
  const seats = [...members];
  return seats.length > 0 && seats.every((id) => present.has(id));
}

/** Whether the first step is to be shown now: the start is here and nobody has shown one (none where there is none). */
export function isFirstStepDue(session: RoomTimes & { readonly module: { readonly steps: number } }, at: number) {
  return session.currentStep === null && session.module.steps > 0 && roomPhase(session, at) === 'running';
}
