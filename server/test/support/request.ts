import { type Agent, request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';

export interface RequestOptions {
  /** GET unless said otherwise. */
  readonly method?: string;
  /** Sent as `Authorization: Bearer KEY`. */
  readonly key?: string;
  /** Undefined leaves one out that would be sent by itself. */
  readonly headers?: OutgoingHttpHeaders;
  /** Text and bytes go out as they are, anything else as JSON; `Content-Type` is JSON unless `headers` say otherwise. */
  readonly body?: unknown;
  readonly agent?: Agent;
}

/** An answer as it came over the wire: nothing decoded, nothing followed, so that tests see what clients are sent. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON. */
  json<T>(): T;
}

/** Sends a request by Node's plain client; rejects where the connection breaks before the answer is whole. */
export function sendRequest(url: string, options: RequestOptions = {}): Promise<Reply> {
  const { method = 'GET', key, agent } = options;
  const body = encodeBody(options.body);
  const headers = {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
    ...options.headers,
  };
  const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers: sent, ...(agent && { agent }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve(makeReply(response.statusCode ?? 0, response.headers, Buffer.concat(chunks))));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function encodeBody(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body as string);
  return Buffer.from(JSON.stringify(body));
}

/** An answer from its parts. */
export function makeReply(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Reply {
  const text = bytes.toString();
  return { status, headers, bytes, text, json: <T>() => JSON.parse(text) as T };
}
