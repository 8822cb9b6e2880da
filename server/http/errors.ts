import { type ErrorCode, errorCatalog } from '@rollcall/contract/errors.ts';
import type { ErrorBody } from '@rollcall/contract/shapes.ts';
import type { FastifyError } from 'fastify';
import { Refusal } from '../domain/refusal.ts';
import { StorageBusyError, StorageFullError } from '../store/dialect.ts';

/** An error as it goes out: status, headers and the contract's envelope. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
}

/** The envelope of the contract for a code (contract: Errors). */
export function errorAnswer(
  code: ErrorCode,
  message: string,
  requestId: string,
  details: Readonly<Record<string, unknown>> = {},
): ErrorAnswer {
  const { status } = errorCatalog[code];
  return {
    status,
    headers: errorHeaders(code, details),
    body: { success: false, error: { message, metadata: { code, requestId, ...details } }, data: null },
  };
}

function errorHeaders(code: ErrorCode, details: Readonly<Record<string, unknown>>): Record<string, string> {
  if (code === 'unauthorized') return CHALLENGE;
  if (code === 'rate_limited') return { 'retry-after': String(details.retryAfter ?? 1) };
  if (code === 'unavailable') return { 'retry-after': '5' };
  if (code === 'method_not_allowed') return { allow: String(details.allow) };
  return {};
}

const CHALLENGE = { 'www-authenticate': 'Bearer realm="Rollcall"' };

/** What fastify and Node's parser say about a request, in the contract's words. */
const FRAMEWORK_ERRORS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported_media_type',
    'The body must be JSON. Send "Content-Type: application/json".',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'invalid_request',
    'The body is not as long as Content-Length says. Send it again.',
  ],
  FST_ERR_BAD_URL: ['invalid_request', 'The path is not valid percent-encoded UTF-8.'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'There is nothing at this address. The operations are listed at /docs.'],
  ECONNRESET: ['invalid_request', 'The connection was closed before the request was complete.'],
};

const MEBIBYTE = 1_048_576;

/** `1 MiB`, or `512 KiB` where it is less. */
function sizeText(bytes: number): string {
  return bytes < MEBIBYTE ? `${Math.floor(bytes / 1_024)} KiB` : `${bytes / MEBIBYTE} MiB`;
}

/**
 * The one place where errors become answers; what is not the caller's doing is `internal` and says no more than that.
 * `bodyBytesMax` is the longest body that the request's operation takes.
 */
export function toErrorAnswer(error: unknown, requestId: string, bodyBytesMax: number): ErrorAnswer {
  if (error instanceof Refusal) return errorAnswer(error.code, error.message, requestId, error.details);
  if (error instanceof StorageBusyError) {
    return errorAnswer('unavailable', error.publicText, requestId);
  }
  if (error instanceof StorageFullError) {
    return errorAnswer('insufficient_storage', 'The disk is full. Nothing was written; try again later.', requestId);
  }
  const { code = '' } = error as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const message = `The body is larger than ${sizeText(bodyBytesMax)}, the most that is taken here. Send less in one request.`;
    return errorAnswer('payload_too_large', message, requestId);
  }
  const known = FRAMEWORK_ERRORS[code];
  if (known) return errorAnswer(known[0], known[1], requestId);
  return errorAnswer(
    'internal',
    'Something went wrong on our side. Quote the request id when you report it.',
    requestId,
  );
}
