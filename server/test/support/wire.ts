import { connect, type Socket } from 'node:net';
import type { Reply } from './request.ts';

/** A request as bytes, so that tests can send what no client library would. */
export interface WireRequest {
  readonly method: string;
  /** Head and body, framed so that the server can tell where they end. */
  readonly bytes: Buffer;
}

/** Longer than anything may take, also on a busy machine. */
const ANSWER_MS_MAX = 30_000;

/**
 * A plain HTTP/1.1 client over kept connections. Rejects where a connection breaks before the answer is whole, where
 * the server says more than one answer, where it says nothing, and where it closes a connection that it promised to keep.
 */
export class WireClient implements Disposable {
  readonly #port: number;
  readonly #connectionsMax: number;
  readonly #idle: Socket[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(address: string, { connections }: { connections: number }) {
    this.#port = Number(new URL(address).port);
    this.#connectionsMax = connections;
  }

  async send(request: WireRequest): Promise<Reply> {
    if (this.#busy >= this.#connectionsMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy++;
    try {
      const socket = this.#idle.pop() ?? connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
      if (socket.destroyed) throw new Error('a kept connection was closed without a word');
      const reply = await exchange(socket, request);
      if (staysOpen(request, reply)) this.#idle.push(socket);
      else socket.destroy();
      return reply;
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy--;
    }
  }

  [Symbol.dispose](): void {
    for (const socket of this.#idle) socket.destroy();
  }
}

/**
 * Whether the connection serves for another request. Not after HEAD, since what could not be parsed is answered with a
 * body all the same. Not after an Upgrade that was ignored: Node's parser then says nothing of a broken request until
 * the time for headers is over.
 */
function staysOpen({ method, bytes }: WireRequest, { headers }: Reply): boolean {
  if (method === 'HEAD' || /\nupgrade:/i.test(bytes.toString('latin1', 0, 65_536))) return false;
  return headers.connection !== undefined && headers.connection !== 'close';
}

function exchange(socket: Socket, { method, bytes }: WireRequest): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const settle = (error: Error | null, reply?: Reply) => {
      clearTimeout(timer);
      socket.removeAllListeners('data').removeAllListeners('error').removeAllListeners('close');
      // A kept connection that the server closes while it is idle is no concern of anyone.
      socket.on('error', () => {});
      if (reply) resolve(reply);
      else {
        socket.destroy();
        reject(error);
      }
    };
    const look = (ended: boolean) => {
      const answer = parseAnswer(received, { isHead: method === 'HEAD', ended });
      if (answer === null && ended) settle(new Error(`the connection closed after: ${received.toString('latin1')}`));
      else if (answer instanceof Error) settle(answer);
      else if (answer) settle(null, answer);
    };
    const timer = setTimeout(() => settle(new Error(`no whole answer in ${ANSWER_MS_MAX} ms`)), ANSWER_MS_MAX);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      look(false);
    });
    // An error is always followed by a close: what came before it may be a whole answer.
    socket.on('error', () => {});
    socket.on('close', () => look(true));
    socket.write(bytes);
  });
}

/** Null while the answer is not whole; an Error where it is none. */
function parseAnswer(received: Buffer, { isHead, ended }: { isHead: boolean; ended: boolean }): Reply | Error | null {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [start = '', ...lines] = received.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1]);
  if (!status) return new Error(`this is no answer: ${start}`);
  const rest = received.subarray(end + 4);
  if (status < 200) return parseAnswer(rest, { isHead, ended });
  const headers = parseHeaders(lines);
  const bodiless = isHead || status === 304 || status === 204;
  const body = bodiless ? { bytes: Buffer.alloc(0), length: 0 } : parseBody(rest, headers, ended);
  if (!body) return null;
  if (rest.length > body.length && !isHead) return new Error(`more than one answer: ${received.toString('latin1')}`);
  const text = body.bytes.toString();
  return { status, headers, bytes: body.bytes, text, json: <T>() => JSON.parse(text) as T };
}

function parseHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

/** The body and how many bytes it took on the wire; null while it is not whole. */
function parseBody(rest: Buffer, headers: Record<string, string>, ended: boolean) {
  if (headers['transfer-encoding'] === 'chunked') return parseChunks(rest);
  if (headers['content-length'] === undefined) return ended ? { bytes: rest, length: rest.length } : null;
  const length = Number(headers['content-length']);
  return rest.length < length ? null : { bytes: rest.subarray(0, length), length };
}

function parseChunks(rest: Buffer): { bytes: Buffer; length: number } | null {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(rest.toString('latin1', at, lineEnd), 16);
    const from = lineEnd + 2;
    const next = from + size + 2;
    if (rest.length < next) return null;
    if (size === 0) return { bytes: Buffer.concat(chunks), length: next };
    chunks.push(rest.subarray(from, from + size));
    at = next;
  }
}
