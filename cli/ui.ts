import { createInterface } from 'node:readline/promises';
import { usageError } from './exit.ts';

export interface OutputOptions {
  readonly json?: true;
  readonly quiet?: true;
}

/** How a command talks: results on stdout, all else on stderr. */
export interface Ui {
  readonly json: boolean;
  /** A result, or a piece of one; rejects where it cannot be written, so that a script sees a failure. */
  print(text: string): Promise<void>;
  /** A result as one JSON document. */
  printJson(value: unknown): Promise<void>;
  /** The same without a line end, for bytes that are a file. */
  write(bytes: string | Uint8Array): Promise<void>;
  /** What is good to know; not with `--quiet`. */
  note(text: string): void;
  /** What needs attention. */
  warn(text: string): void;
  /** Shows how far the work has come until it is disposed. */
  progress(what: string): Progress;
  /** Asks at the terminal and answers what was typed; where nobody is there, `instead` says what to do. */
  ask(question: string, instead: string, signal: AbortSignal): Promise<string>;
  /** Whether somebody can be asked. */
  readonly isInteractive: boolean;
}

export interface Progress extends Disposable {
  /** `part` of 1 where the whole is known. */
  show(text: string, part: number | null): void;
}

const TERMINAL_EVERY_MS = 100;
const LOG_EVERY_MS = 10_000;
const BAR_WIDTH = 24;

export function createUi({ json, quiet }: OutputOptions): Ui {
  const note = (text: string) => {
    if (!quiet) process.stderr.write(`${text}\n`);
  };
  const isInteractive = process.stdin.isTTY === true && process.stderr.isTTY === true;
  return {
    json: json === true,
    isInteractive,
    print: (text) => write(`${text}\n`),
    printJson: (value) => write(`${JSON.stringify(value)}\n`),
    write,
    note,
    warn: (text) => process.stderr.write(`${text}\n`),
    progress: (what) => (quiet ? silent : createProgress(what)),
    async ask(question, instead, signal) {
      if (!isInteractive) throw usageError(instead);
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return (await lines.question(question, { signal })).trim();
      } finally {
        lines.close();
      }
    },
  };
}

function write(bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new Error(`cannot write the output: ${error.message}`, { cause: error }));
    // Node reports a failed write as an event too, which would end the process with a stack trace.
    process.stdout.once('error', fail);
    process.stdout.write(bytes, (error) => {
      if (error) return fail(error);
      process.stdout.off('error', fail);
      resolve();
    });
  });
}

const silent: Progress = { show: () => undefined, [Symbol.dispose]: () => undefined };

/** One line that changes on a terminal; elsewhere a line now and then. */
export function createProgress(
  what: string,
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
): Progress {
  let shownAt = stream.isTTY ? 0 : performance.now();
  let isDirty = false;
  const every = stream.isTTY ? TERMINAL_EVERY_MS : LOG_EVERY_MS;
  return {
    show(text, part) {
      if (performance.now() - shownAt < every) return;
      shownAt = performance.now();
      isDirty = stream.isTTY;
      const percent = part === null ? '' : `${Math.floor(part * 100)} % `;
      stream.write(stream.isTTY ? `\r\u001b[K${what} ${bar(part)}${percent}${text}` : `${what}: ${percent}${text}\n`);
    },
    [Symbol.dispose]() {
      if (isDirty) stream.write('\r\u001b[K');
    },
  };
}

function bar(part: number | null): string {
  if (part === null) return '';
  const done = Math.round(Math.min(1, part) * BAR_WIDTH);
  return `[${'#'.repeat(done)}${'.'.repeat(BAR_WIDTH - done)}] `;
}

/** Text of others in a terminal: what would move the cursor or turn the line around is shown as its code. */
export function visible(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** `1 row`, `2,000 rows` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
