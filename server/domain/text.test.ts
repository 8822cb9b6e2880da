import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanName, cleanParagraphs, cleanRemoteId, isLongerThan, trimWhiteSpace } from './text.ts';

/** Any UTF-16 there is, lone surrogates among it. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', ' ', '\u0085', '😀', '\n'),
    fc.nat(0xff).map((unit) => String.fromCharCode(unit)),
    fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
  ),
});

test.each([
  [' \t\r\nAmélie\u00a0\u3000', 'Amélie'],
  ['\u0085 Amélie \u0085', 'Amélie'],
  ['\ufeffAmélie', 'Amélie'],
  ['Anne  Marie', 'Anne  Marie'],
  ['   ', ''],
  ['', ''],
  ['\u0085', ''],
])('%j is trimmed to %j', (text, trimmed) => {
  expect(trimWhiteSpace(text)).toBe(trimmed);
});

test.each(['Wójcik', '山田', 'نیلوفر\u200cسادات', '👩‍🚀', "O'Neill-Ñúñez 3rd", '\u200fאבי\u200e'])(
  'the name %s is kept as it is',
  (name) => {
    expect(cleanName(name)).toEqual({ ok: true, text: name });
  },
);

test.each([
  ['A\u0000B', 'U+0000'],
  ['A\nB', 'U+000A'],
  ['A\u007fB', 'U+007F'],
  ['A\u009bB', 'U+009B'],
  ['A\u0085B', 'U+0085'],
  ['A\u2028B', 'U+2028'],
  ['A\u202eB', 'U+202E'],
  ['A\u2066B', 'U+2066'],
  ['A\ud83d', 'U+D83D'],
  ['\udc00A', 'U+DC00'],
])('%j is refused by name of its character', (name, character) => {
  expect(cleanName(name)).toEqual({ ok: false, reason: expect.stringContaining(character) });
  expect(cleanRemoteId(name)).toEqual({ ok: false, reason: expect.stringContaining(character) });
});

test('length is counted in characters, after trimming', () => {
  for (const character of ['a', 'é', '😀']) {
    expect(cleanName(` ${character.repeat(256)} `)).toEqual({ ok: true, text: character.repeat(256) });
    expect(cleanName(character.repeat(257))).toEqual({ ok: false, reason: expect.stringContaining('256') });
    expect(cleanRemoteId(character.repeat(256))).toEqual({ ok: true, text: character.repeat(256) });
    expect(cleanRemoteId(character.repeat(257))).toEqual({ ok: false, reason: expect.stringContaining('256') });
  }
});

test('a name may be empty, a remoteId may not', () => {
  expect(cleanName(' ')).toEqual({ ok: true, text: '' });
  expect(cleanRemoteId(' ')).toEqual({ ok: false, reason: expect.stringContaining('empty') });
});

test('the case of a remoteId matters', () => {
  expect(cleanRemoteId('Ab')).toEqual({ ok: true, text: 'Ab' });
});

test('what is accepted survives UTF-8, holds no control character and stays as it is when sent again', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const result = cleanName(text);
      if (!result.ok) return;
      expect(Buffer.from(result.text, 'utf8').toString('utf8')).toBe(result.text);
      expect(result.text).not.toMatch(/\p{Cc}/u);
      expect(cleanName(result.text)).toEqual(result);
    }),
    { numRuns: 500 },
  );
});

test('a text is longer than a limit exactly when it has more code points', () => {
  fc.assert(
    fc.property(anyText, fc.nat(20), (text, limit) => {
      expect(isLongerThan(text, limit)).toBe([...text].length > limit);
    }),
  );
});

test('paragraphs keep their lines and tabs, however the lines ended, and nothing else that controls', () => {
  expect(cleanParagraphs(' a\r\n\tb\rc\n\n', 100)).toEqual({ ok: true, text: 'a\n\tb\nc' });
  expect(cleanParagraphs('a\u0000b', 100)).toEqual({ ok: false, reason: expect.stringContaining('U+0000') });
  expect(cleanParagraphs('a\u2028b', 100)).toEqual({ ok: false, reason: expect.stringContaining('U+2028') });
  expect(cleanParagraphs('a\r\n'.repeat(50), 99)).toMatchObject({ ok: true });
  expect(cleanParagraphs('a\r\n'.repeat(51), 99)).toMatchObject({ ok: false });
});

test('paragraphs that are accepted stay as they are when sent again', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const result = cleanParagraphs(text, 1_000);
      if (result.ok) expect(cleanParagraphs(result.text, 1_000)).toEqual(result);
    }),
    { numRuns: 500 },
  );
});
