import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shownName } from './initials.ts';

test.each([
  ['Ada', 'Lovelace', 'Ada L.', 'AL'],
  ['ada', 'lovelace', 'ada L.', 'AL'],
  ['Ada', '', 'Ada', 'A'],
  ['', 'Lovelace', 'Lovelace', 'L'],
  ['', '', 'Guest', '?'],
  ['Zoë', 'Ångström', 'Zoë Å.', 'ZÅ'],
  ['Zoe\u0308', 'A\u030angstro\u0308m', 'Zoe\u0308 A\u030a.', 'ZA\u030a'],
  ['小龙', '李', '小龙 李', '小李'],
  ['עדה', 'לאבלייס', 'עדה לאבלייס', 'על'],
  ['"Ada"', '(Lovelace)', '"Ada" L.', 'AL'],
  ['Jean-Luc', 'd’Artagnan', 'Jean-Luc D.', 'JD'],
  ['👩🏽‍🚀', 'Star', '👩🏽‍🚀 S.', '👩🏽‍🚀S'],
  ['…', '—', '…', '?'],
])('%j %j is shown as %j', (firstName, lastName, name, initials) => {
  expect(shownName({ firstName, lastName })).toEqual({ name, initials });
});

test('everybody is shown with a name and initials', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 });
  fc.assert(
    fc.property(text, text, (firstName, lastName) => {
      const { name, initials } = shownName({ firstName, lastName });
      expect(name).not.toBe('');
      expect(initials).not.toBe('');
    }),
  );
});
