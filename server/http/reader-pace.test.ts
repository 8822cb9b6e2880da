import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { withReaderPace } from './reader-pace.ts';

const PACE = { bytesMin: 100, windowMs: 1_000 };

/** Chunks of these lengths through the watch; the clock stands until the test moves it. */
function watch(lengths: readonly number[]) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  async function* source() {
    for (const length of lengths) yield new Uint8Array(length);
  }
  const tooSlow = vi.fn();
  return { chunks: withReaderPace(source(), PACE, tooSlow), tooSlow };
}

test('a reader who takes enough in each window keeps the stream', async () => {
  const { chunks, tooSlow } = watch([100, 100, 100]);
  for await (const _ of chunks) vi.advanceTimersByTime(400);
  expect(tooSlow).not.toHaveBeenCalled();
});

test('a reader who takes a little now and then, but never enough, loses it', async () => {
  const { chunks, tooSlow } = watch(Array.from({ length: 30 }, () => 10));
  let taken = 0;
  for await (const { length } of chunks) {
    taken += length;
    vi.advanceTimersByTime(300);
    if (tooSlow.mock.calls.length > 0) break;
  }
  expect(taken).toBe(40);
});

test('the time that the source takes is not the reader’s', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const tooSlow = vi.fn();
  async function* slowSource() {
    yield new Uint8Array(10);
    vi.advanceTimersByTime(5_000);
    await sleep(1);
    yield new Uint8Array(10);
  }
  for await (const _ of withReaderPace(slowSource(), PACE, tooSlow));
  expect(tooSlow).not.toHaveBeenCalled();
});

test('a large chunk is handed over in pieces that together are the same', async () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251);
  async function* source() {
    yield bytes;
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of withReaderPace(source(), PACE, () => {})) pieces.push(piece);
  expect(pieces.length).toBeGreaterThan(1);
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
});
