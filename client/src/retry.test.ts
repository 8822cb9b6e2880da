import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apiError, ConnectionError, InvalidResponseError, retryAfterSeconds, TimeoutError } from './errors.ts';
import { pauseBefore } from './retry.ts';

const policy = { retries: 4, delayMs: 500 };

function refusal(status: number, headers: Record<string, string> = {}) {
  return apiError(status, null, new Headers(headers));
}

test.each([
  ['the network', new ConnectionError('gone')],
  ['a time limit', new TimeoutError('silent')],
  ['500', refusal(500)],
  ['502', refusal(502)],
  ['507', refusal(507)],
])('%s is tried again only where doing it twice is the same as once', (_, error) => {
  expect(pauseBefore(error, 0, policy, true, 0.5)).toBe(250);
  expect(pauseBefore(error, 0, policy, false, 0.5)).toBeNull();
});

test.each([429, 503])('%d is tried again in any case, as nothing was done', (status) => {
  expect(pauseBefore(refusal(status), 0, policy, false, 0.5)).toBe(250);
});

test.each([400, 401, 403, 404, 408, 409, 413, 422])('%d is not tried again', (status) => {
  expect(pauseBefore(refusal(status), 0, policy, true, 0.5)).toBeNull();
});

test('an answer that is not the server’s, and an error of the program, are not tried again', () => {
  expect(pauseBefore(new InvalidResponseError('no'), 0, policy, true, 0.5)).toBeNull();
  expect(pauseBefore(new RangeError('no'), 0, policy, true, 0.5)).toBeNull();
});

test('the pause lies anywhere from nothing to a bound that doubles, half a minute at most', () => {
  fc.assert(
    fc.property(
      fc.nat(3),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 60_000 }),
      (attempt, random, delayMs) => {
        const pause = pauseBefore(refusal(500), attempt, { retries: 4, delayMs }, true, random);
        expect(pause).toBe(random * Math.min(30_000, delayMs * 2 ** attempt));
      },
    ),
  );
  expect(pauseBefore(refusal(500), 4, policy, true, 0)).toBeNull();
});

test('what Retry-After asks for is waited at least; for longer than two minutes the caller decides', () => {
  expect(pauseBefore(refusal(429, { 'retry-after': '7' }), 0, policy, true, 0)).toBe(7_000);
  expect(pauseBefore(refusal(503, { 'retry-after': '7' }), 1, policy, true, 1)).toBe(8_000);
  expect(pauseBefore(refusal(429, { 'retry-after': '3600' }), 0, policy, true, 0)).toBeNull();
});

test('Retry-After is read in seconds and as a date', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  expect(retryAfterSeconds('12', now)).toBe(12);
  expect(retryAfterSeconds('Tue, 24 Nov 2026 12:00:30 GMT', now)).toBe(30);
  expect(retryAfterSeconds('Tue, 24 Nov 2026 11:00:00 GMT', now)).toBe(0);
  expect(retryAfterSeconds('soon', now)).toBeUndefined();
  expect(retryAfterSeconds(null, now)).toBeUndefined();
});
