import type { Operation } from '@rollcall/contract/operation.ts';
import type { Static, TObject, TSchema } from 'typebox';
import type { Metrics } from '../metrics.ts';
import type { Account } from '../store/api-keys.ts';
import type { Database } from '../store/database.ts';

/** What every door is given when it is put together. */
export interface DoorContext {
  readonly database: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Address under which the outside reaches us, without a slash at the end. */
  readonly publicUrl: () => string;
  readonly metrics: Metrics;
}

/** The parameters that hold a date-time: on the wire text, to handlers epoch milliseconds. */
type TimeParameter = 'from' | 'to' | 'updatedSince';

type Values<S> = { readonly [Name in keyof S]: Name extends TimeParameter ? number : S[Name] };

/** Query values by name: integers and booleans as such, date-times as epoch milliseconds, the rest as text. */
export type QueryOf<O> = O extends { readonly query: infer Q extends TObject }
  ? Values<Static<Q>>
  : Record<never, never>;
/** A JSON body by its schema, any other as text. */
export type BodyOf<O> = O extends { readonly body: infer B extends TSchema }
  ? Static<B>
  : O extends { readonly textBody: object }
    ? string
    : undefined;
/** Path parameters by name: UUIDs in lower case. */
export type ParamsOf<O> = O extends { readonly params: infer P extends TObject } ? Static<P> : Record<never, never>;

/** A request that has passed authentication and validation. */
export interface Call<O = Operation> extends DoorContext {
  /** By the organization's clock, which is the server's unless it is a test organization. Epoch milliseconds. */
  readonly now: () => number;
  /** By the server's clock. Epoch milliseconds. */
  readonly serverNow: () => number;
  readonly account: Account;
  readonly params: ParamsOf<O>;
  readonly query: QueryOf<O>;
  readonly body: BodyOf<O>;
  /** Path and query as sent. */
  readonly url: string;
  /** The body as sent, for digests. */
  readonly bytes: Buffer | undefined;
  readonly header: (name: string) => string | undefined;
}

export interface Answer {
  /** 200 unless said otherwise. */
  readonly status?: number;
  readonly contentType: string;
  /** What the ETag is made of: changes exactly when the body does. Absent where an answer has none. */
  readonly version?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Asked for only when the body is really sent. */
  readonly body: () => Promise<string | Uint8Array | StreamedBody>;
}

export interface StreamedBody {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Headers that are known only once the reading has begun. */
  readonly headers: Readonly<Record<string, string>>;
  /** Called once, however the stream ends, also when it was never read. */
  readonly close: () => Promise<void>;
}

export type Handler<O> = (call: Call<O>) => Promise<Answer>;
