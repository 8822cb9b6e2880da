import type { ErrorBody, Issue } from './api-types.ts';

/** What all errors of this package are. What an AbortSignal ends rejects with the signal's own reason instead. */
export class RollcallError extends Error {
  override name = 'RollcallError';
}

/** The server could not be reached, or the connection broke. */
export class ConnectionError extends RollcallError {
  override name = 'ConnectionError';
}

/** The server did not answer, or fell silent, for longer than `timeoutMs`. */
export class TimeoutError extends ConnectionError {
  override name = 'TimeoutError';
}

/** A list ended before its end: what was read of it is not the whole. */
export class TruncatedError extends ConnectionError {
  override name = 'TruncatedError';
}

/** The answer is not what a Rollcall server says: something else is at this address, or on the way. */
export class InvalidResponseError extends RollcallError {
  override name = 'InvalidResponseError';
}

/** The plan of a sync run changed while its items were being read: begin again. */
export class PlanChangedError extends RollcallError {
  override name = 'PlanChangedError';
}

/** A webhook was not signed with the secret, or not lately. */
export class WebhookVerificationError extends RollcallError {
  override name = 'WebhookVerificationError';
}

/** What an ApiError is made of. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly metadata: ErrorBody['error']['metadata'];
  readonly retryAfter?: number;
}

/** The server refused the request. Decide on `code`; for one that you do not know, on the class or `status`. */
export class ApiError extends RollcallError {
  override name = 'ApiError';
  /** HTTP status. */
  readonly status: number;
  /** Stable word for the kind of error, such as `invalid_request`. */
  readonly code: string;
  /** Names the request in the server's log: quote it when you ask for help. Empty where something else answered. */
  readonly requestId: string;
  /** Every fault of the request. */
  readonly issues: readonly Issue[];
  /** Seconds that the server asks to wait before the next attempt. */
  readonly retryAfter: number | undefined;
  /** All facts about the error, also those of some codes only. */
  readonly metadata: ErrorBody['error']['metadata'];

  constructor({ status, message, metadata, retryAfter }: Refusal) {
    super(messageOf(message, metadata.issues));
    this.status = status;
    this.code = metadata.code;
    this.requestId = metadata.requestId;
    this.issues = metadata.issues ?? [];
    this.retryAfter = retryAfter;
    this.metadata = metadata;
  }
}

/** 400, 413, 415, 422: the request is wrong; `issues` says where. */
export class InvalidRequestError extends ApiError {
  override name = 'InvalidRequestError';
}

/** 401: no such key, or it expired. */
export class AuthenticationError extends ApiError {
  override name = 'AuthenticationError';
}

/** 403: the key lacks the scope. */
export class PermissionError extends ApiError {
  override name = 'PermissionError';
}

/** 404: nothing there, or nothing that this key may see. */
export class NotFoundError extends ApiError {
  override name = 'NotFoundError';
}

/** 409: the request contradicts the present state. */
export class ConflictError extends ApiError {
  override name = 'ConflictError';
}

/** 429: too many requests, also after all retries. */
export class RateLimitError extends ApiError {
  override name = 'RateLimitError';
}

/** 5xx: a fault of the server, also after all retries. */
export class ServerError extends ApiError {
  override name = 'ServerError';
}

const CLASSES: Readonly<Record<number, typeof ApiError>> = {
  400: InvalidRequestError,
  401: AuthenticationError,
  403: PermissionError,
  404: NotFoundError,
  409: ConflictError,
  413: InvalidRequestError,
  415: InvalidRequestError,
  422: InvalidRequestError,
  429: RateLimitError,
};

/** The error that the answer stands for; a body of something else, such as a proxy's page, is not looked into. */
export function apiError(status: number, body: unknown, headers: Headers): ApiError {
  const retryAfter = retryAfterSeconds(headers.get('retry-after'), Date.now());
  const error = (body as Partial<ErrorBody> | null)?.error;
  const ours = typeof error?.message === 'string' && typeof error.metadata?.code === 'string';
  const Class = CLASSES[status] ?? (status >= 500 ? ServerError : ApiError);
  return new Class({
    status,
    message: ours ? error.message : `The answer has status ${status} and is not Rollcall's.`,
    metadata: ours ? error.metadata : { code: `http_${status}`, requestId: headers.get('x-request-id') ?? '' },
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

/** Retry-After in seconds, also where it is a date (RFC 9110, section 10.2.3); undefined where there is none. */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

function messageOf(message: string, issues: readonly Issue[] = []): string {
  if (issues.length === 0) return message;
  const shown = issues.slice(0, 3).map((issue) => `${placeOf(issue)} ${issue.message}`);
  const more = issues.length > 3 ? `; and ${issues.length - 3} more` : '';
  return `${message} (${shown.join('; ')}${more})`;
}

function placeOf({ pointer, parameter, header }: Issue): string {
  return pointer ?? parameter ?? header ?? '';
}
