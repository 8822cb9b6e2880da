import { type ErrorCode, errorCatalog } from '@rollcall/contract/errors.ts';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../domain/refusal.ts';
import { StorageBusyError, StorageFullError } from '../store/dialect.ts';
import type { PagesContext } from './context.ts';
import { sendNotice } from './notice.ts';
import type { SentPage } from './send.ts';

interface Words {
  readonly heading: string;
  readonly text: string;
}

/** What a page says of an error; a refusal's own message, which is written for people, takes the place of the text. */
const WORDS: Partial<Record<ErrorCode, Words>> = {
  not_found: { heading: 'Nothing here', text: 'This address leads nowhere. Check that you have copied all of it.' },
  rate_limited: { heading: 'One moment, please', text: 'That was a lot at once. Wait a minute, then try again.' },
  unavailable: { heading: 'One moment, please', text: 'The service is busy. Nothing was changed; try again shortly.' },
  insufficient_storage: {
    heading: 'Not now',
    text: 'The service cannot take anything in at the moment. Try again later.',
  },
  method_not_allowed: { heading: 'Nothing here', text: 'This address cannot be used in this way.' },
  payload_too_large: { heading: 'Too long', text: 'What was sent is longer than this page can take.' },
  conflict: { heading: 'Not possible now', text: 'Something has changed meanwhile. Load the page again.' },
  internal: { heading: 'Something went wrong', text: 'It is our fault, and it has been noted. Try again in a while.' },
};

const BAD_REQUEST: Words = {
  heading: 'Not understood',
  text: 'The page was asked for in a way that it does not know.',
};

/** What fastify says of a request. */
const FRAMEWORK_ERRORS: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
};

function codeOf(error: unknown): ErrorCode {
  if (error instanceof Refusal) return error.code;
  if (error instanceof StorageBusyError) return 'unavailable';
  if (error instanceof StorageFullError) return 'insufficient_storage';
  const { code = '', statusCode = 500 } = error as Partial<FastifyError>;
  const known = FRAMEWORK_ERRORS[code];
  if (known) return known;
  return statusCode < 500 ? 'invalid_request' : 'internal';
}

/** Where a page may be framed, and its scripts. */
export type ErrorPageNeeds = Pick<SentPage, 'framedBy' | 'scripts'>;

/** Answers an error with a page in the same style as all others; what is not the visitor's doing is logged. */
export function sendErrorPage(
  context: PagesContext,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  needs: ErrorPageNeeds = {},
): FastifyReply {
  const code = codeOf(error);
  const { status } = errorCatalog[code];
  if (status >= 500) context.logger.error({ err: error, requestId: request.id }, 'error');
  if (code === 'rate_limited' || code === 'unavailable') reply.header('retry-after', retryAfter(error));
  const { heading, text } = WORDS[code] ?? BAD_REQUEST;
  return sendNotice(context, request, reply, {
    ...needs,
    status,
    heading,
    text: error instanceof Refusal ? error.message : text,
  });
}

function retryAfter(error: unknown): string {
  return String((error instanceof Refusal && error.details.retryAfter) || 30);
}
