import { expect, test } from 'vitest';
import { cleanComment } from './feedback.ts';

test.each([
  ['  Good.\n', 'Good.'],
  ['one\r\ntwo\rthree\nfour', 'one\ntwo\nthree\nfour'],
  ['a\u0000b\u0007c\u0085d\te', 'abcd\te'],
  ['half a pair: \ud83d', 'half a pair: \ufffd'],
  ['Zoë 👩🏽‍🚀', 'Zoë 👩🏽‍🚀'],
  ['\u0000', ''],
])('a comment of %j is kept as %j', (text, kept) => {
  expect(cleanComment(text)).toBe(kept);
});
