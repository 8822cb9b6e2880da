/** Seats still free in a session. Never negative, also where the capacity was lowered below what is taken already. */
export function seatsLeft(capacity: number, liveRegistrations: number): number {
  return Math.max(0, capacity - liveRegistrations);
}
