import { hash } from 'node:crypto';

/** Numbers that look like chance and are the same for the same seed. */
export interface Random {
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  /** True as often as `share` (0..1) says. */
  chance(share: number): boolean;
  /** The list in another order. */
  shuffled<T>(list: readonly T[]): T[];
}

const UINT32 = 4_294_967_296;

/** Starts a sequence (mulberry32); any text is a seed, and near ones lead to sequences that have nothing in common. */
export function createRandom(seed: string): Random {
  let state = Number.parseInt(hash('sha1', seed, 'hex').slice(0, 8), 16);
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / UINT32;
  };
  const integer = (low: number, high: number) => low + Math.floor(fraction() * (high - low + 1));
  return {
    integer,
    chance: (share) => fraction() < share,
    shuffled(list) {
      const order = [...list];
      for (let last = order.length - 1; last > 0; last--) {
        const other = integer(0, last);
        [order[last], order[other]] = [order[other] as never, order[last] as never];
      }
      return order;
    },
  };
}
