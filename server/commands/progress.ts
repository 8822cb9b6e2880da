const TERMINAL_EVERY_MS = 200;
const LOG_EVERY_MS = 10_000;

/** How far a long command has come, on stderr: one line that changes on a terminal, elsewhere a line now and then. */
export interface Progress extends Disposable {
  /** Notes that `count` more of these are done. */
  add(what: string, count: number): void;
}

export function createProgress(
  goals: Readonly<Record<string, number>>,
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
): Progress {
  const done = new Map(Object.keys(goals).map((what) => [what, 0]));
  const every = stream.isTTY ? TERMINAL_EVERY_MS : LOG_EVERY_MS;
  let shownAt = performance.now();
  const line = () =>
    [...done].map(([what, count]) => `${count.toLocaleString('en')} of ${goals[what]?.toLocaleString('en')} ${what}`);
  const show = (end: string) => {
    stream.write(`${stream.isTTY ? '\r\u001b[K' : ''}${line().join(', ')}${end}`);
    shownAt = performance.now();
  };
  return {
    add(what, count) {
      done.set(what, (done.get(what) ?? 0) + count);
      if (performance.now() - shownAt >= every) show(stream.isTTY ? '' : '\n');
    },
    [Symbol.dispose]: () => show('\n'),
  };
}
