import { expect, test } from 'vitest';
import { onCores, parseCoreList } from './cores.ts';

test('a list of cores is read with its ranges', () => {
  expect(parseCoreList('0-1')).toEqual([0, 1]);
  expect(parseCoreList('3')).toEqual([3]);
  expect(parseCoreList('0-2,5,8-9')).toEqual([0, 1, 2, 5, 8, 9]);
});

test('a program runs anywhere where cores cannot be kept apart', () => {
  expect(onCores([], ['node', 'x.js'])).toEqual(['node', 'x.js']);
  expect(onCores([0, 2], ['node', 'x.js'])).toEqual(['taskset', '-c', '0,2', 'node', 'x.js']);
});
