import { Refusal } from '../domain/refusal.ts';
import type { Account } from '../store/api-keys.ts';

const WINDOW_MS = 60_000;

/**
 * Lets each API key make so many requests a minute (a fixed window, in this process). Counted by key and not by
 * address, since a customer's systems come from many addresses and several customers may share one.
 */
export function rateLimiter(limit: number, now: () => number): (account: Account) => void {
  let windowEnds = 0;
  const counts = new Map<string, number>();
  return ({ keyId }) => {
    const at = now();
    if (at >= windowEnds) {
      counts.clear();
      windowEnds = at + WINDOW_MS;
    }
    const count = (counts.get(keyId) ?? 0) + 1;
    counts.set(keyId, count);
    if (count <= limit) return;
    const retryAfter = Math.ceil((windowEnds - at) / 1_000);
    throw new Refusal(
      'rate_limited',
      `This key may make ${limit} requests a minute. Try again in ${retryAfter} seconds.`,
      { retryAfter },
    );
  };
}
