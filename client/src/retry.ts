import { ApiError, ConnectionError } from './errors.ts';

/** How a request that failed is tried again. */
export interface RetryPolicy {
  /** Further attempts after the first. */
  readonly retries: number;
  /** Upper bound of the first pause; it doubles with each attempt, up to half a minute. */
  readonly delayMs: number;
}

const DELAY_MS_MAX = 30_000;
/** Who is asked to wait for longer is told so rather than left hanging. */
const RETRY_AFTER_SECONDS_MAX = 120;

/**
 * How long to wait before trying again, null where trying again is of no use. `attempt` counts from 0; `random` is from
 * 0 to 1: the pause is spread over its whole length, so that many clients do not come back at once.
 *
 * What is not repeatable (it would be done twice) is tried again only where the server says that it did nothing.
 */
export function pauseBefore(
  error: unknown,
  attempt: number,
  { retries, delayMs }: RetryPolicy,
  isRepeatable: boolean,
  random: number,
): number | null {
  if (attempt >= retries || !isPassing(error, isRepeatable)) return null;
  const spread = random * Math.min(DELAY_MS_MAX, delayMs * 2 ** attempt);
  const retryAfter = error instanceof ApiError ? (error.retryAfter ?? 0) : 0;
  if (retryAfter > RETRY_AFTER_SECONDS_MAX) return null;
  return retryAfter * 1000 + spread;
}

function isPassing(error: unknown, isRepeatable: boolean): boolean {
  if (error instanceof ConnectionError) return isRepeatable;
  if (!(error instanceof ApiError)) return false;
  if (error.status === 429 || error.status === 503) return true;
  return isRepeatable && error.status >= 500;
}

/** Waits, or rejects with the signal's reason as soon as it is aborted. */
export function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
