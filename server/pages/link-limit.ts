import { Refusal } from '../domain/refusal.ts';

/** A minute: a page sends 4 signals, some more when it is hidden and shown, and there may be several pages. */
const WRITES_MAX = 60;
const READS_MAX = 240;

const WINDOW_MS = 60_000;
/** Beyond this many links, those whose minute is over are forgotten. */
const LINKS_KEPT = 10_000;

/**
 * Lets so many requests a minute be made by each join link. By the link and not by the address, since a whole group may
 * sit behind one. Goes by the organization's clock, so that a test organization can play an hour in a second.
 */
class LinkLimit {
  readonly #max: number;
  #forgetAtSize = LINKS_KEPT;
  readonly #windows = new Map<string, { readonly endsAt: number; count: number }>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Counts a request; refuses with `rate_limited` what is too much. `at` is in epoch milliseconds. */
  admit(registrationId: string, at: number): void {
    const known = this.#windows.get(registrationId);
    const isRunning = known && at < known.endsAt && at >= known.endsAt - WINDOW_MS;
    const window = isRunning ? known : this.#begin(registrationId, at);
    window.count++;
    if (window.count <= this.#max) return;
    const retryAfter = Math.max(1, Math.ceil((window.endsAt - at) / 1_000));
    throw new Refusal('rate_limited', `This is too fast. Try again in ${retryAfter} seconds.`, { retryAfter });
  }

  #begin(registrationId: string, at: number) {
    if (this.#windows.size >= this.#forgetAtSize) this.#forget(at);
    const window = { endsAt: at + WINDOW_MS, count: 0 };
    this.#windows.set(registrationId, window);
    return window;
  }

  #forget(at: number): void {
    for (const [registrationId, { endsAt }] of this.#windows) {
      if (endsAt <= at) this.#windows.delete(registrationId);
    }
    // Looked through again when there are twice as many, so that it costs little for each.
    this.#forgetAtSize = Math.max(LINKS_KEPT, 2 * this.#windows.size);
  }
}

/** What the pages of one join link may ask for, whichever way they do. */
export interface RoomLimits {
  readonly reads: LinkLimit;
  readonly writes: LinkLimit;
}

export function roomLimits(): RoomLimits {
  return { reads: new LinkLimit(READS_MAX), writes: new LinkLimit(WRITES_MAX) };
}
