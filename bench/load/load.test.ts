import { once as event } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Connection } from './connection.ts';
import { drive, during, expectStatus, once } from './drive.ts';
import { requestBytes } from './request.ts';
import { readStream } from './stream.ts';

async function serve(listener: RequestListener): Promise<{ address: string } & AsyncDisposable> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await event(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await event(server, 'close');
    },
  };
}

const stop = { Connection: 'close' };

test('answers come back in order, each with its own body, however long', async () => {
  await using server = await serve((request, response) => {
    const body = request.url?.repeat(50_000) ?? '';
    response.setHeader('content-length', Buffer.byteLength(body)).end(body);
  });
  using connection = await Connection.open(server.address, { keepBodies: true });
  for (const path of ['/a', '/bc', '/d']) {
    const { status, body } = await connection.send(requestBytes({ path }));
    expect(status).toBe(200);
    expect(body.toString()).toBe(path.repeat(50_000));
  }
});

test('a request carries method, key, headers and body', async () => {
  await using server = await serve(async (request, response) => {
    const body = (await request.toArray()).join('');
    const { authorization, 'if-none-match': tag } = request.headers;
    const echo = JSON.stringify([request.method, request.url, authorization, tag, body]);
    response.setHeader('content-length', Buffer.byteLength(echo)).end(echo);
  });
  using connection = await Connection.open(server.address, { keepBodies: true });
  const headers = { 'If-None-Match': '"x"' };
  const request = requestBytes({ method: 'POST', path: '/p?q=1', key: 'rck_1', headers, body: '{"a":"é"}' });
  const { body } = await connection.send(request);
  expect(JSON.parse(body.toString())).toEqual(['POST', '/p?q=1', 'Bearer rck_1', '"x"', '{"a":"é"}']);
});

test('a server that hangs up fails the request that waits, and every later one', async () => {
  await using server = await serve((request) => void request.socket.destroy());
  using connection = await Connection.open(server.address);
  const request = requestBytes({ path: '/' });
  await expect(connection.send(request)).rejects.toThrow();
  await expect(connection.send(request)).rejects.toThrow();
});

test('every request is sent once, and so many at a time as there are connections', async () => {
  const seen: string[] = [];
  const sockets = new Set<unknown>();
  await using server = await serve((request, response) => {
    seen.push(request.url ?? '');
    sockets.add(request.socket);
    setTimeout(() => response.setHeader('content-length', 2).end('ok'), 2);
  });
  const paths = Array.from({ length: 30 }, (_, index) => `/${index}`);
  const next = once(paths.map((path) => requestBytes({ path })));
  const { requests } = await drive({ address: server.address, connections: 3, next, check: expectStatus(200) });
  expect(requests).toBe(30);
  expect(seen.toSorted()).toEqual(paths.toSorted());
  expect(sockets.size).toBe(3);
});

test('a load by time goes around its requests until the time is up', async () => {
  const seen: string[] = [];
  await using server = await serve((request, response) => {
    seen.push(request.url ?? '');
    response.setHeader('content-length', 2).end('ok');
  });
  const next = during(0.1, [requestBytes({ path: '/a' }), requestBytes({ path: '/b' })]);
  const { requests, seconds } = await drive({
    address: server.address,
    connections: 1,
    next,
    check: expectStatus(200),
  });
  expect(requests).toBeGreaterThan(0);
  expect(seen).toEqual(Array.from({ length: requests }, (_, index) => (index % 2 === 0 ? '/a' : '/b')));
  expect(seconds).toBeGreaterThanOrEqual(0.099);
});

test('a load of so many requests ends when its time is up', async () => {
  await using server = await serve((_request, response) => {
    setTimeout(() => response.setHeader('content-length', 2).end('ok'), 30);
  });
  const next = once(Array<Buffer>(1_000).fill(requestBytes({ path: '/' })), 0.1);
  const { requests } = await drive({ address: server.address, connections: 1, next, check: expectStatus(200) });
  expect(requests).toBeGreaterThan(0);
  expect(requests).toBeLessThanOrEqual(4);
});

test('an answer that was not expected ends the load and says what it was', async () => {
  await using server = await serve((_request, response) => {
    response.writeHead(401, { 'content-length': 9 }).end('which key');
  });
  const load = { address: server.address, connections: 2, next: once([requestBytes({ path: '/' })]) };
  await expect(drive({ ...load, check: expectStatus(200) })).rejects.toThrow('answered 401 instead of 200 which key');
});

test('a stream is read to its end and timed', async () => {
  await using server = await serve((_request, response) => {
    for (let piece = 0; piece < 40; piece++) response.write('x'.repeat(10_000));
    response.end();
  });
  const { bytes, firstByteMs, seconds } = await readStream(server.address, requestBytes({ path: '/', headers: stop }));
  expect(bytes).toBeGreaterThanOrEqual(400_000);
  expect(bytes).toBeLessThan(401_000);
  expect(firstByteMs).toBeLessThanOrEqual(seconds * 1_000);
});

test('a stream that breaks off is no result', async () => {
  await using server = await serve((request, response) => {
    response.write('x'.repeat(10_000), () => request.socket.destroy());
  });
  const reading = readStream(server.address, requestBytes({ path: '/', headers: stop }));
  await expect(reading).rejects.toThrow('broke off');
});

test('a refused stream is no result', async () => {
  await using server = await serve((_request, response) => {
    response.writeHead(401);
    response.write('no');
    response.end();
  });
  const reading = readStream(server.address, requestBytes({ path: '/', headers: stop }));
  await expect(reading).rejects.toThrow('status 401');
});
