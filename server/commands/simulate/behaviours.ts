import type { Random } from '../../demo/random.ts';

/** How somebody takes part in a session. */
export const behaviours = [
  'on-time',
  'late',
  'left-early',
  'rejoining',
  'two-tabs',
  'lost-network',
  'flaky-network',
  'hiding',
  'no-show',
  'staying-on',
  'after-the-end',
  'too-early',
  'deactivated',
  'cancelled',
] as const;
export type Behaviour = (typeof behaviours)[number];

/** How often a room page says that it is there, in seconds (domain: Rules). */
const SIGNAL_EVERY = 15;

/**
 * A stretch in which one tab shows the room and is heard of at least every 45 seconds. Times are seconds from the
 * scheduled start.
 */
export interface Stretch {
  readonly tab: string;
  /** The first signal. */
  readonly from: number;
  /** The last signal. */
  readonly to: number;
  /** Whether the last signal says that the page is left; otherwise it just falls silent. */
  readonly leaves: boolean;
  /** All signals, the first and last ones too. */
  readonly signals: readonly number[];
}

interface Visit {
  readonly from: number;
  readonly to: number;
  readonly tab?: string;
  /** Falls silent, at the last signal before `to`. */
  readonly isLost?: boolean;
  /** Which signals do not get through. */
  readonly isSkipped?: (index: number) => boolean;
}

function stretch({ from, to, tab = 'tab-1', isLost = false, isSkipped = () => false }: Visit): Stretch {
  const last = isLost ? from + Math.floor((to - from) / SIGNAL_EVERY) * SIGNAL_EVERY : to;
  const signals: number[] = [];
  for (let at = from, index = 0; at < last; at += SIGNAL_EVERY, index++) {
    if (index === 0 || !isSkipped(index)) signals.push(at);
  }
  return { tab, from, to: last, leaves: !isLost, signals: [...signals, last] };
}

/** What a person's pages do in a session of `length` seconds. `gone`: the link is tried once, in vain. */
export function stretchesOf(behaviour: Behaviour | 'gone', length: number, random: Random): Stretch[] {
  const pick = (low: number, high: number) => 5 * random.integer(Math.ceil(low / 5), Math.floor(high / 5));
  // Most signals of a group fall together: each moment by itself costs a setting of the clock.
  const arrive = (low: number, high: number) => 15 * Math.round(pick(low, high) / 15);
  const whole = { from: arrive(-300, 0), to: pick(length - 60, length + 60) };
  const middle = pick(length * 0.3, length * 0.5);
  switch (behaviour) {
    case 'no-show':
      return [];
    case 'gone':
      return [stretch({ from: 0, to: 0 })];
    case 'on-time':
    case 'deactivated':
    case 'cancelled':
      return [stretch(whole)];
    case 'late':
      return [stretch({ ...whole, from: arrive(60, length / 2) })];
    case 'left-early':
      return [stretch({ ...whole, to: pick(length / 4, length * 0.75) })];
    case 'rejoining':
      return [stretch({ ...whole, to: middle }), stretch({ ...whole, from: middle + pick(5, 120), tab: 'tab-2' })];
    case 'two-tabs':
      return [
        stretch(whole),
        stretch({ from: arrive(middle, middle + 60), to: pick(length * 0.7, length + 120), tab: 'tab-2' }),
      ];
    case 'lost-network':
      // From the last signal to the next at least 46 seconds: silence that does not count.
      return [stretch({ ...whole, to: middle, isLost: true }), stretch({ ...whole, from: middle + pick(50, 200) })];
    case 'flaky-network':
      // Two of three signals are lost: 45 seconds from one to the next, which counts just so.
      return [stretch({ ...whole, isSkipped: (index) => index % 3 !== 0 })];
    case 'hiding':
      return [stretch({ ...whole, to: middle }), stretch({ ...whole, from: middle + pick(5, 40) })];
    case 'staying-on':
      return [stretch({ ...whole, to: length + pick(120, 1_900) })];
    case 'after-the-end':
      return [stretch({ from: length + arrive(15, 600), to: length + pick(660, 1_200) })];
    case 'too-early':
      return [stretch({ ...whole, from: arrive(-720, -615) })];
  }
}
