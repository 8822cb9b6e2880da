/**
 * The least that could answer over HTTP: node:http, no routing, validation, keys or tenants. A program of its own.
 *
 * `empty`: two bytes. `pages FILE`: one of the pages in the file (a line each), taken at random. `stream BYTES CHUNK`:
 * so many bytes of one constant buffer of CHUNK bytes, waiting where the reader is slow.
 */
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

const [mode, ...values] = process.argv.slice(2);

function empty(): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': 2 });
    response.end('ok');
  };
}

function pages(file: string): RequestListener {
  const prebuilt = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => Buffer.from(line));
  return (_request, response) => {
    const page = prebuilt[Math.floor(Math.random() * prebuilt.length)] as Buffer;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': page.length });
    response.end(page);
  };
}

function stream(bytes: number, chunkBytes: number): RequestListener {
  const chunk = Buffer.alloc(chunkBytes, 'x');
  return (_request, response) => {
    let left = bytes;
    response.writeHead(200, { 'content-type': 'application/json' });
    const write = () => {
      while (left > 0) {
        left -= chunk.length;
        if (!response.write(chunk)) {
          response.once('drain', write);
          return;
        }
      }
      response.end();
    };
    write();
  };
}

function listener(): RequestListener {
  if (mode === 'pages') return pages(values[0] ?? '');
  if (mode === 'stream') return stream(Number(values[0]), Number(values[1]));
  return empty();
}

const server = createServer(listener());
server.listen(0, '127.0.0.1', () => {
  process.send?.({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
