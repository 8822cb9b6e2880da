/**
 * The items of an input, until the signal is aborted: then its reason is thrown, also while the input keeps us waiting.
 * The input is told that no more is wanted of it, but not waited for.
 */
export async function* interruptible<Item>(
  input: Iterable<Item> | AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const iterator = iteratorOf(input);
  let giveUp: (reason: unknown) => void = () => undefined;
  const stop = () => giveUp(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  let isOver = false;
  try {
    while (true) {
      signal.throwIfAborted();
      // Not Promise.race: each call would leave something behind at a promise that lives as long as the signal.
      const result = await new Promise<IteratorResult<Item>>((resolve, reject) => {
        giveUp = reject;
        Promise.resolve(iterator.next()).then(resolve, reject);
      });
      isOver = result.done === true;
      if (result.done) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    if (!isOver) Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function iteratorOf<Item>(input: Iterable<Item> | AsyncIterable<Item>): Iterator<Item> | AsyncIterator<Item> {
  return Symbol.asyncIterator in input ? input[Symbol.asyncIterator]() : input[Symbol.iterator]();
}
