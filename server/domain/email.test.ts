import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTrusted, normalizeDomain, normalizeEmail } from './email.ts';

const repeat = (text: string, count: number) => text.repeat(count);

test.each([
  ['name@example.com', 'name@example.com'],
  [' \tName.Surname@Example.COM\n', 'name.surname@example.com'],
  ["o'neill+tag_1-x@sub.example.co.uk", "o'neill+tag_1-x@sub.example.co.uk"],
  ["!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-@example.com"],
  ['jane@Bücher.Example', 'jane@xn--bcher-kva.example'],
  ['jane@xn--bcher-kva.example', 'jane@xn--bcher-kva.example'],
  ['jane@xn--BCHER-KVA.example', 'jane@xn--bcher-kva.example'],
  ['jane@straße.example', 'jane@xn--strae-oqa.example'],
  ['jane@例え。テスト', 'jane@xn--r8jz45g.xn--zckzah'],
  ['Jürgen@example.com', 'jürgen@example.com'],
  ['Ju\u0308rgen@example.com', 'jürgen@example.com'],
  ['J\u030cane@example.com', '\u01f0ane@example.com'],
  ['\u212aate@example.com', 'kate@example.com'],
  ['甲@例え.jp', '甲@xn--r8jz45g.jp'],
  ['1@2.example', '1@2.example'],
  ['a@r3---sn-x.example', 'a@r3---sn-x.example'],
  [`${repeat('a', 64)}@example.com`, `${repeat('a', 64)}@example.com`],
  [`a@${repeat('b', 63)}.example`, `a@${repeat('b', 63)}.example`],
])('%j is kept as %j', (text, email) => {
  expect(normalizeEmail(text)).toEqual({ ok: true, email });
});

test.each([
  ['', 'empty'],
  ['   ', 'empty'],
  ['name', 'no "@"'],
  ['@example.com', 'before the "@"'],
  ['.name@example.com', 'before the "@"'],
  ['name.@example.com', 'before the "@"'],
  ['na..me@example.com', 'before the "@"'],
  ['na me@example.com', 'before the "@"'],
  ['"na me"@example.com', 'before the "@"'],
  ['name@other@example.com', 'before the "@"'],
  ['na\u0000me@example.com', 'before the "@"'],
  ['na\u200bme@example.com', 'before the "@"'],
  ['na\u202eme@example.com', 'before the "@"'],
  ['na\u00a0me@example.com', 'before the "@"'],
  ['é\ud800@example.com', 'before the "@"'],
  ['Name <name@example.com>', 'before the "@"'],
  ['name@', 'domain after the "@"'],
  ['name@localhost', 'domain after the "@"'],
  ['name@example.com.', 'domain after the "@"'],
  ['name@.example.com', 'domain after the "@"'],
  ['name@example..com', 'domain after the "@"'],
  ['name@-example.com', 'domain after the "@"'],
  ['name@example-.com', 'domain after the "@"'],
  ['name@exam_ple.com', 'domain after the "@"'],
  ['name@exam ple.com', 'domain after the "@"'],
  ['name@exam\nple.com', 'domain after the "@"'],
  ['name@example.com/path', 'domain after the "@"'],
  ['name@exa%6dple.com', 'domain after the "@"'],
  ['name@[127.0.0.1]', 'domain after the "@"'],
  ['name@127.0.0.1', 'domain after the "@"'],
  ['name@127.1', 'domain after the "@"'],
  ['name@example.123', 'domain after the "@"'],
  ['name@\ud800.com', 'domain after the "@"'],
  [`name@${repeat('b', 64)}.example`, 'domain after the "@"'],
  [`name@${repeat('é', 60)}.example`, 'domain after the "@"'],
  [`${repeat('a', 65)}@example.com`, '64 bytes'],
  [`${repeat('é', 33)}@example.com`, '64 bytes'],
  [`a@${repeat('b.', 125)}com`, '254 characters'],
  [repeat('a', 100_000), '254 characters'],
])('%j is refused, with what is wrong', (text, reason) => {
  expect(normalizeEmail(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
});

test('254 characters are the most, counted after trimming', () => {
  const domain = `${repeat(`${repeat('b', 59)}.`, 3)}example.com`;
  const local = repeat('a', 254 - domain.length - 1);
  expect(normalizeEmail(` ${local}@${domain} `)).toEqual({ ok: true, email: `${local}@${domain}` });
  expect(normalizeEmail(`a${local}@${domain}`)).toMatchObject({ ok: false });
});

test('an address that grows past 254 bytes in its ASCII form is refused', () => {
  const domain = `${repeat(`${repeat('b', 49)}.`, 3)}example.com`;
  expect(normalizeEmail(`${repeat('é', 32)}@${domain}`)).toMatchObject({ ok: true });
  expect(normalizeEmail(`${repeat('é', 32)}@${repeat('b', 30)}.${domain}`)).toEqual({
    ok: false,
    reason: expect.stringContaining('254 bytes'),
  });
  expect(normalizeEmail(`a@${repeat('é.', 60)}example`)).toMatchObject({ ok: false });
});

test('every ordinary address is accepted, however it is written, and as one spelling', () => {
  fc.assert(
    fc.property(fc.emailAddress({ size: '+1' }), (address) => {
      fc.pre(address.length <= 254);
      const expected = { ok: true, email: address.toLowerCase() };
      expect(normalizeEmail(address)).toEqual(expected);
      expect(normalizeEmail(` ${address.toUpperCase()} `)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

/** Pieces of addresses and any character of the basic plane, so that both sides of every rule come up often. */
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('a', 'B', '.', '-', 'é', 'Σ', 'İ', 'ß', '\u0308', '甲', '＠', '。', '\u00ad'),
  },
  { weight: 1, arbitrary: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) },
);
const nearlyAnAddress = fc
  .tuple(fc.string({ unit: piece, minLength: 1, maxLength: 4 }), fc.string({ unit: piece, maxLength: 4 }))
  .map(([local, domain]) => `${local}@x${domain}x.example`);

test('what is accepted has one spelling, which normalizing again does not change', () => {
  let accepted = 0;
  fc.assert(
    fc.property(nearlyAnAddress, (text) => {
      const result = normalizeEmail(text);
      if (!result.ok) return;
      accepted++;
      expect(normalizeEmail(result.email)).toEqual(result);
      expect(result.email).toBe(result.email.normalize('NFC'));
      expect(result.email).toMatch(/^[^@\s]+@[a-z0-9.-]+$/);
      expect(Buffer.byteLength(result.email)).toBeLessThanOrEqual(254);
    }),
    { numRuns: 2000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test.each([
  ['example.com', 'example.com'],
  [' Example.COM ', 'example.com'],
  ['Bücher.example', 'xn--bcher-kva.example'],
])('the domain %j is kept as %j', (text, domain) => {
  expect(normalizeDomain(text)).toEqual({ ok: true, domain });
});

test.each([
  '',
  '@example.com',
  'https://example.com',
  'example.com/',
  'localhost',
  'example.com.',
  '10.0.0.1',
  '*.example.com',
  `${repeat('b.', 126)}com`,
  `${repeat('é.', 60)}example`,
])('the domain %j is refused', (text) => {
  expect(normalizeDomain(text)).toEqual({ ok: false, reason: expect.stringContaining('example.com') });
});

test('an email is trusted by its exact domain: neither a subdomain nor a look-alike passes', () => {
  const domains = ['example.com', 'b.example.org'];
  expect(isTrusted('a@example.com', domains)).toBe(true);
  expect(isTrusted('a@b.example.org', domains)).toBe(true);
  expect(isTrusted('a@sub.example.com', domains)).toBe(false);
  expect(isTrusted('a@example.org', domains)).toBe(false);
  expect(isTrusted('a@notexample.com', domains)).toBe(false);
  expect(isTrusted('example.com@other.com', domains)).toBe(false);
  expect(isTrusted('a@example.com', [])).toBe(false);
});
