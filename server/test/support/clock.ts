/** A clock that a test moves. */
export interface TestClock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  set(at: number): void;
  advance(ms: number): void;
}

/** Stands at a moment of no meaning, with milliseconds, so that code that drops them is found out. */
const START = Date.parse('2026-03-04T09:30:15.250Z');

export function createClock(): TestClock {
  let at = START;
  return {
    now: () => at,
    set(moment) {
      at = moment;
    },
    advance(ms) {
      at += ms;
    },
  };
}
