import { errorCatalog } from '@rollcall/contract/errors.ts';
import { Refusal } from '../domain/refusal.ts';
import { type ScimFault, ScimRefusal } from '../domain/scim/refusal.ts';
import { StorageBusyError, StorageFullError } from '../store/dialect.ts';
import { BODY_BYTES_MAX } from './limits.ts';

/** An error as SCIM says it (RFC 7644, section 3.12). */
export interface ScimErrorAnswer {
  readonly status: number;
  /** The word for the log. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

const STATUSES: Readonly<Record<ScimFault, number>> = {
  invalidFilter: 400,
  invalidPath: 400,
  invalidSyntax: 400,
  invalidValue: 400,
  mutability: 400,
  noTarget: 400,
  tooMany: 400,
  uniqueness: 409,
  circular: 409,
  forbidden: 403,
  notFound: 404,
  notSupported: 501,
  tooLarge: 413,
  versionMismatch: 412,
};

/** Those that are told by their status alone. */
const WITHOUT_TYPE: ReadonlySet<ScimFault> = new Set([
  'circular',
  'forbidden',
  'notFound',
  'notSupported',
  'tooLarge',
  'versionMismatch',
]);

/** The one place where errors become answers of this door; what is not the caller's doing is 500 and says no more. */
export function scimError(error: unknown): ScimErrorAnswer {
  if (error instanceof ScimRefusal) {
    const type = WITHOUT_TYPE.has(error.fault) ? undefined : error.fault;
    return answer(STATUSES[error.fault], error.fault, error.message, type);
  }
  if (error instanceof Refusal) {
    return answer(errorCatalog[error.code].status, error.code, error.message, undefined, headersOf(error));
  }
  if (error instanceof StorageBusyError) {
    return answer(503, 'unavailable', error.publicText, undefined, LATER);
  }
  if (error instanceof StorageFullError) {
    return answer(507, 'insufficient_storage', 'The disk is full. Nothing was written; try again later.');
  }
  const known = FRAMEWORK_ERRORS[(error as { code?: string }).code ?? ''];
  if (known) return answer(...known);
  return answer(500, 'internal', 'Something went wrong on our side. Quote the X-Request-Id when you report it.');
}

const LATER = { 'retry-after': '5' };

const FRAMEWORK_ERRORS: Readonly<
  Record<string, readonly [status: number, code: string, detail: string, type?: string]>
> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    413,
    'tooLarge',
    `The body is larger than ${BODY_BYTES_MAX} bytes (maxPayloadSize). Send less in one request.`,
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    'unsupported_media_type',
    'The body must be JSON. Send "Content-Type: application/scim+json".',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    400,
    'invalidSyntax',
    'The body is not as long as Content-Length says. Send it again.',
    'invalidSyntax',
  ],
  ECONNRESET: [400, 'invalidSyntax', 'The connection was closed before the request was complete.', 'invalidSyntax'],
};

function headersOf({ code, details }: Refusal): Record<string, string> {
  if (code === 'unauthorized') return { 'www-authenticate': 'Bearer realm="Rollcall"' };
  if (code === 'rate_limited') return { 'retry-after': String(details.retryAfter ?? 1) };
  if (code === 'unavailable') return LATER;
  if (code === 'method_not_allowed') return { allow: String(details.allow) };
  return {};
}

function answer(
  status: number,
  code: string,
  detail: string,
  scimType?: string,
  headers: Readonly<Record<string, string>> = {},
): ScimErrorAnswer {
  const body = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    ...(scimType !== undefined && { scimType }),
    detail,
  };
  return { status, code, headers, body };
}
