import { type TSchema, Type } from 'typebox';
import { limits } from './limits.ts';
import { sampleRequestId } from './samples.ts';

interface Header {
  readonly description: string;
  readonly schema: TSchema;
  readonly example: string | number | boolean;
}

/** Headers that an operation may take besides the key. Both are optional on every operation that names them. */
export const requestHeaders = {
  /** draft-ietf-httpapi-idempotency-key-header */
  'Idempotency-Key': {
    description: `A value of your own making that is unique to this request, such as a UUID. A request that repeats it is not carried out again: it waits for the first one if need be, and gets its answer once more, with \`Idempotency-Replayed: true\`. The same key with another body, other parameters or on another operation is refused with 422. Only successful answers are kept, for ${limits.idempotencyKeyHours} hours, and none of a dry run. 1 to ${limits.idempotencyKeyCharactersMax} visible ASCII characters.`,
    schema: Type.String({ minLength: 1, maxLength: limits.idempotencyKeyCharactersMax, pattern: '^[!-~]+$' }),
    example: '7560928c-5cb5-474e-be65-07a7cef3249f',
  },
  /** RFC 9110, section 13.1.2 */
  'If-None-Match': {
    description:
      'One or more entity tags from `ETag` headers of earlier answers to the same URL, separated by commas. While one of them still holds, the answer is 304 without a body.',
    schema: Type.String(),
    example: '"2hXk0m6Zb8cQ1vTnF4yLr7sWgEo"',
  },
} as const satisfies Record<string, Header>;

export type RequestHeader = keyof typeof requestHeaders;

/** Headers of answers. */
export const responseHeaders = {
  'X-Request-Id': {
    description:
      'Names this request in the server’s log. Every answer has it; quote it when you ask for help. In errors it is the same as `metadata.requestId`.',
    schema: Type.String(),
    example: sampleRequestId,
  },
  /** RFC 9110, section 8.8.3 */
  ETag: {
    description:
      'Strong entity tag of this answer: as long as it is the same, so is the answer. Send it back in `If-None-Match`.',
    schema: Type.String(),
    example: '"2hXk0m6Zb8cQ1vTnF4yLr7sWgEo"',
  },
  /** RFC 8288 */
  Link: {
    description:
      'URLs of other pages, with all other parameters kept: relations `first` and `last`, and `prev` and `next` where there are such pages.',
    schema: Type.String(),
    example:
      '<https://rollcall.example.com/v1/users?page=0>; rel="first", <https://rollcall.example.com/v1/users?page=1>; rel="next", <https://rollcall.example.com/v1/users?page=4>; rel="last"',
  },
  'X-Next-Cursor': {
    description:
      'Opaque cursor for `changedSince`: marks the state that this answer shows. Store it once the body has arrived whole.',
    schema: Type.String(),
    example: 'MS40LjE4NDI3',
  },
  'Idempotency-Replayed': {
    description:
      '`true` where this is the kept answer to an earlier request with the same `Idempotency-Key`; else absent.',
    schema: Type.Boolean(),
    example: true,
  },
  /** RFC 9110, section 10.2.2 */
  Location: {
    description: 'Absolute URL of what was made.',
    schema: Type.String({ format: 'uri' }),
    example: 'https://rollcall.example.com/manage/v1/modules/269e82f6-a181-4db5-8346-d1e85c2a3165',
  },
  /** RFC 6266 */
  'Content-Disposition': {
    description: 'Suggests a name for the file.',
    schema: Type.String(),
    example: 'attachment; filename="giving-feedback-that-lands.yaml"',
  },
  /** RFC 9110, section 10.2.3 */
  'Retry-After': {
    description: 'Whole seconds to wait before the next attempt.',
    schema: Type.Integer({ minimum: 0 }),
    example: 2,
  },
  /** RFC 9110, section 11.6.1: a 401 must name the way in. */
  'WWW-Authenticate': {
    description: 'The authentication scheme to use: `Bearer`.',
    schema: Type.String(),
    example: 'Bearer realm="Rollcall"',
  },
  /** RFC 9110, section 10.2.1 */
  Allow: {
    description: 'The methods that the path does answer.',
    schema: Type.String(),
    example: 'POST',
  },
} as const satisfies Record<string, Header>;

export type ResponseHeader = keyof typeof responseHeaders;
