import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Announcement, Announcements, Broadcast } from './broadcast.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { openClient } from './postgres-pool.ts';

const CHANNEL = 'rollcall';
/** Announcements of so many milliseconds go to the other processes as one message: a commit with `notify` locks out all others. */
const GATHER_MS = 5;
/** A message may hold 8,000 bytes. */
const ANNOUNCEMENTS_PER_MESSAGE = 50;
const RECONNECT_MS = 500;
/** How often the connection is asked whether it is still there: one that was cut off without a word is silent for ever. */
const HEARTBEAT_MS = 10_000;

/**
 * Carries announcements to the listeners of this process at once, and to those of all processes on the same database by
 * LISTEN and NOTIFY. What is lost with a connection, or with a process between its commit and its message, is made up
 * for by those who listen: they look at the number of the latest event every now and then.
 */
export class PostgresAnnouncer implements AsyncDisposable {
  readonly #options: PostgresOptions;
  readonly #pool: pg.Pool;
  readonly #broadcast = new Broadcast();
  readonly #sender = randomUUID();
  readonly #closing = new AbortController();
  readonly #pending = new Announcements();
  #timer: NodeJS.Timeout | undefined;
  #listening: Promise<void> | undefined;

  constructor(options: PostgresOptions, pool: pg.Pool) {
    this.#options = options;
    this.#pool = pool;
  }

  listen(listener: (announcement: Announcement) => void): () => void {
    this.#listening ??= this.#keepListening();
    return this.#broadcast.listen(listener);
  }

  tell(announcements: readonly Announcement[]): void {
    if (announcements.length === 0) return;
    this.#broadcast.tell(announcements);
    for (const announcement of announcements) this.#pending.add(announcement);
    this.#timer ??= setTimeout(() => void this.#send(), GATHER_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#send();
    await this.#listening;
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    const announcements = this.#pending.take();
    const sent: Promise<unknown>[] = [];
    while (announcements.length > 0) {
      const about = announcements.splice(0, ANNOUNCEMENTS_PER_MESSAGE);
      const message = JSON.stringify({ from: this.#sender, about } satisfies Message);
      // Where it cannot be sent, the others find out by themselves.
      sent.push(this.#pool.query('select pg_notify($1, $2)', [CHANNEL, message]).catch(() => {}));
    }
    await Promise.all(sent);
  }

  async #keepListening(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#listenOnce(signal).catch(() => {});
      await sleep(RECONNECT_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Resolves when the connection is gone, or we are to close. */
  async #listenOnce(signal: AbortSignal): Promise<void> {
    const client = await openClient(this.#options);
    const gone = new Promise<void>((resolve) => {
      client.once('end', resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', ({ payload = '' }) => this.#receive(payload));
    try {
      await client.query(`listen ${CHANNEL}`);
      for (let isGone = signal.aborted; !isGone; ) {
        isGone = await Promise.race([gone.then(() => true), sleep(HEARTBEAT_MS, false, { ref: false })]);
        if (!isGone) await client.query('select 1');
      }
    } finally {
      await client.end().catch(() => {});
    }
  }

  #receive(payload: string): void {
    const message = readMessage(payload);
    if (message && message.from !== this.#sender) this.#broadcast.tell(message.about);
  }
}

/** null where others use a channel of the same name in our database. */
function readMessage(payload: string): Message | null {
  try {
    const message = JSON.parse(payload) as Partial<Message> | null;
    return message?.from && Array.isArray(message.about) ? (message as Message) : null;
  } catch {
    return null;
  }
}

interface Message {
  readonly from: string;
  readonly about: readonly Announcement[];
}
