import { expect, test } from 'vitest';
import { sortInTurns } from './sort-in-turns.ts';

test.each([0, 1, 3_999, 4_000, 4_001, 20_011])('%i items come in order, equal ones as they stood', async (length) => {
  const items = Array.from({ length }, (_, index) => ({ key: (index * 7_919) % 1_000, index }));
  const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key;
  expect(await sortInTurns(items, byKey)).toEqual(items.toSorted(byKey));
});
