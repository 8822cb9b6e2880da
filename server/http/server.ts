import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from '@rollcall/contract/limits.ts';
import fastify, { type ConnectionError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { invalid, Refusal } from '../domain/refusal.ts';
import type { Metrics } from '../metrics.ts';
import { type ErrorAnswer, errorAnswer, toErrorAnswer } from './errors.ts';
import { RouteTable } from './routes.ts';

/** A request must be complete within this time, its headers sooner (slowloris). */
const REQUEST_MS_MAX = 30_000;
const HEADERS_MS_MAX = 10_000;
/** A connection on which nothing moves is closed, so that stalled readers give their snapshot back. */
const IDLE_MS_MAX = 60_000;
const KEEP_ALIVE_MS = 65_000;

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the error that it was answered with, for the log. */
    errorCode: string | null;
  }
}

export interface ServerOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Whose `X-Forwarded-For` is believed: nobody's, that of so many proxies, or that of these networks. */
  readonly trustProxy: false | number | readonly string[];
}

/**
 * No route gives fastify a schema: requests are read by the contract's. Naming compilers of our own keeps it from
 * loading its own, a hundred modules of the start.
 */
function noCompiler(): never {
  throw new Error('a route has a schema of fastify, which nothing here compiles');
}

/** The HTTP server with all that is common to every route: limits, request ids, envelopes of errors, log and metrics. */
export function createServer({ logger, metrics, trustProxy }: ServerOptions): FastifyInstance {
  const app = fastify({
    trustProxy: proxyTrust(trustProxy),
    logger: false,
    genReqId: requestIds(),
    requestIdHeader: false,
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: REQUEST_MS_MAX,
    connectionTimeout: IDLE_MS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // A request without Host is refused by us, in the envelope; Node would answer it with nothing.
    http: { headersTimeout: HEADERS_MS_MAX, connectionsCheckingInterval: 1_000, requireHostHeader: false },
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    // What is on its way when we stop is answered too, in our envelope.
    return503OnClosing: false,
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    routerOptions: { querystringParser: () => ({}) },
    // No hook runs for these: they are noted here.
    frameworkErrors: (error, request, reply) => {
      sendError(error, request, reply);
      record(request, reply, logger, metrics);
    },
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, logger),
  });
  const routes = new RouteTable();
  routes.watch(app);
  app.decorateRequest('account', null);
  app.decorateRequest('errorCode', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  // With a callback, as the others that wait for nothing: a promise for each of them is a tenth of a short answer.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
    // An address that is nothing is nothing whatever body comes with it: told here already.
    done(oddHeaders(request) ?? (request.is404 ? notFound(routes, request) : undefined));
  });
  app.addHook('onResponse', (request, reply, done) => {
    record(request, reply, logger, metrics);
    done();
  });
  closeConnectionsOnStop(app);
  app.setErrorHandler((error, request, reply) => {
    if (!(error instanceof Refusal) && !isClientError(error))
      logger.error({ err: error, requestId: request.id }, 'error');
    return sendError(error, request, reply);
  });
  // For routes that find nothing at an address of theirs; an address without a route does not come so far.
  app.setNotFoundHandler((request, reply) => sendError(notFound(routes, request), request, reply));
  // What Node would answer with an empty body: expectations other than 100-continue are ignored (RFC 9110, section 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.server.on('connect', (_request, socket: Socket) => refuseTunnel(socket, logger));
  return app;
}

/** When we stop, a connection ends with the answer that runs on it: kept alive, it would hold the stop up. */
function closeConnectionsOnStop(app: FastifyInstance): void {
  let isStopping = false;
  app.addHook('preClose', async () => {
    isStopping = true;
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isStopping) reply.header('connection', 'close');
    done(null, payload);
  });
  app.addHook('onResponse', (request, _reply, done) => {
    if (isStopping) request.raw.socket.end();
    done();
  });
}

function proxyTrust(
  trusted: ServerOptions['trustProxy'],
): false | string[] | ((address: string, hop: number) => boolean) {
  if (typeof trusted === 'number') return (_address, hop) => hop < trusted;
  return trusted === false ? false : [...trusted];
}

function isClientError(error: unknown): boolean {
  return toErrorAnswer(error, '', limits.bodyBytesMax).status < 500;
}

/**
 * What is wrong with a request without Host, with two of them (RFC 9112, section 3.2), or with two different Authorization headers:
 * Node drops the second, which may be the one that another server on the way has gone by.
 */
function oddHeaders({ headers, raw }: FastifyRequest): Refusal | undefined {
  if (headers.host === undefined && raw.httpVersion === '1.1') {
    return invalid([{ header: 'Host', message: 'is missing; HTTP/1.1 demands it' }]);
  }
  const { rawHeaders } = raw;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const { length } = rawHeaders[at] as string;
    if (length !== 4 && length !== 13) continue;
    const name = (rawHeaders[at] as string).toLowerCase();
    if (name === 'host' && ++hosts > 1) return invalid([{ header: 'Host', message: 'is there twice; send one' }]);
    if (name === 'authorization' && rawHeaders[at + 1] !== headers.authorization) {
      return invalid([{ header: 'Authorization', message: 'is there twice, with different values; send one' }]);
    }
  }
  return undefined;
}

/** Headers that belong to the answer that was not to be, where the fault came after they were set. */
const HEADERS_OF_SUCCESS = ['content-encoding', 'etag', 'link', 'vary', 'x-next-cursor'];

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { bodyLimit = limits.bodyBytesMax } = request.routeOptions;
  const { status, headers, body } = toErrorAnswer(error, request.id, bodyLimit);
  request.errorCode = body.error.metadata.code;
  for (const name of HEADERS_OF_SUCCESS) reply.removeHeader(name);
  return reply
    .code(status)
    .headers({ ...headers, 'x-request-id': request.id, 'cache-control': 'no-store' })
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
}

/** 405 with Allow where the path answers other methods only, else 404. */
function notFound(routes: RouteTable, request: FastifyRequest): Refusal {
  const path = request.url.split('?', 1)[0] ?? '';
  const allowed = routes.methodsAt(path);
  if (allowed.length === 0 || allowed.includes(request.method)) {
    const docs = path.startsWith('/manage/') ? '/manage/docs' : '/docs';
    return new Refusal('not_found', `There is nothing at this address. The operations are listed at ${docs}.`);
  }
  const allow = allowed.join(', ');
  return new Refusal('method_not_allowed', `This address does not answer ${request.method}, only ${allow}.`, { allow });
}

/** One line and one observation a request; the path without its query, which may hold people's addresses. */
function record(request: FastifyRequest, reply: FastifyReply, logger: Logger, metrics: Metrics): void {
  const { method } = request;
  const route = request.routeOptions.url ?? 'none';
  const status = reply.statusCode;
  metrics.requestSeconds.observe({ route, method, status }, reply.elapsedTime / 1_000);
  logger.info(
    {
      requestId: request.id,
      method,
      route,
      status,
      code: request.errorCode ?? undefined,
      ms: Math.round(reply.elapsedTime * 1_000) / 1_000,
      organization: request.account?.organization,
      key: request.account?.keyId,
    },
    'request',
  );
}

/** Unique over restarts, short, and made without asking for random bytes each time. */
function requestIds(): () => string {
  const start = Date.now().toString(36);
  let count = 0;
  return () => `req_${start}${(count++).toString(36).padStart(6, '0')}`;
}

/** What never became a request (broken HTTP, headers too long, too slow) is answered in the envelope too. */
function answerBrokenRequest(error: Pick<ConnectionError, 'code'>, socket: Socket, logger: Logger): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { status, body } = brokenRequest(error.code);
  const { code, requestId } = body.error.metadata;
  logger.info({ requestId, route: 'none', status, code, fault: error.code }, 'request');
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nX-Request-Id: ${requestId}\r\nConnection: close\r\n\r\n${text}`,
  );
}

/** How long a client may take to hang up that asked for a tunnel. */
const HANG_UP_MS_MAX = 5_000;

/** Node hands over the whole connection with CONNECT and looks after it no more: it has to be read to its end, or cut off. */
function refuseTunnel(socket: Socket, logger: Logger): void {
  socket.on('error', () => socket.destroy()).setTimeout(HANG_UP_MS_MAX, () => socket.destroy());
  socket.resume();
  answerBrokenRequest({ code: 'CONNECT' }, socket, logger);
}

const brokenRequestIds = requestIds();

function brokenRequest(code: string): ErrorAnswer {
  const id = brokenRequestIds();
  if (code === 'HPE_HEADER_OVERFLOW')
    return errorAnswer('headers_too_large', 'The headers are longer than 16 KiB.', id);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return errorAnswer('request_timeout', 'The request took too long to arrive.', id);
  if (code === 'CONNECT')
    return errorAnswer('invalid_request', 'This server is no proxy: it does not answer CONNECT.', id);
  return errorAnswer('invalid_request', 'This is not a valid HTTP/1.1 request.', id);
}
