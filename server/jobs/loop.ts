import { setTimeout as sleep } from 'node:timers/promises';

/** Takes one turn after the other, each of which answers how many milliseconds to wait for the next; must not throw. */
export function startLoop(turn: () => Promise<number>, { firstPauseMs = 0 } = {}): AsyncDisposable {
  const stop = new AbortController();
  const running = (async () => {
    let pauseMs = firstPauseMs;
    while (!stop.signal.aborted) {
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: stop.signal }).catch(() => {});
      if (!stop.signal.aborted) pauseMs = await turn();
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
