import { operations } from './api-types.ts';
import { Deadline } from './deadline.ts';
import { apiError, ConnectionError, InvalidResponseError, RollcallError } from './errors.ts';
import { pauseBefore, type RetryPolicy, wait } from './retry.ts';

type OperationId = keyof typeof operations;

/** What every method takes. */
export interface RequestOptions {
  /** Ends the work; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Instead of the client's. */
  readonly timeoutMs?: number | undefined;
}

export interface ApiRequest {
  readonly operation: OperationId;
  readonly params?: Readonly<Record<string, string>>;
  /** Members that are undefined are left out; a Date is written as the contract wants it. */
  readonly query?: object;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** False where doing it twice is not the same as once. */
  readonly isRepeatable?: boolean;
}

export interface TransportSettings {
  readonly url: string;
  readonly key: string;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly fetch: typeof globalThis.fetch;
  readonly userAgent: string;
}

/** An answer that is read as it comes. */
export interface StreamedAnswer {
  readonly headers: Headers;
  /** Ends the request when it is left early. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends the request unread. */
  cancel(): Promise<void>;
}

/** Sends requests: with the key, a time limit, and again where that helps. */
export class Transport {
  /** Private, so that no log of a client shows the key. */
  readonly #settings: TransportSettings;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
  }

  /** The answer's body, which must be JSON. */
  json<Body>(request: ApiRequest, options: RequestOptions = {}): Promise<Body> {
    return this.#retried(request, options, async (deadline) => {
      try {
        const response = await this.#send(request, deadline);
        const text = await readText(response, deadline);
        return parseJson(text) as Body;
      } finally {
        deadline.end();
      }
    });
  }

  /** The answer's body as it comes. Tried again until it begins, not once something of it was handed on. */
  async stream(request: ApiRequest, options: RequestOptions = {}): Promise<StreamedAnswer> {
    return this.#retried(request, options, async (deadline) => {
      try {
        const response = await this.#send(request, deadline);
        // The reader may take its time before it begins.
        deadline.pause();
        const cancel = async () => {
          deadline.end();
          await response.body?.cancel();
        };
        return { headers: response.headers, chunks: chunksOf(response, deadline), cancel };
      } catch (error) {
        deadline.end();
        throw error;
      }
    });
  }

  async #retried<T>(request: ApiRequest, options: RequestOptions, attempt: (deadline: Deadline) => Promise<T>) {
    const { retry, timeoutMs } = this.#settings;
    const { signal } = options;
    for (let count = 0; ; count++) {
      signal?.throwIfAborted();
      try {
        return await attempt(new Deadline(signal, options.timeoutMs ?? timeoutMs));
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        const pauseMs = pauseBefore(error, count, retry, request.isRepeatable ?? true, Math.random());
        if (pauseMs === null) throw error;
        await wait(pauseMs, signal);
      }
    }
  }

  /** Answers only where the answer is a success. */
  async #send({ operation, params, query, body, headers }: ApiRequest, deadline: Deadline): Promise<Response> {
    const { url, key, userAgent } = this.#settings;
    const { method, path } = operations[operation];
    // Called bare: a browser's fetch refuses to be anybody's method.
    const { fetch } = this.#settings;
    const response = await fetch(url + filled(path, params) + search(query), {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        'user-agent': userAgent,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: deadline.signal,
      // A redirected batch would arrive as a GET, or the key at another host.
      redirect: 'manual',
    }).catch((error) => {
      throw networkError(error, deadline);
    });
    deadline.extend();
    if (response.ok) return response;
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel();
      throw new InvalidResponseError('The address redirects to another one: give the client that one as url.');
    }
    throw apiError(response.status, tryJson(await readText(response, deadline)), response.headers);
  }
}

async function readText(response: Response, deadline: Deadline): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunksOf(response, deadline)) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** The time limit holds between two chunks, not while the reader is at work on one. */
async function* chunksOf(response: Response, deadline: Deadline): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  try {
    while (reader) {
      deadline.extend();
      const { done, value } = await reader.read().catch((error) => {
        throw networkError(error, deadline);
      });
      deadline.pause();
      if (done) return;
      yield value;
    }
  } finally {
    deadline.end();
    // Has no effect on a stream that is at its end.
    await reader?.cancel().catch(() => undefined);
  }
}

/** The reason of a time limit or of the caller where one ended the request; else the network's own. */
function networkError(error: unknown, { signal }: Deadline): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof RollcallError) return error;
  return new ConnectionError(`The connection failed: ${reasonOf(error)}`, { cause: error });
}

/** Node's fetch says "fetch failed" and hides the reason in `cause`. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: unknown; cause?: { code?: unknown; message?: unknown } };
  return [message, cause?.code ?? cause?.message].filter((part) => part !== undefined).join(', ');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidResponseError('The answer is no JSON: is this the address of a Rollcall server?', { cause });
  }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function filled(path: string, params: Readonly<Record<string, string>> = {}): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

function search(query: object = {}): string {
  const parameters = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : String(value)]);
  return parameters.length === 0 ? '' : `?${new URLSearchParams(parameters)}`;
}
