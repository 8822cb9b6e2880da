import type { Operation } from '@rollcall/contract/operation.ts';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { clockOf } from '../actions/clock.ts';
import type { Account } from '../store/api-keys.ts';
import { sendAnswer } from './answer.ts';
import { authenticate, requireScope } from './authenticate.ts';
import { bodyReader, readTextBody, requireMediaType, requirePlainUtf8 } from './body.ts';
import type { Call, DoorContext, Handler } from './context.ts';
import { readParams, routePath } from './params.ts';
import { readQuery } from './query.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the request's key is known. */
    account: Account | null;
  }
}

/** Called with each authenticated request, before anything else is done for it. */
export type Admission = (account: Account) => void;

/**
 * Makes the route of one operation: authenticate -> validate -> act -> answer, the same for all. The key is judged
 * before the body is read, so that strangers cannot make us read megabytes.
 */
export function addOperation<O extends Operation>(
  app: FastifyInstance,
  context: DoorContext & { readonly admit: Admission },
  operation: O,
  handler: Handler<O>,
): void {
  const readBody = bodyReaderOf(operation);
  const textTypes = Object.keys(operation.textBody ?? {});
  const route: RouteOptions = {
    method: operation.method === 'GET' ? ['GET', 'HEAD'] : operation.method,
    url: routePath(operation.path),
    ...(operation.bodyBytesMax !== undefined && { bodyLimit: operation.bodyBytesMax }),
    onRequest: async (request) => {
      request.account = await authenticate(request, context);
      requireScope(request.account, operation.scope);
      context.admit(request.account);
      if (textTypes.length > 0) requireMediaType(request.headers, textTypes);
    },
    handler: async (request, reply) => {
      const bytes = request.body as Buffer | undefined;
      if (readBody) requirePlainUtf8(request.headers);
      const account = request.account as Account;
      const call = {
        database: context.database,
        now: clockOf(account, context.now),
        serverNow: context.now,
        publicUrl: context.publicUrl,
        metrics: context.metrics,
        account,
        params: readParams(operation.params, request.params),
        query: readQuery(operation.query, request.raw.url ?? ''),
        body: readBody?.(bytes),
        url: request.raw.url ?? '',
        bytes,
        header: (name: string) => singleHeader(request, name),
      } as unknown as Call<O>;
      return sendAnswer(request, reply, await handler(call));
    },
  };
  if (textTypes.length === 0) return void app.route(route);
  // In a scope of its own: nowhere else is a body of these types read.
  app.register((scope, _options, done) => {
    scope.addContentTypeParser(textTypes, { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    scope.route(route);
    done();
  });
}

function bodyReaderOf({ body, textBody }: Operation): ((bytes: Buffer | undefined) => unknown) | undefined {
  if (body) return bodyReader(body);
  return textBody && readTextBody;
}

function singleHeader(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
