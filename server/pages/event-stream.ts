import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';

/** A page that does not read what it is sent is dropped at this backlog; it comes back by itself, to the whole state. */
const BACKLOG_BYTES_MAX = 262_144;
/** Pages that were cut off together must not come back together. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_SPREAD = 1_500;

/** An event as it is sent, so that one text serves all streams. */
export function eventText(name: string, data: object, id?: number): string {
  const head = id === undefined ? '' : `id: ${id}\n`;
  return `${head}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A connection on which a page is sent events (HTML Standard, section 9.2: server-sent events). */
export class EventStream {
  readonly #response: FastifyReply['raw'];

  /** Takes the reply over; from now on nothing else may answer it. */
  constructor(reply: FastifyReply, headers: Readonly<Record<string, string>>) {
    reply.hijack();
    this.#response = reply.raw;
    // A page that is gone is no error: `onClose` tells.
    this.#response.on('error', () => {});
    this.#response.writeHead(200, {
      ...(reply.getHeaders() as OutgoingHttpHeaders),
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // A proxy that gathers up answers would hold every event back.
      'x-accel-buffering': 'no',
    });
    this.send(`retry: ${RETRY_MS_MIN + Math.round(Math.random() * RETRY_MS_SPREAD)}\n\n`);
  }

  /** Calls `listener` once the connection is gone: at once where the page did not wait for the stream to begin. */
  onClose(listener: () => void): void {
    if (this.#response.destroyed) listener();
    else this.#response.once('close', listener);
  }

  send(text: string): void {
    if (this.#response.writableLength > BACKLOG_BYTES_MAX) this.#response.destroy();
    else this.#response.write(text);
  }

  end(): void {
    this.#response.end();
  }
}
