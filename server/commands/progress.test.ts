import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProgress } from './progress.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Counts to three thousand in steps of a thousand that take so many milliseconds; answers what was written. */
function countTo3000(stepMs: number, isTTY: boolean): string {
  let written = '';
  const stream = {
    isTTY,
    write(text: string) {
      written += text;
      return true;
    },
  };
  using progress = createProgress({ users: 3_000, keys: 1 }, stream);
  for (let step = 0; step < 3; step++) {
    vi.advanceTimersByTime(stepMs);
    progress.add('users', 1_000);
  }
  progress[Symbol.dispose]();
  return written;
}

test('on a terminal one line shows how far it is, and stays at the end', () => {
  const line = (users: string) => `\r\u001b[K${users} of 3,000 users, 0 of 1 keys`;
  expect(countTo3000(200, true)).toBe(`${line('1,000')}${line('2,000')}${line('3,000')}${line('3,000')}\n`);
});

test('in a log there is a line every ten seconds, and one at the end', () => {
  expect(countTo3000(200, false)).toBe('3,000 of 3,000 users, 0 of 1 keys\n');
  expect(countTo3000(5_000, false)).toBe('2,000 of 3,000 users, 0 of 1 keys\n3,000 of 3,000 users, 0 of 1 keys\n');
});
