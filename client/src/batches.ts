import { interruptible } from './interruptible.ts';

/** Items of an input, in order, and where the first of them stands in it. */
export interface Batch<Item> {
  readonly items: readonly Item[];
  readonly firstIndex: number;
}

export interface BatchPlan<Item> {
  readonly size: number;
  /** Greatest number of batches that are under way at once. */
  readonly concurrency: number;
  /** What an item is known by: a batch waits for those before it that share a key with it. */
  readonly keysOf: (item: Item) => readonly string[];
  /** Ends the reading; ending what is under way is up to that itself. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Cuts the input into batches and carries them out, several at once. Reads on only when there is room for a further
 * batch, so that an input of any length needs the same memory. After a failure nothing further begins; what is under way
 * is waited for, then the first failure is thrown.
 */
export async function inBatches<Item>(
  input: Iterable<Item> | AsyncIterable<Item>,
  { size, concurrency, keysOf, signal }: BatchPlan<Item>,
  carryOut: (batch: Batch<Item>) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const giveUp = () => stop.abort(signal?.reason);
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  const underWay = new Map<Promise<void>, ReadonlySet<string>>();
  const begin = (batch: Batch<Item>, keys: ReadonlySet<string>) => {
    const work: Promise<void> = carryOut(batch)
      // The first reason stays.
      .catch((error) => stop.abort(error))
      .finally(() => underWay.delete(work));
    underWay.set(work, keys);
  };
  try {
    for await (const batch of cut(interruptible(input, stop.signal), size)) {
      const keys = new Set(batch.items.flatMap(keysOf));
      while (hasToWait(keys, underWay.values(), concurrency)) await Promise.race(underWay.keys());
      stop.signal.throwIfAborted();
      begin(batch, keys);
    }
  } finally {
    await Promise.all(underWay.keys());
    signal?.removeEventListener('abort', giveUp);
  }
  stop.signal.throwIfAborted();
}

function hasToWait(keys: ReadonlySet<string>, underWay: Iterable<ReadonlySet<string>>, concurrency: number): boolean {
  const others = [...underWay];
  return others.length >= concurrency || others.some((other) => [...keys].some((key) => other.has(key)));
}

async function* cut<Item>(input: AsyncIterable<Item>, size: number): AsyncGenerator<Batch<Item>> {
  let items: Item[] = [];
  let firstIndex = 0;
  for await (const item of input) {
    items.push(item);
    if (items.length < size) continue;
    yield { items, firstIndex };
    firstIndex += items.length;
    items = [];
  }
  if (items.length > 0) yield { items, firstIndex };
}
