import { setImmediate as nextTurn } from 'node:timers/promises';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { connectEvents } from '../test/support/events.ts';
import { EventStream, eventText } from './event-stream.ts';

/** A server whose only address is a stream; answers the address, and the stream once somebody has connected. */
async function startStream() {
  const app = fastify();
  const connected = Promise.withResolvers<EventStream>();
  app.get('/', (_request, reply) => {
    reply.header('x-request-id', 'req_1');
    connected.resolve(new EventStream(reply, { 'referrer-policy': 'no-referrer' }));
    return reply;
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  return { url, stream: connected.promise };
}

test('a page is sent events in their order, as they come', async () => {
  const server = await startStream();
  using connection = await connectEvents(server.url);
  const stream = await server.stream;
  expect(connection.headers).toMatchObject({ 'x-request-id': 'req_1', 'referrer-policy': 'no-referrer' });
  stream.send(eventText('state', { text: 'two\nlines, and a blank\n\none' }, 7));
  expect(await connection.next('state')).toEqual({ text: 'two\nlines, and a blank\n\none' });
  stream.send(eventText('beat', {}));
  await connection.next('beat');
  expect(connection.events.map(({ name, id }) => [name, id])).toEqual([
    ['state', '7'],
    ['beat', null],
  ]);
  stream.end();
  await connection.ended();
});

test('a page that does not read what it is sent is dropped', async () => {
  const server = await startStream();
  using connection = await connectEvents(server.url);
  const stream = await server.stream;
  let isGone = false;
  stream.onClose(() => {
    isGone = true;
  });
  connection.pause();
  const text = eventText('state', { html: 'x'.repeat(100_000) });
  // 100 MB: more than any system keeps on its way for one connection.
  for (let count = 0; count < 1_000 && !isGone; count++) {
    stream.send(text);
    await nextTurn();
  }
  expect(isGone).toBe(true);
  connection.resume();
  await connection.ended();
});

test('a connection that is gone before it is listened to is known to be gone', async () => {
  const server = await startStream();
  const connection = await connectEvents(server.url);
  const stream = await server.stream;
  connection[Symbol.dispose]();
  await expect
    .poll(
      () =>
        new Promise((resolve) => {
          stream.onClose(() => resolve(true));
          setTimeout(() => resolve(false), 20);
        }),
    )
    .toBe(true);
});
