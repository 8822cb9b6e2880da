import fc from 'fast-check';
import { expect, test } from 'vitest';
import { API_KEY_RANDOM_BYTES, apiKeyDigest, formatApiKey, readApiKey } from './api-key.ts';

const key = fc.uint8Array({ minLength: 256, maxLength: 256 }).map((bytes) => {
  // Arbitrary bytes may hold too few below 248; the rest of the alphabet is appended so that a key always comes out.
  return formatApiKey(Uint8Array.from([...bytes, ...Array.from({ length: 30 }, (_, index) => index)]));
});
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

test('a key has its prefix, 36 base-62 characters, and reads as ok', () => {
  fc.assert(
    fc.property(key, (text) => {
      expect(text).toMatch(/^rck_[0-9A-Za-z]{36}$/);
      expect(readApiKey(text)).toBe('ok');
    }),
  );
});

test('a key with any one character mistyped is told apart, wherever it is', () => {
  fc.assert(
    fc.property(key, fc.integer({ min: 4, max: 39 }), fc.constantFrom(...base62), (text, at, character) => {
      fc.pre(text[at] !== character);
      expect(readApiKey(text.slice(0, at) + character + text.slice(at + 1))).toBe('mistyped');
    }),
    { numRuns: 500 },
  );
});

test('a key with two neighbouring characters of its secret swapped is told apart', () => {
  fc.assert(
    fc.property(key, fc.integer({ min: 4, max: 32 }), (text, at) => {
      const [first = '', second = ''] = text.slice(at, at + 2);
      fc.pre(first !== second);
      expect(readApiKey(text.slice(0, at) + second + first + text.slice(at + 2))).toBe('mistyped');
    }),
  );
});

test.each([
  '',
  'rck_',
  'rck_0000000000000000000000000000000000',
  'rck_0000000000000000000000000000000000000000',
  'rck_00000000000000000000000000000000000!',
  'RCK_000000000000000000000000000000000000',
  'sk_live_00000000000000000000000000000000',
  'rck_é00000000000000000000000000000000000',
  ' rck_000000000000000000000000000000000000',
  'rck_000000000000000000000000000000000000\n',
])('%j does not look like a key at all', (text) => {
  expect(readApiKey(text)).toBe('malformed');
});

test('the form of keys stays as it was first given out', () => {
  const bytes = Uint8Array.from({ length: API_KEY_RANDOM_BYTES }, (_, index) => index);
  expect(formatApiKey(bytes)).toBe('rck_0123456789ABCDEFGHIJKLMNOPQRST4PMbyp');
});

test('every character of a secret is equally likely', () => {
  const counts = new Map<string, number>();
  for (let byte = 0; byte < 256; byte++) {
    const bytes = new Uint8Array(API_KEY_RANDOM_BYTES).fill(1);
    bytes[0] = byte;
    const first = formatApiKey(bytes).charAt(4);
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  // Bytes from 248 on are skipped, so that the character that follows (here "1") shows instead.
  expect([...base62].map((character) => counts.get(character))).toEqual(
    [...base62].map((character) => (character === '1' ? 4 + 8 : 4)),
  );
});

test('too few random bytes are an error, not a weak key', () => {
  expect(() => formatApiKey(new Uint8Array(29))).toThrow(RangeError);
  expect(() => formatApiKey(new Uint8Array(64).fill(255))).toThrow(RangeError);
});

test('the digest is the SHA-256 of the whole key in hex', () => {
  expect(apiKeyDigest('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
