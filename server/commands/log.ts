import { type Logger, pino } from 'pino';
import type { Config } from '../config.ts';

/** Lines are written together: when there are so many bytes of them, or after so long. */
const BATCH_BYTES = 65_536;
const BATCH_MS = 500;
/** What may wait for a reader that has stalled; further lines are dropped and counted. */
const WAITING_BYTES_MAX = 4_194_304;
/** How long the end of the program waits for the last lines to be read. */
const END_MS_MAX = 1_000;

/** A log and its end. */
export interface Log {
  readonly logger: Logger;
  /** Takes whole lines of another process into this log. */
  pass(lines: string): void;
  /** Writes what is left; resolves once it is out, or when its reader has had its time. */
  end(): Promise<void>;
}

/** Where log lines go: what process.stderr offers of a stream. */
export type LogTarget = Pick<NodeJS.WriteStream, 'write' | 'on' | 'writableLength'>;

/**
 * Structured logs on stderr, so that stdout holds only what a caller of the command reads. Where several processes serve,
 * each line has the number of its own.
 */
export function createLog({ logLevel }: Config, worker: number | null = null): Log {
  const lines = new LogLines(process.stderr);
  const logger = pino({ level: logLevel, base: worker === null ? null : { worker } }, lines);
  setInterval(() => lines.flush(), BATCH_MS).unref();
  process.once('exit', () => lines.flush());
  return { logger, pass: (passed) => lines.write(passed), end: () => lines.end() };
}

/**
 * Log lines on their way to a stream that never holds up the server: its reader may be gone, which drops them all, or
 * stalled, which drops what is more than a buffer can hold. A pipe is written without blocking, hence no thread and no
 * exit waits for whoever should read it.
 */
export class LogLines {
  readonly #target: LogTarget;
  #batch = '';
  #dropped = 0;
  #isReaderGone = false;

  constructor(target: LogTarget) {
    this.#target = target;
    target.on('error', () => {
      this.#isReaderGone = true;
      this.#batch = '';
    });
  }

  /** Takes a line, or several at once, each with its line break. */
  write(line: string): void {
    if (this.#isReaderGone) return;
    if (this.#target.writableLength > WAITING_BYTES_MAX) {
      this.#dropped += line.split('\n').length - 1;
      return;
    }
    if (this.#dropped > 0) this.#tellDropped();
    this.#batch += line;
    if (this.#batch.length >= BATCH_BYTES) this.flush();
  }

  /** Hands over what has been gathered. */
  flush(): void {
    const batch = this.#batch;
    this.#batch = '';
    if (batch !== '' && !this.#isReaderGone) this.#target.write(batch);
  }

  /** Resolves once everything is out, or after END_MS_MAX where nobody reads it: then the program ends without it. */
  async end(): Promise<void> {
    this.flush();
    const until = performance.now() + END_MS_MAX;
    while (this.#target.writableLength > 0 && !this.#isReaderGone) {
      if (performance.now() > until) return endAnyway();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #tellDropped(): void {
    const line = {
      level: 40,
      time: Date.now(),
      dropped: this.#dropped,
      msg: 'log lines were dropped: nobody read them',
    };
    this.#batch += `${JSON.stringify(line)}\n`;
    this.#dropped = 0;
  }
}

/** How long the program has to end by itself. */
const LEAVE_MS = 100;

/** Bytes that nobody reads would keep the process alive for ever. */
function endAnyway(): void {
  setTimeout(() => process.exit(), LEAVE_MS).unref();
}
