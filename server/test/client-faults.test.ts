import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  ApiError,
  ConnectionError,
  InvalidResponseError,
  RateLimitError,
  Rollcall,
  type RollcallOptions,
  ServerError,
  TimeoutError,
  TruncatedError,
} from '@rollcall/client';
import { describe, expect, test } from 'vitest';

const KEY = 'rck_000000000000000000000000000000000000';

interface Met {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (response: ServerResponse, met: Met) => void;

/** A server that answers each request by the next of these, then by the last of them. */
async function startFlakyServer(answers: readonly Answer[]) {
  const met: Met[] = [];
  const listener: RequestListener = async (request, response) => {
    const { method = '', url = '', headers } = request;
    const body = await text(request).catch(() => '');
    met.push({ method, url, headers, body });
    const answer = answers[Math.min(met.length, answers.length) - 1];
    answer?.(response, met.at(-1) as Met);
  };
  const server = createServer((request, response) => void listener(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    met,
    client: (options: Partial<RollcallOptions> = {}) =>
      new Rollcall({ url: address, key: KEY, retries: 3, retryDelayMs: 1, ...options }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

const refusal = (status: number, code: string, headers = {}) =>
  json(status, { success: false, error: { message: 'No.', metadata: { code, requestId: 'r1' } }, data: null }, headers);

const clusters = json(200, { success: true, data: { items: [], total: 0 } });
const cutOff: Answer = (response) => response.destroy();
const silent: Answer = () => {};

/** Takes every item of a batch. */
const accepting: Answer = (response, { body }) => {
  const { users } = JSON.parse(body);
  json(200, { success: true, data: { success: users, failed: [] }, error: null })(response, {} as Met);
};

/** A list of completions that begins, then goes on as said. */
const beginning =
  (rest: Answer): Answer =>
  (response, met) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'x-next-cursor': 'c1' });
    response.write('[{"id":"1"},{"id":"2"},', () => rest(response, met));
  };

describe('a request is tried again', () => {
  test('after a broken connection, a 500 and a 503, until it succeeds', async () => {
    await using server = await startFlakyServer([
      cutOff,
      refusal(500, 'internal'),
      refusal(503, 'unavailable'),
      clusters,
    ]);
    expect(await server.client().clusters.list()).toEqual([]);
    expect(server.met).toHaveLength(4);
  });

  test('with the same Idempotency-Key and body, and another key for each batch', async () => {
    await using server = await startFlakyServer([
      cutOff,
      refusal(429, 'rate_limited', { 'retry-after': '0' }),
      accepting,
    ]);
    const users = [{ remoteId: 'E1' }, { remoteId: 'E2' }];
    await server.client().users.upsert(users, { batchSize: 1, concurrency: 1 });
    const keys = server.met.map(({ headers, body }) => [
      headers['idempotency-key'],
      JSON.parse(body).users[0].remoteId,
    ]);
    const [[first]] = keys as [[string]];
    const other = keys[3]?.[0];
    expect(keys).toEqual([
      [first, 'E1'],
      [first, 'E1'],
      [first, 'E1'],
      [other, 'E2'],
    ]);
    expect(other).not.toBe(first);
  });

  test('as often as said, then the last error is thrown', async () => {
    await using server = await startFlakyServer([refusal(503, 'unavailable', { 'retry-after': '0' })]);
    const error = await server
      .client({ retries: 2 })
      .clusters.list()
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ status: 503, code: 'unavailable', requestId: 'r1', retryAfter: 0 });
    expect(server.met).toHaveLength(3);
  });

  test('not where the server asks to wait for long: the error says how long', async () => {
    await using server = await startFlakyServer([refusal(429, 'rate_limited', { 'retry-after': '3600' })]);
    const error = await server
      .client()
      .clusters.list()
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error.retryAfter).toBe(3600);
    expect(server.met).toHaveLength(1);
  });

  test('not where it was refused', async () => {
    await using server = await startFlakyServer([refusal(409, 'conflict')]);
    await expect(server.client().clusters.list()).rejects.toBeInstanceOf(ApiError);
    expect(server.met).toHaveLength(1);
  });

  test('not where opening a sync run may have succeeded', async () => {
    await using server = await startFlakyServer([cutOff]);
    await expect(server.client().syncRuns.create()).rejects.toBeInstanceOf(ConnectionError);
    expect(server.met).toHaveLength(1);
  });
});

describe('a list of completions that does not come whole', () => {
  test.each<[string, Answer, typeof ConnectionError, number?]>([
    ['ends where an array does not', beginning((response) => response.end()), TruncatedError],
    ['breaks off', beginning((response) => response.destroy()), ConnectionError],
    ['falls silent', beginning(silent), TimeoutError, 2_000],
  ])('throws where it %s, after what came, and has no cursor', async (_, answer, Class, timeoutMs = 30_000) => {
    await using server = await startFlakyServer([answer]);
    const list = server.client({ timeoutMs }).completions.list();
    const met: string[] = [];
    const reading = (async () => {
      for await (const { id } of list) met.push(id);
    })();
    await expect(reading).rejects.toBeInstanceOf(Class);
    expect(met).toEqual(['1', '2']);
    expect(list.nextCursor).toBeNull();
    expect(server.met).toHaveLength(1);
  });

  test('is asked for again where it did not begin', async () => {
    const whole: Answer = beginning((response) => response.end('{"id":"3"}]'));
    await using server = await startFlakyServer([cutOff, refusal(500, 'internal'), whole]);
    expect(await Array.fromAsync(server.client().completions.list())).toHaveLength(3);
  });
});

describe('the caller’s signal', () => {
  test('ends a request that waits for an answer', async () => {
    const stop = new AbortController();
    await using server = await startFlakyServer([() => stop.abort(new Error('enough'))]);
    await expect(server.client().clusters.list({}, { signal: stop.signal })).rejects.toThrow('enough');
    expect(server.met).toHaveLength(1);
  });

  test('ends the pause before a retry', async () => {
    const stop = new AbortController();
    const answer = refusal(503, 'unavailable', { 'retry-after': '100' });
    await using server = await startFlakyServer([
      (response, met) => {
        answer(response, met);
        response.once('finish', () => setImmediate(() => stop.abort(new Error('enough'))));
      },
    ]);
    await expect(server.client().clusters.list({}, { signal: stop.signal })).rejects.toThrow('enough');
  });

  test('ends a stream in the middle', async () => {
    const stop = new AbortController();
    await using server = await startFlakyServer([beginning(silent)]);
    const reading = (async () => {
      for await (const _ of server.client().completions.list({}, { signal: stop.signal }))
        stop.abort(new Error('enough'));
    })();
    await expect(reading).rejects.toThrow('enough');
  });

  test('ends an upsert: what is under way breaks off, nothing further begins', async () => {
    const stop = new AbortController();
    await using server = await startFlakyServer([() => stop.abort(new Error('enough'))]);
    const users = Array.from({ length: 1_000 }, (_, index) => ({ remoteId: `E${index}` }));
    await expect(server.client().users.upsert(users, { signal: stop.signal })).rejects.toThrow('enough');
    expect(server.met.length).toBeLessThanOrEqual(3);
  });

  test('that was aborted before sends nothing', async () => {
    await using server = await startFlakyServer([clusters]);
    const signal = AbortSignal.abort(new Error('never'));
    await expect(server.client().clusters.list({}, { signal })).rejects.toThrow('never');
    expect(server.met).toEqual([]);
  });
});

test('an upsert stops at the first batch that cannot be carried out', async () => {
  await using server = await startFlakyServer([accepting, refusal(401, 'unauthorized')]);
  const users = Array.from({ length: 10 }, (_, index) => ({ remoteId: `E${index}` }));
  const done: number[] = [];
  const upserting = server.client().users.upsert(users, {
    batchSize: 1,
    concurrency: 1,
    onProgress: (progress) => done.push(progress.done),
  });
  await expect(upserting).rejects.toMatchObject({ name: 'AuthenticationError', status: 401 });
  expect(done).toEqual([1]);
  expect(server.met).toHaveLength(2);
});

test('a request that is not answered in time is an error of its own', async () => {
  await using server = await startFlakyServer([silent]);
  const listing = server.client({ timeoutMs: 100, retries: 0 }).clusters.list();
  await expect(listing).rejects.toBeInstanceOf(TimeoutError);
});

test.each<[string, Answer]>([
  ['another page', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Hello')],
  ['a redirection', (response) => response.writeHead(302, { location: '/elsewhere' }).end()],
])('%s is not taken for an answer', async (_, answer) => {
  await using server = await startFlakyServer([answer]);
  await expect(server.client().clusters.list()).rejects.toBeInstanceOf(InvalidResponseError);
  await expect(Array.fromAsync(server.client().completions.list())).rejects.toBeInstanceOf(InvalidResponseError);
  expect(server.met).toHaveLength(2);
});

test('an error page of a proxy is an ApiError with its status', async () => {
  await using server = await startFlakyServer([
    (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway'),
  ]);
  const error = await server
    .client({ retries: 0 })
    .clusters.list()
    .catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ServerError);
  expect(error).toMatchObject({ status: 502, code: 'http_502', requestId: '', issues: [] });
});

test('an answer that leaves out an item of a batch is not taken for a success', async () => {
  await using server = await startFlakyServer([json(200, { success: true, data: { success: [], failed: [] } })]);
  await expect(server.client().users.upsert([{ remoteId: 'E1' }])).rejects.toBeInstanceOf(InvalidResponseError);
});

test('no server at all is a ConnectionError that names the reason, never the key', async () => {
  const server = await startFlakyServer([clusters]);
  const rollcall = server.client({ retries: 1 });
  await server[Symbol.asyncDispose]();
  const error = await rollcall.clusters.list().catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error.message).toContain('ECONNREFUSED');
  expect(error.stack).not.toContain(KEY);
});

test('the server is told who asks, and the fetch that was given is used', async () => {
  await using server = await startFlakyServer([clusters]);
  let calls = 0;
  const rollcall = server.client({
    userAgent: 'nightly/1.0',
    fetch: (...received) => {
      calls++;
      return fetch(...received);
    },
  });
  await rollcall.clusters.list();
  expect(calls).toBe(1);
  expect(server.met[0]?.headers).toMatchObject({
    authorization: `Bearer ${KEY}`,
    'user-agent': expect.stringMatching(/^nightly\/1\.0 rollcall-client\/\d/),
  });
});

test.each<[string, Partial<RollcallOptions>, RegExp]>([
  ['an address that is none', { url: 'rollcall' }, /^url /],
  ['an address of another kind', { url: 'ftp://rollcall.example.com' }, /^url /],
  ['a password in the address', { url: `https://user:${KEY}@rollcall.example.com` }, /^url /],
  ['a key with a line end', { key: `${KEY}\n` }, /^key /],
  ['no key', { key: undefined as never }, /^key /],
  ['a time limit of nothing', { timeoutMs: 0 }, /^timeoutMs /],
  ['half a retry', { retries: 0.5 }, /^retries /],
])('%s is refused at once, by name, without showing the key', (_, options, message) => {
  const create = () => new Rollcall({ url: 'https://rollcall.example.com', key: KEY, ...options });
  expect(create).toThrow(message);
  expect(create).not.toThrow(KEY);
});

test.each([{ concurrency: 0 }, { batchSize: 201 }, { batchSize: 1.5 }])('%o is refused by name', async (options) => {
  const rollcall = new Rollcall({ url: 'https://rollcall.example.com', key: KEY });
  await expect(rollcall.users.upsert([], options)).rejects.toThrow(Object.keys(options)[0] as string);
});
