import { expect, test } from 'vitest';
import { MAIL_ATTEMPTS_MAX, mailRetryMs } from './mail-retry.ts';

const unreachable = { replyCode: null, isAboutMail: false };

test('a mail that cannot be delivered is tried again for nearly a day, with growing pauses, then given up', () => {
  const pauses = Array.from({ length: MAIL_ATTEMPTS_MAX }, (_, index) => mailRetryMs(index + 1, unreachable));
  expect(pauses.at(-1)).toBe(null);
  const waited = pauses.slice(0, -1) as number[];
  expect(waited).toEqual([...waited].sort((a, b) => a - b));
  const hours = waited.reduce((sum, pause) => sum + pause, 0) / 3_600_000;
  expect(hours).toBeGreaterThan(20);
  expect(hours).toBeLessThan(24);
});

test('a mail that the server refuses for good is given up at once; one that it puts off is not', () => {
  expect(mailRetryMs(1, { replyCode: 550, isAboutMail: true })).toBe(null);
  expect(mailRetryMs(1, { replyCode: 450, isAboutMail: true })).toBe(60_000);
});

test('a login that fails is tried again, since the operator may set it right', () => {
  expect(mailRetryMs(1, { replyCode: 535, isAboutMail: false })).toBe(60_000);
});
