import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { expectError } from './support/errors.ts';
import { connectRaw, sendRaw } from './support/raw.ts';
import { startTestServer } from './support/test-server.ts';
import { readPage } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const close = 'Host: x\r\nConnection: close\r\n';

describe('what is not HTTP', () => {
  test.each([
    ['a word', 'GARBAGE\r\n\r\n'],
    ['a version of HTTP to come', `GET /v1/users HTTP/9.9\r\n${close}\r\n`],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['the hello of TLS', Buffer.from('16030100a5010000a10303', 'hex')],
    ['a request without Host', 'GET /v1/users HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two Hosts', `GET /v1/users HTTP/1.1\r\n${close}Host: y\r\n\r\n`],
    ['the same Host twice', `GET /v1/users HTTP/1.1\r\n${close}Host: x\r\n\r\n`],
    [
      'two different keys',
      `GET /v1/users HTTP/1.1\r\n${close}Authorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n`,
    ],
    ['a space before the colon of a header', `GET /v1/users HTTP/1.1\r\n${close}X-API-Key : k\r\n\r\n`],
    ['a header without a colon', `GET /v1/users HTTP/1.1\r\n${close}nonsense\r\n\r\n`],
    ['a NUL in a header', `GET /v1/users HTTP/1.1\r\n${close}X-Note: a\0b\r\n\r\n`],
    ['a length that is no number', `POST /v1/users/batch-upsert HTTP/1.1\r\n${close}Content-Length: ten\r\n\r\n`],
    ['a negative length', `POST /v1/users/batch-upsert HTTP/1.1\r\n${close}Content-Length: -1\r\n\r\n`],
    ['two lengths', `POST /v1/users/batch-upsert HTTP/1.1\r\n${close}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    [
      'a length and chunks at once, with which requests are smuggled',
      `POST /v1/users/batch-upsert HTTP/1.1\r\n${close}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a proxy’s request', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n'],
  ])('is 400 in the envelope: %s', async (_, bytes) => {
    expectError(await sendRaw(server.address, bytes), 'invalid_request');
  });

  test('in the size of a chunk is 400, and nothing is written', async () => {
    const acme = await server.createOrganization();
    const head = `POST /v1/users/batch-upsert HTTP/1.1\r\n${close}X-API-Key: ${acme.key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expectError(
      await sendRaw(server.address, `${head}zz\r\n{"users":[{"remoteId":"E1"}]}\r\n0\r\n\r\n`),
      'invalid_request',
    );
    expect((await readPage(acme)).total).toBe(0);
  });
});

describe('headers and addresses beyond 16 KiB', () => {
  test.each([
    ['one long header', `GET /v1/users HTTP/1.1\r\n${close}X-Note: ${'a'.repeat(17_000)}\r\n\r\n`],
    ['many headers', `GET /v1/users HTTP/1.1\r\n${close}${'X-Note: 0123456789\r\n'.repeat(1_100)}\r\n`],
    ['a long address', `GET /v1/users?remoteId=${'a'.repeat(17_000)} HTTP/1.1\r\n${close}\r\n`],
  ])('are 431 in the envelope: %s', async (_, bytes) => {
    const reply = await sendRaw(server.address, bytes);
    expect(reply.status).toBe(431);
    expectError(reply, 'headers_too_large');
  });
});

describe('a request that is too slow', () => {
  /** Node's server behind ours, to shorten the time that it gives a request: nobody wants to wait for the real one. */
  async function withinMilliseconds(ms: number): Promise<void> {
    const found = new Promise<Server>((resolve) => {
      const listen = (message: unknown) => {
        diagnostics.unsubscribe('http.server.request.start', listen);
        resolve((message as { server: Server }).server);
      };
      diagnostics.subscribe('http.server.request.start', listen);
    });
    await server.request('/healthz');
    const nodeServer = await found;
    expect(nodeServer.headersTimeout).toBe(10_000);
    expect(nodeServer.requestTimeout).toBe(30_000);
    nodeServer.headersTimeout = ms;
    nodeServer.requestTimeout = ms;
  }

  test('with its headers or its body is 408 in the envelope, and nothing is written', async () => {
    const acme = await server.createOrganization();
    await withinMilliseconds(100);
    const body = '{"users":[{"remoteId":"E1"}]}';
    const headers = `POST /v1/users/batch-upsert HTTP/1.1\r\n${close}X-API-Key: ${acme.key}\r\nContent-Type: application/json\r\n`;
    const [slowHeaders, slowBody] = await Promise.all([
      sendRaw(server.address, 'GET /v1/users HTTP/1.1\r\nHost: x\r\nX-API'),
      sendRaw(server.address, `${headers}Content-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`),
    ]);
    expectError(slowHeaders, 'request_timeout');
    expectError(slowBody, 'request_timeout');
    expect((await readPage(acme)).total).toBe(0);
  });
});

test('a client that goes away in the middle of its batch has written nothing, and the server goes on', async () => {
  const acme = await server.createOrganization();
  const body = '{"users":[{"remoteId":"E1"}]}';
  for (let client = 0; client < 5; client++) {
    const socket = await connectRaw(server.address);
    const length = client % 2 === 0 ? `Content-Length: ${body.length + 10}` : 'Transfer-Encoding: chunked';
    const sent = client % 2 === 0 ? body : `${body.length.toString(16)}\r\n${body}\r\n`;
    socket.write(
      `POST /v1/users/batch-upsert HTTP/1.1\r\nHost: x\r\nX-API-Key: ${acme.key}\r\nContent-Type: application/json\r\n${length}\r\n\r\n${sent}`,
    );
    await sleep(5);
    socket.destroy();
    await once(socket, 'close');
  }
  expect((await readPage(acme)).total).toBe(0);
});

test('several requests sent at once on one connection are answered in their order', async () => {
  const acme = await server.createOrganization();
  const head = `HTTP/1.1\r\nHost: x\r\nX-API-Key: ${acme.key}\r\n`;
  const body = '{"users":[{"remoteId":"E1"}]}';
  const { text } = await sendRaw(
    server.address,
    `GET /v1/users?page=7 ${head}\r\n` +
      `POST /v1/users/batch-upsert ${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
      `GET /v1/users?page=9 ${head}Connection: close\r\n\r\n`,
  );
  expect(text).toMatch(/"page":7,.+"remoteId":"E1".+"page":9,/s);
});
