import { TimeoutError } from './errors.ts';

/** Ends one attempt when the caller's signal is aborted, or when nothing came for too long. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timeoutMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(outer: AbortSignal | undefined, timeoutMs: number) {
    this.#outer = outer;
    this.#timeoutMs = timeoutMs;
    if (outer?.aborted) this.#controller.abort(outer.reason);
    else outer?.addEventListener('abort', this.#abort, { once: true });
    this.extend();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something came: the time begins anew. */
  extend(): void {
    this.pause();
    this.#timer = setTimeout(() => {
      this.#controller.abort(new TimeoutError(`The server was silent for ${this.#timeoutMs} ms.`));
    }, this.#timeoutMs);
  }

  /** It is not the server that is being waited for. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.pause();
    this.#outer?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = () => this.#controller.abort(this.#outer?.reason);
}
