import type { Completion, ListCompletionsQuery } from './api-types.ts';
import type { WithDates } from './dates.ts';
import { InvalidResponseError } from './errors.ts';
import { readJsonArray } from './json-array.ts';
import type { RequestOptions, StreamedAnswer, Transport } from './transport.ts';

export type CompletionsQuery = WithDates<ListCompletionsQuery>;

const FORMATS = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;

/** A list that is read as it streams, once. `timeoutMs` holds for each chunk, not for the whole. */
export class CompletionStream<Item> implements AsyncIterable<Item> {
  readonly #open: () => Promise<StreamedAnswer>;
  readonly #read: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Item>;
  #nextCursor: string | null = null;

  constructor(open: () => Promise<StreamedAnswer>, read: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Item>) {
    this.#open = open;
    this.#read = read;
  }

  /** For `changedSince` next time. Null until the list was read to its end, so that nothing can be missed. */
  get nextCursor(): string | null {
    return this.#nextCursor;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    this.#nextCursor = null;
    const { headers, chunks } = await this.#open();
    yield* this.#read(chunks);
    this.#nextCursor = headers.get('x-next-cursor');
  }
}

/** What came of the sessions. */
export class Completions {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * One record for each registered participant and session. Throws a ConnectionError (TruncatedError where the list ends
   * too early) if something of it is missing, never ends as if it were whole.
   */
  list(query: CompletionsQuery = {}, options?: RequestOptions): CompletionStream<Completion> {
    return new CompletionStream(() => this.#open(query, 'application/json', options), readJsonArray<Completion>);
  }

  /** The same as a file in bytes, as the server writes it. */
  download(
    format: 'csv' | 'ndjson',
    query: CompletionsQuery = {},
    options?: RequestOptions,
  ): CompletionStream<Uint8Array> {
    return new CompletionStream(
      () => this.#open(query, FORMATS[format], options),
      (chunks) => chunks,
    );
  }

  async #open(query: CompletionsQuery, accept: string, options: RequestOptions | undefined): Promise<StreamedAnswer> {
    const answer = await this.#transport.stream({ operation: 'listCompletions', query, headers: { accept } }, options);
    const type = answer.headers.get('content-type') ?? 'nothing';
    if (type.startsWith(accept)) return answer;
    await answer.cancel();
    throw new InvalidResponseError(`The answer is ${type}, not ${accept}: is this the address of a Rollcall server?`);
  }
}
