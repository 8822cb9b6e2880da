const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `4:05` for minutes and seconds; a part of a second counts as a whole one, so that 0:00 means that it is time. */
export function formatMinutes(ms: number): string {
  const seconds = Math.ceil(Math.max(0, ms) / SECOND_MS);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `3 days`, `2 h 05 min`, `4:05`: the nearer, the finer. */
export function formatCountdown(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)} days`;
  if (ms < HOUR_MS) return formatMinutes(ms);
  const minutes = Math.floor(ms / MINUTE_MS);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Calls `tick` now and every second. */
export function everySecond(tick: () => void): void {
  tick();
  setInterval(tick, SECOND_MS);
}
