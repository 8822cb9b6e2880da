import { expect, test } from 'vitest';
import { formatJoinToken, JOIN_TOKEN_RANDOM_BYTES, organizationOfJoinToken } from './join-token.ts';

const bytes = Buffer.alloc(JOIN_TOKEN_RANDOM_BYTES, 0xfb);

test('a join token carries its organization in front of 24 characters that are safe in a URL', () => {
  const token = formatJoinToken(46_655, bytes);
  expect(token).toBe(`zzz.${'-_v7'.repeat(6)}`);
  expect(encodeURIComponent(token)).toBe(token);
});

test('two organizations never have the same token, even from the same random bytes', () => {
  expect(formatJoinToken(1, bytes)).not.toBe(formatJoinToken(2, bytes));
});

test('a join token holds at least 128 random bits', () => {
  expect(JOIN_TOKEN_RANDOM_BYTES * 8).toBeGreaterThanOrEqual(128);
});

test('a join token tells its organization again', () => {
  for (const organization of [1, 35, 36, 46_655, 2_000_000_000]) {
    expect(organizationOfJoinToken(formatJoinToken(organization, bytes))).toBe(organization);
  }
});

test('a text that is no join token tells no organization', () => {
  const token = formatJoinToken(7, bytes);
  for (const text of [
    '',
    '.',
    token.slice(1),
    token.slice(0, -1),
    `${token}a`,
    `0${token}`,
    `-${token}`,
    `${token}\n`,
  ]) {
    expect(organizationOfJoinToken(text)).toBe(null);
  }
  expect(organizationOfJoinToken(token.toUpperCase().replace('7', 'É'))).toBe(null);
});
