import type { TObject, TSchema } from 'typebox';
import type { ErrorCode } from './errors.ts';
import type { RequestHeader, ResponseHeader } from './headers.ts';
import type { Scope } from './scopes.ts';
import type { ErrorBody } from './shapes.ts';

/** A sample of a body, checked against its schema by a test. A text format's value is the text. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

export type Examples = Readonly<Record<string, Example>>;

/** One media type of an answer. */
export interface Content {
  readonly schema: TSchema;
  readonly examples: Examples;
}

/** One answer that is no error. */
export interface Answer {
  readonly description: string;
  /** Besides `X-Request-Id`, which every answer has. */
  readonly headers?: readonly ResponseHeader[];
  /** Media type -> body; the first is the default. Absent where the answer has no body. */
  readonly content?: Readonly<Record<string, Content>>;
}

/**
 * One operation of an API: all that the server needs to make its pipeline (authenticate, validate, act, answer), and
 * all that a reader of the OpenAPI document needs to know.
 */
export interface Operation {
  /** In camel case, unique: the `operationId`, and the name of the method in clients. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With a parameter as a segment in braces: `/manage/v1/modules/{moduleId}`. */
  readonly path: string;
  /** The scope that the key must have. */
  readonly scope: Scope;
  readonly tag: string;
  readonly summary: string;
  /** Markdown. */
  readonly description: string;
  /**
   * One property a path parameter, each a UUID unless it has a `pattern`. A value that is none names nothing, as much as
   * one that nobody has: both are `not_found`.
   */
  readonly params?: TObject;
  /** One property a parameter, each a string, an integer or a boolean. Parameters not named here are refused. */
  readonly query?: TObject;
  /** The JSON body; an operation that has one demands it. */
  readonly body?: TSchema;
  readonly bodyExamples?: Examples;
  /** Media type -> a body that is text and no JSON, handed on as it was sent. Instead of `body`. */
  readonly textBody?: Readonly<Record<string, Content>>;
  /** Where the body must be smaller than others. */
  readonly bodyBytesMax?: number;
  /** What the body is, in a sentence. */
  readonly bodyDescription?: string;
  readonly requestHeaders?: readonly RequestHeader[];
  /** Status -> answer. An operation that makes something answers 201 with a `Location`. */
  readonly responses: Readonly<Record<number, Answer>>;
  /** Every error that the operation itself can give; 405, and 404 without a parameter, belong to what is no operation. */
  readonly errors: readonly ErrorCode[];
  /** Samples that show more than the catalogue's own. */
  readonly errorExamples?: { readonly [Code in ErrorCode]?: Readonly<Record<string, Example & { value: ErrorBody }>> };
}

/** One API: what an OpenAPI document is made from. */
export interface ApiDescription {
  readonly title: string;
  readonly version: string;
  readonly summary: string;
  /** Markdown. */
  readonly description: string;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly operations: readonly Operation[];
}

/** Checks an operation and keeps its exact types, so that `Static<typeof listUsers.query>` is the handler's input. */
export function defineOperation<const O extends Operation>(operation: O): O {
  return operation;
}

/** Errors that any operation can give, so that each names only its own. */
export const commonErrors = [
  'invalid_request',
  'unauthorized',
  'forbidden',
  'rate_limited',
  'internal',
  'unavailable',
] as const satisfies readonly ErrorCode[];
