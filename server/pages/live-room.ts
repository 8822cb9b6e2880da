import { isDeepStrictEqual } from 'node:util';
import type { RoomBeat, RoomGone, RoomPeople, RoomState } from '@rollcall/contract/room.ts';
import { SIGNAL_EVERY_MS } from '../domain/presence.ts';
import { Refusal } from '../domain/refusal.ts';
import { type RoomPhase, roomPhase } from '../domain/room.ts';
import type { NewEvent } from '../store/events.ts';
import { type EventStream, eventText } from './event-stream.ts';
import { personId, presentPeople, type Room, type SharedState } from './room-state.ts';

/** Pages of one participant that are told of the room; the oldest gives way to one more. */
const STREAMS_PER_MEMBER_MAX = 4;
/** How long comings and goings are gathered, so that a group that arrives at once is told once. */
const PEOPLE_DELAY_MS = 150;
/** How often the room looks for those who have fallen silent. */
const PEOPLE_EVERY_MS = 5_000;
const BEAT_EVERY_MS = SIGNAL_EVERY_MS;

/** How a live room learns what is stored. */
export interface RoomSource {
  readonly read: () => Promise<Room | null>;
  readonly readPresent: () => Promise<ReadonlySet<string>>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

/**
 * An open room with the pages that show it. It keeps what it last told them, reads the store when it hears that something
 * has changed, and tells what is new: the whole state, or who is there.
 */
export class LiveRoom {
  readonly #source: RoomSource;
  /** Pages, oldest first, and whose they are. */
  readonly #streams = new Map<EventStream, string>();
  #room: Room | null = null;
  #version = 0;
  #entering = 0;
  #wanted: 'nothing' | 'people' | 'everything' = 'nothing';
  #reading: Promise<void> | undefined;
  #hasFailed = false;
  #movedBy: string | undefined;
  #peopleTimer: NodeJS.Timeout | undefined;
  #peopleDueAt = 0;
  #beatDueAt = 0;

  constructor(source: RoomSource) {
    this.#source = source;
  }

  /** Whether nobody looks at the room. */
  get isIdle(): boolean {
    return this.#streams.size === 0 && this.#entering === 0;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** Makes sure that a participant may be told of the room now, else refuses with `conflict`. */
  async admit(registrationId: string): Promise<void> {
    this.#entering++;
    try {
      // What is known may be older than the seat.
      if (!this.#room?.members.has(registrationId)) await this.#refresh('everything');
    } finally {
      this.#entering--;
    }
    if (!this.#room || !isOpen(this.#room.phase)) throw new Refusal('conflict', 'The room is closed.');
    if (!this.#room.members.has(registrationId)) throw new Refusal('conflict', 'The seat in this session is gone.');
  }

  /** Tells a page the whole state, then all that changes. To be called at once after `admit`. */
  add(stream: EventStream, registrationId: string): void {
    const own = [...this.#streams].filter(([, owner]) => owner === registrationId).map(([known]) => known);
    for (const oldest of own.slice(0, Math.max(0, own.length + 1 - STREAMS_PER_MEMBER_MAX))) {
      this.#dismiss(oldest, 'too_many_pages');
    }
    this.#streams.set(stream, registrationId);
    stream.onClose(() => this.#streams.delete(stream));
    if (this.#room) stream.send(this.#stateText(this.#room));
  }

  /** Takes in that something has happened in the organization; what has nothing to do with the room is passed over. */
  hear({ type, data }: NewEvent): void {
    if (!this.#room || !concerns(data, this.#room)) return;
    if (type === 'session.step_shown' && typeof data.registrationId === 'string') {
      this.#movedBy = personId(data.registrationId);
    }
    this.refresh();
  }

  /** Takes in that somebody came or left. */
  hearPeople(): void {
    this.#peopleTimer ??= setTimeout(() => {
      this.#peopleTimer = undefined;
      this.#refresh('people').catch(this.#source.onError);
    }, PEOPLE_DELAY_MS);
  }

  /** Reads everything again. */
  refresh(): void {
    this.#refresh('everything').catch(this.#source.onError);
  }

  /** To be called every second or so: for what comes with time alone. `elapsed` counts milliseconds. */
  tick(elapsed: number): void {
    const room = this.#room;
    if (!room) return;
    if (this.#hasFailed || roomPhase(room.session, this.#source.now()) !== room.phase) this.refresh();
    if (elapsed >= this.#peopleDueAt) {
      this.#peopleDueAt = elapsed + PEOPLE_EVERY_MS;
      this.#refresh('people').catch(this.#source.onError);
    }
    if (elapsed >= this.#beatDueAt) {
      this.#beatDueAt = elapsed + BEAT_EVERY_MS;
      this.#tell(eventText('beat', { serverTime: this.#source.now() } satisfies RoomBeat));
    }
  }

  /** Ends all connections; pages come back by themselves. */
  close(): void {
    clearTimeout(this.#peopleTimer);
    for (const stream of this.#streams.keys()) stream.end();
  }

  #refresh(what: 'people' | 'everything'): Promise<void> {
    if (this.#wanted !== 'everything') this.#wanted = what;
    this.#reading ??= this.#read();
    return this.#reading;
  }

  /** One reading at a time; what is asked for meanwhile is read afterwards, once. */
  async #read(): Promise<void> {
    try {
      while (this.#wanted !== 'nothing') {
        const wanted = this.#wanted;
        this.#wanted = 'nothing';
        if (wanted === 'everything' || !this.#room) this.#take(await this.#source.read());
        else this.#takePresent(await this.#source.readPresent());
      }
      this.#hasFailed = false;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    } finally {
      this.#reading = undefined;
    }
  }

  #take(room: Room | null): void {
    const before = this.#room;
    this.#room = room;
    if (!room || !isOpen(room.phase)) {
      for (const stream of [...this.#streams.keys()]) this.#dismiss(stream, 'closed');
      return;
    }
    for (const [stream, registrationId] of [...this.#streams]) {
      if (!room.members.has(registrationId)) this.#dismiss(stream, 'out');
    }
    const isMoved = before?.state.currentStep !== room.state.currentStep;
    if (before) this.#tellChanges(before.state, room, isMoved ? this.#movedBy : undefined);
    this.#movedBy = undefined;
  }

  #tellChanges(before: SharedState, room: Room, movedBy: string | undefined): void {
    if (isDeepStrictEqual(before, room.state)) return;
    this.#version++;
    if (isDeepStrictEqual({ ...before, people: room.state.people }, room.state)) this.#tellPeople(room);
    else this.#tell(this.#stateText(room, movedBy));
  }

  #takePresent(present: ReadonlySet<string>): void {
    const room = this.#room;
    if (!room) return;
    const people = presentPeople(room.members, present);
    if (people.every(({ isHere }, index) => isHere === room.state.people[index]?.isHere)) return;
    this.#room = { ...room, state: { ...room.state, people } };
    this.#version++;
    this.#tellPeople(this.#room);
  }

  #stateText({ state }: Room, movedBy?: string): string {
    const whole: RoomState = { serverTime: this.#source.now(), ...state, ...(movedBy !== undefined && { movedBy }) };
    return eventText('state', whole, this.#version);
  }

  #tellPeople({ state: { people } }: Room): void {
    this.#tell(eventText('people', { people } satisfies RoomPeople, this.#version));
  }

  #tell(text: string): void {
    for (const stream of this.#streams.keys()) stream.send(text);
  }

  #dismiss(stream: EventStream, reason: RoomGone['reason']): void {
    stream.send(eventText('gone', { reason } satisfies RoomGone));
    stream.end();
    this.#streams.delete(stream);
  }
}

function isOpen(phase: RoomPhase): boolean {
  return phase === 'lobby' || phase === 'running';
}

/** Whether an event may have changed the room. One that says nothing of whom it concerns concerns everybody. */
function concerns(data: NewEvent['data'], { session, userIds }: Room): boolean {
  if (typeof data.sessionId === 'string') return data.sessionId === session.id;
  if (Array.isArray(data.userIds)) return data.userIds.some((id) => userIds.has(id as string));
  if (typeof data.clusterId === 'string') return data.clusterId === session.clusterId;
  if (typeof data.moduleId === 'string') return data.moduleId === session.module.id;
  if (typeof data.groupId === 'string') return false;
  return true;
}
