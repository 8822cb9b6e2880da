import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFilePicture, readPictureAddress, readWebAddress } from './web-address.ts';

const PUBLIC_URL = 'https://rollcall.example.com/base';

test('an address is kept in the spelling that browsers use', () => {
  for (const [text, kept] of [
    ['https://meet.example.com/room?id=1#top', 'https://meet.example.com/room?id=1#top'],
    [' HTTP://Meet.Example:80/a b ', 'http://meet.example/a%20b'],
    ['https://bücher.example', 'https://xn--bcher-kva.example/'],
  ] as const) {
    expect(readWebAddress(text)).toEqual({ ok: true, text: kept });
    expect(readWebAddress(kept)).toEqual({ ok: true, text: kept });
  }
});

test.each([
  ['', 'is no web address'],
  ['meet.example.com', 'is no web address'],
  ['javascript:alert(1)', 'is no web address'],
  ['data:image/svg+xml,x', 'is no web address'],
  ['ftp://meet.example.com', 'is no web address'],
  ['https:meet.example.com', 'is no web address'],
  ['https://', 'is no web address'],
  ['https://me:secret@meet.example.com', 'has a name or password in it'],
  ['https://meet.example.com/a\nb', 'contains the control character U+000A'],
  ['java\tscript:alert(1)', 'contains the control character U+0009'],
  [`https://meet.example.com/${'x'.repeat(2_000)}`, 'is longer than 2000 characters'],
  [`https://meet.example.com/${'ü'.repeat(500)}`, 'is longer than 2000 characters once'],
])('%s is refused', (text, reason) => {
  expect(readWebAddress(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
});

test('whatever passes can be put into a page: a web address, the same when it is sent again', () => {
  const text = fc.oneof(
    fc.webUrl(),
    fc.string({ unit: 'grapheme' }).map((tail) => `https://a.example/${tail}`),
    fc.string(),
  );
  fc.assert(
    fc.property(text, (sent) => {
      const result = readWebAddress(sent);
      if (!result.ok) return;
      expect(result.text).toMatch(/^https?:\/\/[^\s"<>\\]+$/);
      expect(readWebAddress(result.text)).toEqual(result);
    }),
    { numRuns: 500 },
  );
});

test('a picture may be a path of the server', () => {
  expect(readPictureAddress('/thumbnails/a.svg', PUBLIC_URL)).toEqual({
    ok: true,
    text: 'https://rollcall.example.com/base/thumbnails/a.svg',
  });
  for (const text of ['//evil.example/a.svg', 'a.svg', '']) {
    expect(readPictureAddress(text, PUBLIC_URL).ok, text).toBe(false);
  }
});

test('in a file it may be the mere name of a picture that the server has', () => {
  expect(readFilePicture('a-b2.svg', PUBLIC_URL)).toEqual({
    ok: true,
    text: 'https://rollcall.example.com/base/thumbnails/a-b2.svg',
  });
  expect(readFilePicture('https://pictures.example/a.png', PUBLIC_URL)).toMatchObject({ ok: true });
  for (const text of ['../a.svg', 'a.png', 'a b.svg']) expect(readFilePicture(text, PUBLIC_URL).ok, text).toBe(false);
});
