import { get, type IncomingHttpHeaders } from 'node:http';

/** One server-sent event. */
export interface SentEvent {
  readonly name: string;
  readonly id: string | null;
  readonly data: unknown;
}

/** A connection on which events come in, read as the HTML Standard says. */
export interface EventConnection extends Disposable {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** All that has come so far. */
  readonly events: readonly SentEvent[];
  /** The next event of that name that was not handed out yet; rejects after `ms`, or when the connection ends first. */
  next<Data>(name: string, ms?: number): Promise<Data>;
  /** Resolves when the server has ended the connection; rejects after `ms`. */
  ended(ms?: number): Promise<void>;
  /** Stops reading, so that what is sent piles up. */
  pause(): void;
  /** Reads on. */
  resume(): void;
}

const WAIT_MS = 5_000;

/** Connects to an address of events; an answer that is no stream is there with its status and ends at once. */
export function connectEvents(url: string): Promise<EventConnection> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, headers: { accept: 'text/event-stream' } }, (response) => {
      const events: SentEvent[] = [];
      const wake = new Set<() => void>();
      let rest = '';
      let isEnded = false;
      const taken = new Map<string, number>();
      const wakeAll = () => {
        for (const listener of [...wake]) listener();
      };
      response.setEncoding('utf8').on('data', (text: string) => {
        const parts = (rest + text).split('\n\n');
        rest = parts.pop() ?? '';
        events.push(...parts.map(parse).filter((event) => event !== null));
        wakeAll();
      });
      response.on('error', () => {});
      response.on('close', () => {
        isEnded = true;
        wakeAll();
      });
      const until = <T>(find: () => T | undefined, what: string, ms: number) =>
        new Promise<T>((found, failed) => {
          const stop = () => {
            clearTimeout(timer);
            wake.delete(look);
          };
          const look = () => {
            const value = find();
            if (value === undefined) return;
            stop();
            found(value);
          };
          const timer = setTimeout(() => {
            stop();
            failed(new Error(`no ${what} within ${ms} ms; came: ${JSON.stringify(events.map(({ name }) => name))}`));
          }, ms);
          wake.add(look);
          look();
        });
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        events,
        async next<Data>(name: string, ms = WAIT_MS) {
          const number = taken.get(name) ?? 0;
          taken.set(name, number + 1);
          const event = await until(() => events.filter((known) => known.name === name)[number], `event ${name}`, ms);
          return event.data as Data;
        },
        ended: async (ms = WAIT_MS) => {
          await until(() => isEnded || undefined, 'end', ms);
        },
        pause: () => response.pause(),
        resume: () => response.resume(),
        [Symbol.dispose]: () => request.destroy(),
      });
    });
    request.on('error', reject);
  });
}

function parse(block: string): SentEvent | null {
  const fields = block.split('\n').map((line) => line.split(/: (.*)/s));
  const field = (name: string) => fields.find(([known]) => known === name)?.[1] ?? null;
  const data = field('data');
  return data === null
    ? null
    : { name: field('event') ?? 'message', id: field('id'), data: JSON.parse(data) as unknown };
}
