/** A figure measured several times: its median, and the extremes beside it. */
export interface Series {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Every round's value, in order. */
  readonly rounds: readonly number[];
}

/** Sums up the values of several rounds; throws RangeError where there is none. */
export function series(rounds: readonly number[]): Series {
  const sorted = rounds.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError('a series needs at least one round');
  return { median: (low + high) / 2, min: sorted[0] as number, max: sorted.at(-1) as number, rounds };
}

/** The value below or at which `fraction` (0..1) of the samples lie (nearest rank); throws RangeError without samples. */
export function percentile(samples: readonly number[], fraction: number): number {
  const sorted = Float64Array.from(samples).sort();
  const value = sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('a percentile needs at least one sample');
  return value;
}

/** Round by round, one series divided by the other: neighbours in time share the machine's mood. */
export function ratios(numerators: readonly number[], denominators: readonly number[]): Series {
  return series(numerators.map((numerator, round) => numerator / (denominators[round] ?? Number.NaN)));
}

/**
 * Pseudo-random whole numbers from 0 to `below` (exclusive), the same for the same seed (mulberry32), so that a repeated
 * run asks for the same pages.
 */
export function randomIntegers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** The numbers from 0 to `count` (exclusive) in an order of chance (Fisher and Yates). */
export function shuffled(count: number, seed: number): Uint32Array {
  const random = randomIntegers(seed);
  const numbers = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = random(last + 1);
    const number = numbers[last] as number;
    numbers[last] = numbers[other] as number;
    numbers[other] = number;
  }
  return numbers;
}
