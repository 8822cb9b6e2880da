import type { FastifyRequest } from 'fastify';
import type { JsonObject } from '../domain/scim/json.ts';
import type { Account } from '../store/api-keys.ts';
import type { Database } from '../store/database.ts';

/** What the door is given when it is put together. */
export interface ScimContext {
  readonly database: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Address under which the outside reaches us, without a slash at the end. */
  readonly publicUrl: () => string;
  /** The account of a request whose key may use SCIM; refuses others, and those who ask too often. */
  readonly authenticate: (request: FastifyRequest) => Promise<Account>;
}

/** A request whose key is known, or one operation of a bulk. */
export interface ScimCall {
  readonly database: Database;
  /** By the organization's clock. Epoch milliseconds. */
  readonly now: () => number;
  readonly account: Account;
  /** Address of the door, without a slash at the end. */
  readonly base: string;
  /** The resource that the path names, '' where it names none. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** What was sent, an empty object where nothing was. */
  readonly body: JsonObject;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export interface ScimAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text; absent where there is nothing to say. */
  readonly body?: string;
}

export type ScimHandler = (call: ScimCall) => Promise<ScimAnswer>;
