import { connect, type Socket } from 'node:net';
import { HeadReader } from './head.ts';

/** An event as it is written: its name, then its data, in one chunk of the answer. */
const EVENT = /event: (\w+)\ndata: (.*)\n\n/g;

/** A connection that is told events (server-sent events), as cheap as one can be: a socket and the text not yet read. */
export class EventConnection implements Disposable {
  readonly #socket: Socket;
  readonly #head = new HeadReader();
  #text = '';

  /** Sends the request and calls `hear` with each event's name and JSON; `fail` where the connection ends, or is no 200. */
  constructor(
    address: string,
    request: Buffer,
    hear: (name: string, data: unknown) => void,
    fail: (error: Error) => void,
  ) {
    const { hostname: host, port } = new URL(address);
    this.#socket = connect({ host, port: Number(port) });
    this.#socket.once('connect', () => this.#socket.write(request));
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes, hear, fail));
    this.#socket.once('error', fail);
    this.#socket.once('close', () => fail(new Error('the server closed a stream of events')));
  }

  [Symbol.dispose](): void {
    this.#socket.removeAllListeners('close').destroy();
  }

  #read(bytes: Buffer, hear: (name: string, data: unknown) => void, fail: (error: Error) => void): void {
    const body = this.#head.complete ? bytes : this.#head.read(bytes);
    if (!body) return;
    if (this.#head.status !== 200) {
      fail(new Error(`events were answered ${this.#head.status} ${body}`));
      return;
    }
    this.#text += body.toString();
    let read = 0;
    for (const match of this.#text.matchAll(EVENT)) {
      hear(match[1] as string, JSON.parse(match[2] as string));
      read = match.index + match[0].length;
    }
    this.#text = this.#text.slice(read);
  }
}
