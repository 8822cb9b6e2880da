import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clockOf } from '../actions/clock.ts';
import { Refusal } from '../domain/refusal.ts';
import { JsonObject } from '../domain/scim/json.ts';
import { ScimRefusal, shown } from '../domain/scim/refusal.ts';
import { readBody } from './body.ts';
import { bulk, type Dispatch } from './bulk.ts';
import type { ScimAnswer, ScimCall, ScimContext, ScimHandler } from './context.ts';
import { getResourceType, getSchema, getServiceProviderConfig, listResourceTypes, listSchemas } from './discovery.ts';
import { scimError } from './errors.ts';
import { createGroup, deleteGroup, getGroup, listGroups, patchGroup, replaceGroup } from './groups.ts';
import { BODY_BYTES_MAX } from './limits.ts';
import { searched } from './search.ts';
import { createUser, deleteUser, getUser, listUsers, patchUser, replaceUser } from './users.ts';

const PREFIX = '/scim/v2';
const CONTENT_TYPE = 'application/scim+json; charset=utf-8';
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

type Method = (typeof METHODS)[number];
type Routes = Readonly<Record<string, Partial<Record<Method, ScimHandler>>>>;

/** What can be changed, alone or in a bulk. */
const resources: Routes = {
  '/Users': { GET: listUsers, POST: createUser },
  '/Users/:id': { GET: getUser, PUT: replaceUser, PATCH: patchUser, DELETE: deleteUser },
  '/Groups': { GET: listGroups, POST: createGroup },
  '/Groups/:id': { GET: getGroup, PUT: replaceGroup, PATCH: patchGroup, DELETE: deleteGroup },
};

const notSupported = (what: string): ScimHandler => {
  return async () => {
    throw new ScimRefusal('notSupported', `${what} is not supported here.`);
  };
};

const dispatch: Dispatch = async (method, path, call) => {
  const [, list = '', id, ...rest] = path.split('/');
  const route = resources[id === undefined ? `/${list}` : `/${list}/:id`];
  const handler = rest.length === 0 && id !== '' ? route?.[method as Method] : undefined;
  if (!handler || method === 'GET') {
    throw new ScimRefusal('notFound', `There is nothing at ${shown(path)} that takes ${method}.`);
  }
  return handler({ ...call, id: id ?? '' });
};

const routes: Routes = {
  ...resources,
  '/Users/.search': { POST: searched(listUsers) },
  '/Groups/.search': { POST: searched(listGroups) },
  '/.search': { POST: notSupported('A search over all kinds of resources') },
  '/Me': Object.fromEntries(METHODS.map((method) => [method, notSupported('/Me')])),
  '/Bulk': { POST: bulk(dispatch) },
  '/ServiceProviderConfig': { GET: getServiceProviderConfig },
  '/ResourceTypes': { GET: listResourceTypes },
  '/ResourceTypes/:id': { GET: getResourceType },
  '/Schemas': { GET: listSchemas },
  '/Schemas/:id': { GET: getSchema },
};

/**
 * The door for identity providers (SCIM 2.0, RFC 7643 and 7644). All of it, unknown addresses included, asks for a key
 * first and answers errors in SCIM's own form.
 */
export function addScim(app: FastifyInstance, context: ScimContext): void {
  app.register((scope, _options, done) => {
    scope.addContentTypeParser('application/scim+json', { parseAs: 'buffer' }, (_request, body, parsed) =>
      parsed(null, body),
    );
    scope.setErrorHandler((error, request, reply) => sendError(error, request, reply));
    scope.addHook('onRequest', async (request) => {
      request.account = await context.authenticate(request);
    });
    for (const [path, handlers] of Object.entries(routes)) {
      for (const [method, handler] of Object.entries(handlers)) {
        scope.route({
          method,
          url: PREFIX + path,
          bodyLimit: BODY_BYTES_MAX,
          handler: async (request, reply) => send(reply, await handler(callOf(request, context))),
        });
      }
      const others = METHODS.filter((method) => !handlers[method]);
      if (others.length > 0) scope.route({ method: others, url: PREFIX + path, handler: refuseMethod(handlers) });
    }
    scope.all(`${PREFIX}/*`, async () => {
      throw new ScimRefusal('notFound', 'There is nothing at this address.');
    });
    done();
  });
}

function refuseMethod(handlers: Readonly<Record<string, unknown>>) {
  const allow = Object.keys(handlers).join(', ');
  return async (request: FastifyRequest) => {
    const detail = `This address does not answer ${request.method}, only ${allow}.`;
    throw new Refusal('method_not_allowed', detail, { allow });
  };
}

function callOf(request: FastifyRequest, context: ScimContext): ScimCall {
  const { account, headers, params, raw } = request;
  if (!account) throw new Error('a request came this far without an account');
  const search = (raw.url ?? '').split('?').slice(1).join('?');
  return {
    database: context.database,
    now: clockOf(account, context.now),
    account,
    base: context.publicUrl() + PREFIX,
    id: (params as { id?: string }).id ?? '',
    query: new URLSearchParams(search),
    body: request.body === undefined ? new JsonObject({}) : readBody(request.body as Buffer, headers),
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
  };
}

function send(reply: FastifyReply, { status, headers = {}, body }: ScimAnswer): FastifyReply {
  reply.code(status).headers({ 'cache-control': 'no-store', ...headers });
  return body === undefined ? reply.send() : reply.header('content-type', CONTENT_TYPE).send(body);
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, code, headers, body } = scimError(error);
  request.errorCode = code;
  return reply
    .code(status)
    .headers({ 'cache-control': 'no-store', ...headers })
    .header('content-type', CONTENT_TYPE)
    .send(JSON.stringify(body));
}
