import type { ResponseHeader } from './headers.ts';
import { limits } from './limits.ts';

/** What one error code means: its HTTP status, a short name, and what to do about it. */
export interface ErrorEntry {
  readonly status: number;
  readonly title: string;
  /** Markdown: first the cause, then the remedy. */
  readonly description: string;
  /** A message such as the error body carries: for a person, may change at any time. */
  readonly sampleMessage: string;
  /** Headers that come with this error, besides `X-Request-Id`. */
  readonly headers?: readonly ResponseHeader[];
}

/**
 * Every error of the API: the stable word in `metadata.code` -> what it means (contract: Errors). A code is never
 * renamed nor given another status; new codes may be added.
 */
export const errorCatalog = {
  invalid_request: {
    status: 400,
    title: 'Invalid request',
    description:
      'A parameter, a header or the body is not as this reference says: wrong type, out of range, unknown, repeated, or not JSON. Nothing was written. `metadata.issues` lists every fault with its place; mend them all and send the request again.',
    sampleMessage: 'Query parameter "to": must be later than "from"',
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized',
    description:
      'No API key came with the request, or it is mistyped, unknown, expired or revoked, or two headers carry different keys. Send a valid key as `Authorization: Bearer KEY`; where it was revoked, create a new one.',
    sampleMessage:
      'This operation needs a server API key. Send it as "Authorization: Bearer rck_…" or as "X-API-Key: rck_…".',
    headers: ['WWW-Authenticate'],
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    description:
      'The key is valid, but it lacks the scope that this operation needs, or its organization is not of the kind that may do this (only test organizations have a clock). The message says which; use a key that has the scope, or one of such an organization.',
    sampleMessage: 'The server API key lacks the scope "users:write". Make a key that has it.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    description:
      'There is nothing at this address, or nothing that your organization may see: the two are not told apart. Check path and ids.',
    sampleMessage: 'There is nothing at this address.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    description: 'The path exists but does not answer this method. The `Allow` header lists those that it does.',
    sampleMessage: 'This path does not answer DELETE.',
    headers: ['Allow'],
  },
  conflict: {
    status: 409,
    title: 'Conflict',
    description:
      'The request contradicts the present state of what it would change. Nothing was written. Look at the present state, then send a request that fits it.',
    sampleMessage: 'This contradicts the present state. Look at it again, then send a request that fits.',
  },
  sync_run_open: {
    status: 409,
    title: 'Another sync run is open',
    description:
      'The organization has a sync run that is still open, and two never interleave. `metadata.runId`, `label` and `updatedAt` say which: go on with it, or cancel it and open yours.',
    sampleMessage:
      'The sync run 0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11 is still open. Go on with it, or cancel it first.',
  },
  sync_run_closed: {
    status: 409,
    title: 'The sync run is over',
    description:
      'The sync run is no longer in a state that allows this; `metadata.state` says which it is in. Nothing was written. Open a new run to synchronize again.',
    sampleMessage: 'This sync run is cancelled: nothing can be added to it. Open a new one.',
  },
  plan_changed: {
    status: 409,
    title: 'The plan has changed',
    description:
      'Since the plan with this digest was read, users, settings or the rows of the run have changed, so that other things would happen now. Nothing was written. Read the plan again, then commit with its digest (`metadata.digest`).',
    sampleMessage: 'The plan is not the one that was confirmed. Read it again, then commit with its digest.',
  },
  deactivation_threshold_exceeded: {
    status: 409,
    title: 'Too many deactivations',
    description:
      'The sync run would deactivate more people than the organization lets pass unseen; `metadata.threshold` has the figures. Nothing was written. Look whether the roster is whole. Where it is, commit with the digest of the plan as `confirmDeactivations`.',
    sampleMessage:
      'This run would deactivate 120 of 400 active users whom a sync brought in; more than 10 % and 10 people need a confirmation.',
  },
  request_timeout: {
    status: 408,
    title: 'Request timeout',
    description: 'The request did not arrive whole within the time that this server gives it. Send it again, faster.',
    sampleMessage: 'The request took too long to arrive.',
  },
  payload_too_large: {
    status: 413,
    title: 'Payload too large',
    description: `The body is larger than ${limits.bodyBytesMax / 1_048_576} MiB, or than the operation says. Nothing was written. Send less at once.`,
    sampleMessage: 'The body is larger than this operation takes. Send less in one request.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    description:
      'The body is not declared as the operation takes it. Send JSON in UTF-8 with `Content-Type: application/json`, unless the operation names other types, and without a `Content-Encoding`.',
    sampleMessage: 'The body must be JSON: send "Content-Type: application/json".',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency key reused',
    description:
      'This `Idempotency-Key` was used before with another body, other parameters or on another operation. Nothing was written. Use a new key for each new request, and the old one only to repeat the same request.',
    sampleMessage: 'This Idempotency-Key was used for another request. Use a new key for each new request.',
  },
  headers_too_large: {
    status: 431,
    title: 'Headers too large',
    description: 'The headers of the request are longer than 16 KiB in all. Send fewer or shorter ones.',
    sampleMessage: 'The headers are longer than 16 KiB.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    description:
      'Requests came faster than this server lets one client send them. Wait as many seconds as the `Retry-After` header says, then go on more slowly.',
    sampleMessage: 'Too many requests. Try again in 2 seconds.',
    headers: ['Retry-After'],
  },
  internal: {
    status: 500,
    title: 'Internal error',
    description:
      'A fault of the server. A batch that was answered this way was not written. Try again; if it stays, hand the `requestId` to whoever runs this server.',
    sampleMessage: 'Something went wrong on our side. Quote the request id when you ask for help.',
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    description:
      'The server is starting, stopping or too busy to take this request on. Nothing was written. Wait as many seconds as the `Retry-After` header says, then send it again.',
    sampleMessage: 'The server is stopping. Try again in 2 seconds.',
    headers: ['Retry-After'],
  },
  insufficient_storage: {
    status: 507,
    title: 'Insufficient storage',
    description:
      'The server has no room left to store the change. Nothing was written; reading still works. Whoever runs this server must free disk space; then send the request again.',
    sampleMessage: 'There is no room left to store this. Reading still works.',
  },
} as const satisfies Record<string, ErrorEntry>;

/** The stable word in `metadata.code`. */
export type ErrorCode = keyof typeof errorCatalog;

/** The catalogue as a table in Markdown, for the introduction of an API: each code with its cause. */
export const errorTable = [
  '| `code` | Status | Meaning |',
  '| --- | --- | --- |',
  ...Object.entries(errorCatalog).map(
    ([code, { status, description }]) => `| \`${code}\` | ${status} | ${causeIn(description)} |`,
  ),
].join('\n');

/** The first sentence. */
function causeIn(description: string): string {
  return description.slice(0, description.indexOf('. ') + 1);
}
