import { expect, test } from 'vitest';
import { doubts, formatTable, isReached } from './report.ts';
import type { Row } from './scenario.ts';
import { ratios, series } from './stats.ts';

function rowOf(ours: number[], floor: number[], rest: Partial<Row> = {}): Row {
  const sides = { ours: series(ours), floor: series(floor), ratio: ratios(ours, floor) };
  return { id: 'P2', what: 'pages', unit: 'pages/s', ...sides, ...rest };
}

test('the table shows medians, the spread of the ratio and whether the goal is reached', () => {
  const rows = [
    rowOf([5_000, 4_000, 6_000], [10_000, 10_000, 10_000], { goal: { of: 'ratio', least: 0.4 } }),
    { id: 'P8', what: 'memory', unit: 'MB', ours: series([212.4]), goal: { of: 'ours', most: 200 } } satisfies Row,
  ];
  expect(formatTable(rows).split('\n')).toEqual([
    '|     | Scenario / floor | Unit    | Ours  | Floor  | Ratio | Min–max   | CPU ratio | Goal      |         |',
    '| --- | ---------------- | ------- | ----- | ------ | ----- | --------- | --------- | --------- | ------- |',
    '| P2  | pages            | pages/s | 5,000 | 10,000 | 0.50  | 0.40–0.60 |           | >= 0.4    | reached |',
    '| P8  | memory           | MB      | 212   |        |       |           |           | <= 200 MB | missed  |',
  ]);
});

test('a goal is judged by the median, at its bound included', () => {
  expect(isReached(rowOf([4, 4, 40], [10, 10, 10]), { of: 'ratio', least: 0.4 })).toBe(true);
  expect(isReached(rowOf([4, 4, 40], [10, 10, 10]), { of: 'ratio', most: 0.3 })).toBe(false);
  expect(isReached(rowOf([4], [10]), { of: 'ours', most: 4 })).toBe(true);
});

test('what could not be measured reaches no goal', () => {
  expect(isReached({ ours: series([Number.NaN]) }, { of: 'ours', most: 90 })).toBe(false);
  expect(isReached({ ours: series([1]) }, { of: 'ratio', least: 0.1 })).toBe(false);
});

const cost = {
  serverBusy: 1,
  floorBusy: 1,
  loadBusy: 0.4,
  floorLoadBusy: 0.6,
  serverCpu: 1,
  floorCpu: 1,
  cpuRatio: 1,
};

test('a figure limited by the load client is called doubtful', () => {
  expect(doubts([rowOf([1], [1], { cost })])).toEqual([]);
  const ours = rowOf([1], [1], { cost: { ...cost, serverBusy: 0.7, loadBusy: 0.99 } });
  const floor = rowOf([1], [1], { cost: { ...cost, floorBusy: 0.7, floorLoadBusy: 0.99 } });
  expect(doubts([ours, floor])).toEqual([
    'P2 pages: the load client was at its limit',
    'P2 pages: the load client was at its limit with the floor',
  ]);
});

test('a figure measured while other programs had the core is called doubtful', () => {
  expect(doubts([rowOf([1], [1], { cost, waiting: 0.02 })])).toEqual([]);
  const rows = [0.38, 0.2].map((waiting) => rowOf([1], [1], { cost, waiting }));
  expect(doubts(rows)).toEqual(['P2: other programs had its core for 38 % of the time']);
});
