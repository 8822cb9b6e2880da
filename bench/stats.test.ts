import fc from 'fast-check';
import { expect, test } from 'vitest';
import { percentile, randomIntegers, ratios, series, shuffled } from './stats.ts';

const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 30 });

test('the median has as many rounds below as above, and lies between the extremes', () => {
  expect(series([5, 1, 3]).median).toBe(3);
  expect(series([4, 1, 3, 2]).median).toBe(2.5);
  fc.assert(
    fc.property(values, (rounds) => {
      const { median, min, max } = series(rounds);
      expect(rounds.filter((value) => value < median).length).toBeLessThanOrEqual(rounds.length / 2);
      expect(rounds.filter((value) => value > median).length).toBeLessThanOrEqual(rounds.length / 2);
      expect(min).toBe(Math.min(...rounds));
      expect(max).toBe(Math.max(...rounds));
    }),
  );
});

test('rounds keep their order, so that a drift over the run can be seen', () => {
  expect(series([3, 1, 2]).rounds).toEqual([3, 1, 2]);
});

test('no rounds are no series', () => {
  expect(() => series([])).toThrow(RangeError);
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});

test('a percentile is the least sample that so many do not exceed', () => {
  const samples = Array.from({ length: 200 }, (_, index) => 200 - index);
  expect(percentile(samples, 0.99)).toBe(198);
  expect(percentile(samples, 0.5)).toBe(100);
  expect(percentile(samples, 1)).toBe(200);
  expect(percentile([7], 0)).toBe(7);
});

test('a ratio compares neighbours, not medians', () => {
  expect(ratios([10, 40, 90], [10, 20, 30]).rounds).toEqual([1, 2, 3]);
});

test('random numbers stay below their bound and repeat with the seed', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 1e6 }), (seed, below) => {
      const draw = () => Array.from({ length: 20 }, randomIntegers(seed).bind(null, below));
      const drawn = draw();
      expect(drawn).toEqual(draw());
      expect(drawn.every((number) => Number.isInteger(number) && number >= 0 && number < below)).toBe(true);
    }),
  );
});

test('a shuffle holds every number once, in another order', () => {
  const numbers = shuffled(1_000, 7);
  expect(numbers.toSorted()).toEqual(Uint32Array.from({ length: 1_000 }, (_, index) => index));
  expect(numbers).not.toEqual(numbers.toSorted());
});
