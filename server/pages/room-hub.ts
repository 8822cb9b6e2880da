import type { Logger } from 'pino';
import { withClockOf } from '../actions/clock.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Metrics } from '../metrics.ts';
import type { Announcement } from '../store/broadcast.ts';
import type { Database } from '../store/database.ts';
import { lastEventNumbers, listEventsAfter } from '../store/events.ts';
import type { OrganizationId } from '../store/tables.ts';
import { LiveRoom } from './live-room.ts';
import { readPresent, readRoom } from './room-state.ts';

/** Connections of this process. */
const STREAMS_MAX = 20_000;
const TICK_MS = 1_000;
/** How soon the hub hears of what another process wrote, which nobody announces to it. */
const POLL_EVERY_TICKS = 2;
/** Further behind than this, everything is read again: cheaper than to go through all that has happened. */
const EVENTS_MAX = 200;

export interface RoomHubOptions {
  readonly database: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'roomPages'>;
}

/** An organization's open rooms, and how far its events have been heard. */
interface House {
  readonly rooms: Map<string, LiveRoom>;
  /** The organization's clock, as it was when a room was last read. */
  now: () => number;
  eventNumber: number;
  hearing: Promise<void> | undefined;
}

/**
 * Keeps the pages of all open rooms in step. What changes is never told by who changes it, but heard of: each change
 * leaves an event, which the store announces as soon as it is on disk; what another process wrote is found by looking at
 * the number of the latest event.
 */
export class RoomHub implements Disposable {
  readonly #options: RoomHubOptions;
  readonly #houses = new Map<OrganizationId, House>();
  readonly #stopListening: () => void;
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #isClosed = false;

  constructor(options: RoomHubOptions) {
    this.#options = options;
    this.#stopListening = options.database.listen((announcement) => this.#hear(announcement));
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Pages that are connected. */
  get streams(): number {
    let streams = 0;
    for (const { rooms } of this.#houses.values()) for (const room of rooms.values()) streams += room.streams;
    return streams;
  }

  /**
   * The room of a session for one of its participants, to whose page a stream is then to be added at once. Refuses with
   * `conflict` where the room is closed or the participant out, with `unavailable` where there are too many pages.
   */
  async open(organization: OrganizationId, sessionId: string, registrationId: string): Promise<LiveRoom> {
    if (this.#isClosed) throw new Refusal('unavailable', 'The server is stopping. Try again.');
    if (this.streams >= STREAMS_MAX) throw new Refusal('unavailable', 'Too many pages are open. Try again later.');
    const house = await this.#house(organization);
    const room = house.rooms.get(sessionId) ?? this.#addRoom(house, organization, sessionId);
    await room.admit(registrationId);
    return room;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#stopListening();
    for (const { rooms } of this.#houses.values()) for (const room of rooms.values()) room.close();
  }

  async #house(organization: OrganizationId): Promise<House> {
    const known = this.#houses.get(organization);
    if (known) return known;
    // Read before any room is, so that nothing falls between the two.
    const numbers = await lastEventNumbers([organization], this.#options.database.reader);
    const raced = this.#houses.get(organization);
    if (raced) return raced;
    const eventNumber = numbers.get(organization) ?? 0;
    const house: House = { rooms: new Map(), now: this.#options.now, eventNumber, hearing: undefined };
    this.#houses.set(organization, house);
    return house;
  }

  #addRoom(house: House, organization: OrganizationId, sessionId: string): LiveRoom {
    const { database, logger } = this.#options;
    const readClock = async () => {
      house.now = (await withClockOf(this.#options, organization)).now;
      return house.now();
    };
    const room = new LiveRoom({
      now: () => house.now(),
      read: async () => readRoom(organization, database.reader, sessionId, await readClock()),
      readPresent: async () => readPresent(organization, database.reader, sessionId, await readClock()),
      onError: (error) => logger.error({ err: error, organization, session: sessionId }, 'could not read a room'),
    });
    house.rooms.set(sessionId, room);
    return room;
  }

  #hear(announcement: Announcement): void {
    const { organization } = announcement;
    const house = this.#houses.get(organization);
    if (!house) return;
    if (announcement.about === 'presence') house.rooms.get(announcement.sessionId)?.hearPeople();
    else this.#hearEvents(organization, house);
  }

  /** Reads the events that are new and passes them on to the rooms. */
  #hearEvents(organization: OrganizationId, house: House): void {
    const previous = house.hearing ?? Promise.resolve();
    const hearing = previous
      .then(() => this.#passOn(organization, house))
      .catch((error: unknown) => {
        this.#options.logger.error({ err: error, organization }, 'could not read what has happened');
      });
    house.hearing = hearing;
  }

  async #passOn(organization: OrganizationId, house: House): Promise<void> {
    const events = await listEventsAfter(organization, this.#options.database.reader, house.eventNumber, EVENTS_MAX);
    const last = events.at(-1);
    if (!last) return;
    house.eventNumber = last.number;
    if (events.length === EVENTS_MAX) return this.#startAfresh(organization, house);
    for (const event of events) for (const room of house.rooms.values()) room.hear(event);
  }

  async #startAfresh(organization: OrganizationId, house: House): Promise<void> {
    const numbers = await lastEventNumbers([organization], this.#options.database.reader);
    house.eventNumber = numbers.get(organization) ?? 0;
    for (const room of house.rooms.values()) room.refresh();
  }

  #tick(): void {
    this.#ticks++;
    for (const [organization, house] of this.#houses) {
      for (const [sessionId, room] of house.rooms) {
        if (room.isIdle) house.rooms.delete(sessionId);
        else room.tick(this.#ticks * TICK_MS);
      }
      if (house.rooms.size === 0) this.#houses.delete(organization);
    }
    this.#options.metrics.roomPages.set(this.streams);
    if (this.#ticks % POLL_EVERY_TICKS === 0)
      this.#poll().catch((error: unknown) => {
        this.#options.logger.error({ err: error }, 'could not look for what has happened');
      });
  }

  async #poll(): Promise<void> {
    if (this.#houses.size === 0) return;
    const numbers = await lastEventNumbers([...this.#houses.keys()], this.#options.database.reader);
    for (const [organization, number] of numbers) {
      const house = this.#houses.get(organization);
      if (!house || number === house.eventNumber) continue;
      // Behind what was heard already: the database is another one, restored from a backup.
      if (number < house.eventNumber) await this.#startAfresh(organization, house);
      else this.#hearEvents(organization, house);
    }
  }
}
