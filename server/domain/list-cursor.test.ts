import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readListCursor, writeListCursor } from './list-cursor.ts';

const id = '0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11';

test('a cursor leads to where it was given, and fits a URL as it is', () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.integer({ min: -1e14, max: 1e14 }),
      fc.integer({ min: 1, max: 1e9 }),
      (uuid, at, organization) => {
        const cursor = writeListCursor('modules', organization, { at, id: uuid });
        expect(encodeURIComponent(cursor)).toBe(cursor);
        expect(readListCursor('modules', organization, cursor)).toEqual({ at, id: uuid });
      },
    ),
  );
});

test('a cursor of another list or another organization, or one that was made up, is refused', () => {
  const own = writeListCursor('modules', 7, { at: 5, id });
  const others = [
    writeListCursor('sessions', 7, { at: 5, id }),
    writeListCursor('modules', 8, { at: 5, id }),
    Buffer.from(`2.modules.7.5.${id}`).toString('base64url'),
    Buffer.from('1.modules.7.5.x').toString('base64url'),
    own.slice(0, -3),
    '',
    '%00',
  ];
  for (const cursor of others) {
    expect(() => readListCursor('modules', 7, cursor), cursor).toThrow(
      'Query parameter "cursor": is not a cursor of this list',
    );
  }
});
