import { setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { connectRaw } from './support/raw.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync } as const;

describe.each([
  '/openapi.json',
  '/openapi.yaml',
  '/docs/',
  '/docs/js/scalar.js',
  '/manage/openapi.json',
  '/manage/openapi.yaml',
  '/manage/docs/',
])('%s', (path) => {
  test('is 304 for whoever has it, with the same ETag and the same time to keep it', async () => {
    const first = await server.request(path);
    expect(first.headers['cache-control']).toMatch(/^public, max-age=[1-9]\d*$/);
    const again = await server.request(path, { headers: { 'if-none-match': first.headers.etag } });
    expect([again.status, again.text]).toEqual([304, '']);
    for (const name of ['etag', 'cache-control', 'vary']) expect(again.headers[name]).toBe(first.headers[name]);
    expect((await server.request(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test.each(['gzip', 'br', 'zstd'] as const)(
    'in %s is the same, much shorter, with an ETag of its own',
    async (coding) => {
      const plain = await server.request(path);
      const coded = await server.request(path, { headers: { 'accept-encoding': coding } });
      expect(coded.headers).toMatchObject({ 'content-encoding': coding, vary: 'Accept-Encoding' });
      expect(coded.headers['content-type']).toBe(plain.headers['content-type']);
      expect(coded.headers.etag).not.toBe(plain.headers.etag);
      expect(coded.bytes.length).toBeLessThan(plain.bytes.length * 0.6);
      expect(decoders[coding](coded.bytes).equals(plain.bytes)).toBe(true);
    },
  );

  test('answers HEAD with the length that GET has', async () => {
    const whole = await server.request(path);
    const head = await server.request(path, { method: 'HEAD' });
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', String(whole.bytes.length)]);
  });
});

test.each(['/docs', '/manage/docs'])('%s leads to the page, also for HEAD', async (path) => {
  for (const method of ['GET', 'HEAD']) {
    const reply = await server.request(path, { method });
    expect([reply.status, reply.headers.location]).toEqual([301, 'docs/']);
  }
});

test('readers of the reference’s script who never read it cost no copy of it each', async () => {
  const { length } = (await server.request('/docs/js/scalar.js')).bytes;
  // Of the whole process: what waits in a socket to be sent is on no heap of JavaScript.
  const usage = () => process.memoryUsage.rss();
  const before = usage();
  const sockets = await Promise.all(Array.from({ length: 40 }, () => connectRaw(server.address)));
  for (const socket of sockets) socket.pause().write('GET /docs/js/scalar.js HTTP/1.1\r\nHost: x\r\n\r\n');
  await sleep(500);
  expect(usage() - before).toBeLessThan(10 * length);
  for (const socket of sockets) socket.destroy();
});
