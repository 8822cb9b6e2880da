import type { Operation } from '@rollcall/contract/operation.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Account } from '../store/api-keys.ts';
import { sendAnswer } from './answer.ts';
import { authenticate, requireScope } from './authenticate.ts';
import { bodyReader, requirePlainUtf8 } from './body.ts';
import type { Call, DoorContext, Handler } from './context.ts';
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
  const readBody = operation.body ? bodyReader(operation.body) : undefined;
  app.route({
    method: operation.method === 'GET' ? ['GET', 'HEAD'] : operation.method,
    url: operation.path,
    onRequest: async (request) => {
      request.account = await authenticate(request, context);
      requireScope(request.account, operation.scope);
      context.admit(request.account);
    },
    handler: async (request, reply) => {
      const bytes = request.body as Buffer | undefined;
      if (readBody) requirePlainUtf8(request.headers);
      const call = {
        database: context.database,
        now: context.now,
        publicUrl: context.publicUrl,
        metrics: context.metrics,
        account: request.account as Account,
        query: readQuery(operation.query, request.raw.url ?? ''),
        body: readBody?.(bytes),
        url: request.raw.url ?? '',
        bytes,
        header: (name: string) => singleHeader(request, name),
      } as unknown as Call<O>;
      return sendAnswer(request, reply, await handler(call));
    },
  });
}

function singleHeader(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
