import type { RoomBeat, RoomGone, RoomPeople, RoomPerson, RoomState } from '@rollcall/contract/room.ts';

/** The server is heard from at least every 15 seconds. */
const SILENCE_MS_MAX = 20_000;
const POLL_EVERY_MS = 5_000;
const RECONNECT_EVERY_MS = 40_000;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 10_000;
/** A hiccup is not worth a word. */
const TROUBLE_SHOWN_AFTER_MS = 2_500;
/** Long enough to be read, also where the connection is back at once. */
const UNSENT_SHOWN_MS = 8_000;
/** A network that swallows everything must not keep somebody waiting who has pressed a button. */
const ANSWER_MS_MAX = 8_000;

const LOST = 'Connection lost. We are trying to get back; your group may be further on.';
const NOT_SENT = 'Your step was not sent, because there was no connection. Press again in a moment.';
const ELSEWHERE = 'You have this room open on other pages. Load this one again to use it here.';

export interface RoomLinkListeners {
  readonly onState: (state: RoomState) => void;
  readonly onPeople: (people: readonly RoomPerson[]) => void;
  readonly onTime: (serverTime: number) => void;
  /** What to tell the participant of the connection; null once all is well. */
  readonly onTrouble: (text: string | null) => void;
}

/**
 * The page's link to its room. It hears of changes as server-sent events, gets back by itself when the connection breaks,
 * when the server starts again or when the computer wakes up, and asks for the state where events do not come through.
 */
export class RoomLink {
  /** The join link: everything that the page asks for lies below it. */
  readonly #base = location.pathname.replace(/\/+$/, '');
  readonly #listeners: RoomLinkListeners;
  #events: EventSource | undefined;
  #heardAt = Date.now();
  #connectedAt = 0;
  #polledAt = 0;
  #troubleSince: number | null = null;
  /** When something that somebody asked for did not get through. */
  #unsentAt: number | null = null;
  #retryMs = RETRY_MS_MIN;
  #retryTimer: number | undefined;
  #isGone = false;

  constructor(listeners: RoomLinkListeners) {
    this.#listeners = listeners;
    document.addEventListener('visibilitychange', () => {
      const isStale = Date.now() - this.#heardAt > SILENCE_MS_MAX;
      if (document.visibilityState === 'visible' && isStale) this.connect();
    });
    window.addEventListener('online', () => this.connect());
    window.addEventListener('pageshow', (event) => {
      if (event.persisted) location.reload();
    });
  }

  /** Connects afresh: the server begins with the whole state. */
  connect(): void {
    if (this.#isGone) return;
    clearTimeout(this.#retryTimer);
    this.#events?.close();
    this.#connectedAt = Date.now();
    const events = new EventSource(`${this.#base}/events`);
    this.#events = events;
    this.#on<RoomState>(events, 'state', (state) => this.#listeners.onState(state));
    this.#on<RoomPeople>(events, 'people', ({ people }) => this.#listeners.onPeople(people));
    this.#on<RoomBeat>(events, 'beat', ({ serverTime }) => this.#listeners.onTime(serverTime));
    this.#on<RoomGone>(events, 'gone', (gone) => this.#takeLeave(gone));
    events.addEventListener('error', () => {
      this.#troubleSince ??= Date.now();
      // Otherwise the browser tries again by itself.
      if (events.readyState === EventSource.CLOSED && events === this.#events) this.#retry();
    });
  }

  /** Leaves the room: its page is asked for again, and says how things are. */
  leave(): void {
    if (this.#isGone) return;
    this.#close();
    location.reload();
  }

  /** Looks after the connection; to be called every second. */
  tick(): void {
    if (this.#isGone) return;
    const now = Date.now();
    const silence = now - this.#heardAt;
    if (silence > SILENCE_MS_MAX && now - this.#polledAt > POLL_EVERY_MS) void this.fetchState();
    if (silence > RECONNECT_EVERY_MS && now - this.#connectedAt > RECONNECT_EVERY_MS) this.connect();
    const isTroubled = this.#troubleSince !== null && now - this.#troubleSince > TROUBLE_SHOWN_AFTER_MS;
    if (this.#unsentAt !== null && this.#troubleSince === null && now - this.#unsentAt > UNSENT_SHOWN_MS) {
      this.#unsentAt = null;
    }
    this.#listeners.onTrouble(this.#unsentAt !== null ? NOT_SENT : isTroubled ? LOST : null);
  }

  /** Asks for the whole state. */
  async fetchState(): Promise<void> {
    this.#polledAt = Date.now();
    const state = await this.#ask<RoomState>('state');
    if (state) this.#listeners.onState(state);
  }

  /** Whether the server did what somebody asked for; where it did not hear of it, that is said at once. */
  async request(name: string, body: object): Promise<boolean> {
    const isDone = await this.post(name, body);
    this.#unsentAt = !isDone && this.#troubleSince !== null ? Date.now() : null;
    this.#listeners.onTrouble(this.#unsentAt !== null ? NOT_SENT : null);
    return isDone;
  }

  /** Whether the server did what was asked. */
  async post(name: string, body: object): Promise<boolean> {
    const headers = { 'content-type': 'application/json' };
    return (await this.#ask(name, { method: 'POST', headers, body: JSON.stringify(body) })) !== null;
  }

  /** Sends something as the page goes away, without waiting for an answer. */
  sendLast(name: string, body: object): void {
    navigator.sendBeacon(`${this.#base}/${name}`, new Blob([JSON.stringify(body)], { type: 'application/json' }));
  }

  #on<Data>(events: EventSource, name: string, take: (data: Data) => void): void {
    events.addEventListener(name, (event) => {
      if (events !== this.#events) return;
      this.#heardAt = Date.now();
      this.#retryMs = RETRY_MS_MIN;
      this.#troubleSince = null;
      take(JSON.parse((event as MessageEvent<string>).data) as Data);
    });
  }

  async #ask<Data>(name: string, options: RequestInit = {}): Promise<Data | null> {
    try {
      const signal = AbortSignal.timeout(ANSWER_MS_MAX);
      const response = await fetch(`${this.#base}/${name}`, { cache: 'no-store', signal, ...options });
      if (response.ok) {
        this.#troubleSince = null;
        return ((await response.json()) as { data: Data }).data;
      }
      // Not of this room any more, or no such room: the page itself says why.
      if (response.status === 404 || (response.status === 409 && name !== 'move')) this.leave();
    } catch {
      this.#troubleSince ??= Date.now();
    }
    return null;
  }

  #retry(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(
      async () => {
        await this.fetchState();
        this.connect();
      },
      this.#retryMs * (0.5 + Math.random()),
    );
    this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs * 2);
  }

  #takeLeave({ reason }: RoomGone): void {
    if (reason === 'too_many_pages') {
      this.#close();
      this.#listeners.onTrouble(ELSEWHERE);
    } else this.leave();
  }

  #close(): void {
    this.#isGone = true;
    this.#events?.close();
    clearTimeout(this.#retryTimer);
  }
}
