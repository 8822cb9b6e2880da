import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeadReader, headerOf, headerPattern } from './head.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nETag: "a b"\r\nContent-Length: 11\r\nConnection: keep-alive\r\n\r\n';
const ANSWER = Buffer.from(`${HEAD}hello world`);

test('a head is read whole, wherever the network cuts it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: ANSWER.length - 1 })), (cuts) => {
      const edges = [0, ...new Set(cuts.toSorted((a, b) => a - b)), ANSWER.length];
      const head = new HeadReader();
      let body = '';
      for (const [index, start] of edges.slice(0, -1).entries()) {
        const piece = Buffer.from(ANSWER.subarray(start, edges[index + 1]));
        if (head.complete) body += piece.toString();
        else body += head.read(piece)?.toString() ?? '';
        piece.fill(0);
      }
      expect(body).toBe('hello world');
      expect([head.status, head.contentLength]).toEqual([200, 11]);
      expect(headerOf(head.text, headerPattern('etag'))).toBe('"a b"');
    }),
  );
});

test('a 304 has no body, whatever length it names', () => {
  const head = new HeadReader();
  head.read(Buffer.from('HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n'));
  expect([head.status, head.contentLength]).toEqual([304, 0]);
});

test('a header that is not there has no value', () => {
  expect(headerOf(HEAD, headerPattern('age'))).toBeUndefined();
});
