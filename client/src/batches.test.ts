import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inBatches } from './batches.ts';
import { identityKeys } from './identity.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Batches that take so many turns each, one after the other. */
function work(turns: readonly number[]) {
  const done: number[] = [];
  let begun = 0;
  let underWay = 0;
  let underWayMax = 0;
  return {
    done,
    get underWayMax() {
      return underWayMax;
    },
    async carryOut({ items }: { items: readonly number[] }) {
      const own = turns[begun++ % turns.length] ?? 0;
      underWay++;
      underWayMax = Math.max(underWayMax, underWay);
      for (let count = 0; count < own; count++) await turn();
      underWay--;
      done.push(...items);
    },
  };
}

test('every item is carried out once, never more batches at once than said, those of one key in their order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(9), { maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.nat(4), { minLength: 1, maxLength: 7 }),
      async (keys, size, concurrency, turns) => {
        const worker = work(turns);
        const places = keys.map((_, place) => place);
        await inBatches(places, { size, concurrency, keysOf: (place) => [`${keys[place]}`] }, worker.carryOut);
        expect(worker.done.toSorted((one, other) => one - other)).toEqual(places);
        expect(worker.underWayMax).toBeLessThanOrEqual(concurrency);
        for (const key of new Set(keys)) {
          const ofKey = worker.done.filter((place) => keys[place] === key);
          expect(ofKey).toEqual(ofKey.toSorted((one, other) => one - other));
        }
      },
    ),
  );
});

test('batches that share no key are under way together', async () => {
  const worker = work([3]);
  await inBatches([1, 2, 3, 4], { size: 1, concurrency: 3, keysOf: (item) => [`${item}`] }, worker.carryOut);
  expect(worker.underWayMax).toBe(3);
});

test('of an input without end no more is read than there is room for', async () => {
  let read = 0;
  let open = 0;
  let readAheadMax = 0;
  function* endless() {
    while (read < 100_000) yield read++;
  }
  await inBatches(endless(), { size: 100, concurrency: 3, keysOf: () => [] }, async () => {
    open++;
    readAheadMax = Math.max(readAheadMax, read - (open - 3) * 100);
    await turn();
  });
  expect(open).toBe(1_000);
  expect(readAheadMax).toBeLessThanOrEqual(500);
});

test('after a failure nothing further begins, what is under way is waited for, and the input is closed', async () => {
  let isClosed = false;
  function* input() {
    try {
      for (let item = 0; item < 100; item++) yield item;
    } finally {
      isClosed = true;
    }
  }
  const ended: number[] = [];
  const running = inBatches(input(), { size: 1, concurrency: 2, keysOf: () => [] }, async ({ items: [item = 0] }) => {
    if (item === 1) throw new Error('refused');
    await turn();
    await turn();
    ended.push(item);
  });
  await expect(running).rejects.toThrow('refused');
  expect(isClosed).toBe(true);
  expect(ended).toEqual([0]);
});

test('an input that fails ends the work with its own error', async () => {
  async function* broken() {
    yield 1;
    throw new Error('the file broke off');
  }
  const worker = work([2]);
  const running = inBatches(broken(), { size: 1, concurrency: 2, keysOf: () => [] }, worker.carryOut);
  await expect(running).rejects.toThrow('the file broke off');
  expect(worker.done).toEqual([1]);
});

test('two spellings of the same identity give one key, other identities give others', () => {
  const same = [
    [{ email: 'Amelie@München.example' }, { email: ' amelie@xn--mnchen-3ya.example' }],
    [{ remoteId: ' E1' }, { remoteId: 'E1' }],
  ] as const;
  for (const [one, other] of same) expect(identityKeys(one)).toEqual(identityKeys(other));
  expect(identityKeys({ remoteId: 'a@example.com' })).not.toEqual(identityKeys({ email: 'a@example.com' }));
  expect(identityKeys({ remoteId: 'e1' })).not.toEqual(identityKeys({ remoteId: 'E1' }));
  expect(identityKeys(null as never)).toEqual([]);
});

test.each(['the signal', 'a failure'])(
  '%s ends the work while the input keeps it waiting, and closes the input',
  async (what) => {
    const stop = new AbortController();
    let isClosed = false;
    const hanging: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => {
        let count = 0;
        return {
          next: () => (count++ === 0 ? Promise.resolve({ done: false, value: 1 }) : new Promise(() => undefined)),
          return: async () => {
            isClosed = true;
            return { done: true, value: undefined };
          },
        };
      },
    };
    const plan = { size: 1, concurrency: 2, keysOf: () => [], signal: stop.signal };
    const running = inBatches(hanging, plan, async () => {
      await turn();
      if (what === 'a failure') throw new Error('enough');
      stop.abort(new Error('enough'));
    });
    await expect(running).rejects.toThrow('enough');
    expect(isClosed).toBe(true);
  },
);

test('with a signal that was aborted before, nothing is read', async () => {
  let read = 0;
  function* input() {
    yield read++;
  }
  const plan = { size: 1, concurrency: 2, keysOf: () => [], signal: AbortSignal.abort(new Error('never')) };
  await expect(inBatches(input(), plan, async () => undefined)).rejects.toThrow('never');
  expect(read).toBe(0);
});
