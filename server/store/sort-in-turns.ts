import { setImmediate as nextTurn } from 'node:timers/promises';

/** Items sorted or merged at once, so that the event loop's turns stay short. */
const CHUNK = 4_000;

/** As `toSorted`, with turns of the event loop in between, so that nobody waits for it however long the list is. */
export async function sortInTurns<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
): Promise<Item[]> {
  let runs: Item[][] = [];
  for (let from = 0; from < items.length; from += CHUNK) {
    runs.push(items.slice(from, from + CHUNK).sort(compare));
    if (items.length > CHUNK) await nextTurn();
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(await merge(runs[at] ?? [], runs[at + 1] ?? [], compare));
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<Item>(left: Item[], right: Item[], compare: (a: Item, b: Item) => number): Promise<Item[]> {
  const merged: Item[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    merged.push(compare(left[l] as Item, right[r] as Item) <= 0 ? (left[l++] as Item) : (right[r++] as Item));
    if (merged.length % CHUNK === 0) await nextTurn();
  }
  for (const rest of [left.slice(l), right.slice(r)]) for (const item of rest) merged.push(item);
  return merged;
}
