import { expect, test } from 'vitest';
import { roomLimits } from './link-limit.ts';

const MINUTE_MS = 60_000;

function count(admit: () => void, times: number): number {
  let admitted = 0;
  for (let index = 0; index < times; index++) {
    try {
      admit();
      admitted++;
    } catch {}
  }
  return admitted;
}

test('each link may write 60 times a minute, whatever the others do', () => {
  const { writes } = roomLimits();
  expect(count(() => writes.admit('one', 0), 100)).toBe(60);
  expect(count(() => writes.admit('other', 0), 100)).toBe(60);
  expect(count(() => writes.admit('one', MINUTE_MS - 1), 1)).toBe(0);
  expect(count(() => writes.admit('one', MINUTE_MS), 100)).toBe(60);
});

test('whoever is too fast is told how long to wait', () => {
  const { writes } = roomLimits();
  count(() => writes.admit('one', 0), 60);
  expect(() => writes.admit('one', 20_500)).toThrow(
    expect.objectContaining({ code: 'rate_limited', details: { retryAfter: 40 } }),
  );
});

test('a clock that is set back locks nobody out', () => {
  const { writes } = roomLimits();
  count(() => writes.admit('one', 100 * MINUTE_MS), 60);
  expect(count(() => writes.admit('one', 0), 1)).toBe(1);
});

test('links of long ago are forgotten, those of this minute are not', () => {
  const { writes } = roomLimits();
  for (let index = 0; index < 30_000; index++) writes.admit(`link ${index}`, index);
  count(() => writes.admit('busy', 90_000), 60);
  for (let index = 0; index < 30_000; index++) writes.admit(`another ${index}`, 90_001);
  expect(count(() => writes.admit('busy', 90_002), 1)).toBe(0);
});
