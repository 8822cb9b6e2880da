import { limits } from '@rollcall/contract/limits.ts';
import type { SyncRunState } from '@rollcall/contract/sync-run-shapes.ts';
import { invalid, Refusal } from './refusal.ts';
import { cleanLine } from './text.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What of a run its state hangs on. Times are epoch milliseconds. */
interface RunTimes {
  readonly state: SyncRunState;
  readonly touchedAt: number;
  readonly committedAt: number | null;
}

/** When an open run expires if nothing more comes; null for any other. */
export function expiresAt({ state, touchedAt }: RunTimes): number | null {
  return state === 'open' ? touchedAt + limits.syncIdleHours * HOUR_MS : null;
}

/** The state of a run at that time: one that is stored as open may have expired. */
export function stateAt(run: RunTimes, now: number): SyncRunState {
  const end = expiresAt(run);
  return end !== null && end <= now ? 'expired' : run.state;
}

/** Until when a run can be undone; null where it cannot. */
export function undoableUntil({ state, committedAt }: RunTimes): number | null {
  return state === 'committed' && committedAt !== null ? committedAt + limits.syncUndoDays * DAY_MS : null;
}

/** Whether a run of that age is no longer listed. */
export function isForgotten({ createdAt }: { readonly createdAt: number }, now: number): boolean {
  return createdAt + limits.syncRunDays * DAY_MS <= now;
}

/** Whether what an undo needs may go. */
export function isPastUndo({ committedAt }: RunTimes, now: number): boolean {
  return committedAt === null || committedAt + limits.syncUndoDays * DAY_MS <= now;
}

const CLOSED: Readonly<Record<SyncRunState, string>> = {
  open: 'is still open',
  committed: 'is committed',
  undone: 'is undone',
  cancelled: 'is cancelled',
  expired: `has expired: nothing was added to it for ${limits.syncIdleHours} hours`,
};

/** Refuses what a run in that state cannot do any more; `remedy` says what can be done instead. */
export function runClosed(state: SyncRunState, remedy: string): Refusal {
  return new Refusal('sync_run_closed', `This sync run ${CLOSED[state]}. ${remedy}`, { state });
}

/** A run's label in the one spelling under which it is kept; refuses others with `invalid_request`. */
export function readRunLabel(label: string | null | undefined): string | null {
  if (label == null) return null;
  const cleaned = cleanLine(label, limits.syncLabelCharactersMax);
  if (!cleaned.ok) throw invalid([{ pointer: '/label', message: cleaned.reason }]);
  return cleaned.text === '' ? null : cleaned.text;
}
