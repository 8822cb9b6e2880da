import type { Worker } from 'node:cluster';
import type { Readable } from 'node:stream';
import type { Log } from './log.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 30_000;
/** Whoever has lived so long did not die of its start: the next comes soon again. */
const SOUND_MS = 10_000;

export interface SeatOptions {
  readonly number: number;
  readonly log: Log;
  readonly fork: () => Worker;
  readonly onMessage: (message: FromWorker, worker: Worker) => void;
}

/** The place of one worker: when its worker ends, another one comes, the sooner the longer the last one lived. */
export class Seat {
  readonly #options: SeatOptions;
  #worker: Worker | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = PAUSE_MS_MIN;
  #isStopping = false;

  constructor(options: SeatOptions) {
    this.#options = options;
  }

  get worker(): Worker | undefined {
    return this.#worker;
  }

  /** Starts a worker; resolves with its address once it listens, rejects where it ends before. */
  async fill(): Promise<string> {
    const { log, number, fork, onMessage } = this.#options;
    const worker = fork();
    this.#worker = worker;
    this.#ended = new Promise((resolve) => worker.process.once('close', resolve));
    const startedAt = performance.now();
    passLines(worker.process.stderr, log);
    worker.process.stdout?.resume();
    // A message that cannot be sent any more: the worker's end is heard of anyway.
    worker.on('error', () => {});
    const address = await new Promise<string>((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') resolve(message.address);
        if (message.kind === 'failed') reject(new Error(message.message));
        onMessage(message, worker);
      });
      worker.once('exit', (code, signal) => {
        this.#worker = undefined;
        reject(new Error(`a worker process ended before it was ready (${signal ?? `exit code ${code}`})`));
      });
    });
    log.logger.info({ worker: number, pid: worker.process.pid }, 'a worker has taken its place');
    worker.once('exit', (code, signal) => {
      if (this.#isStopping) return;
      log.logger.error({ worker: number, code, signal }, 'a worker ended; another one takes its place');
      if (performance.now() - startedAt > SOUND_MS) this.#pauseMs = PAUSE_MS_MIN;
      this.#refillLater();
    });
    return address;
  }

  /** Answers whether there is one to hear it. */
  tell(message: ToWorker): boolean {
    if (this.#worker?.isConnected() !== true) return false;
    this.#worker.send(message);
    return true;
  }

  /** Lets the worker finish what it is at; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    this.tell({ kind: 'stop' });
    await this.#ended;
  }

  #refillLater(): void {
    this.#timer = setTimeout(() => void this.#refill(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS_MAX);
  }

  async #refill(): Promise<void> {
    const { logger } = this.#options.log;
    try {
      await this.fill();
    } catch (error) {
      logger.error({ worker: this.#options.number, err: error }, 'a worker could not start; it is tried again');
      if (!this.#isStopping) this.#refillLater();
    }
  }
}

/** Passes whole lines on, as they come. */
function passLines(stream: Readable | null, log: Log): void {
  let rest = '';
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) log.pass(rest + text.slice(0, end));
    rest = end > 0 ? text.slice(end) : rest + text;
  });
  stream?.once('close', () => {
    if (rest !== '') log.pass(`${rest}\n`);
  });
}
