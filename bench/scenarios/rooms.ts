import { setTimeout as sleep } from 'node:timers/promises';
import type { RoomState } from '@rollcall/contract/room.ts';
import type { Dataset } from '../datasets.ts';
import { Connection } from '../load/connection.ts';
import { expectStatus } from '../load/drive.ts';
import { EventConnection } from '../load/events.ts';
import { requestBytes } from '../load/request.ts';
import { type Links, ROOMS, SEATS, stageRooms } from '../room-stage.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import { percentile, series } from '../stats.ts';

const MOVE_EVERY_MS = 5_000;
const SIGNAL_EVERY_MS = 15_000;
/** How much longer it lasts than a round elsewhere, so that each room moves several times. */
const LONGER = 15;
/** A move that somebody has not seen by then counts as this late. */
const LATE_MS = 10_000;
const STEPS = 10;

/** P16: a thousand people in two hundred rooms: from a move until all of its group have seen it; memory. */
export const rooms: Scenario = { id: 'P16', title: `${ROOMS * SEATS} participants in ${ROOMS} rooms`, run };

async function run(bench: Bench): Promise<Row[]> {
  await using dataset = await bench.datasets.copy(await bench.datasets.get({ users: ROOMS * SEATS }));
  bench.say(`signing up ${ROOMS * SEATS} people`);
  const links = await staged(bench, dataset);
  await using server = await bench.startServer(dataset, 'P16');
  const broken = Promise.withResolvers<never>();
  const groups = links.map((group, index) => new Group(server.address, group, index, broken.reject));
  const seconds = Math.max(bench.options.seconds * LONGER, (MOVE_EVERY_MS / 1_000) * 1.2);
  const all = (act: (group: Group) => Promise<void>) => Promise.race([broken.promise, Promise.all(groups.map(act))]);
  let before = { waited: 0, at: 0 };
  try {
    await all((group) => group.arrive());
    bench.say(`moving for ${seconds} s`);
    before = { waited: server.child.waitedSeconds(), at: performance.now() };
    await all((group) => group.play(seconds * 1_000));
  } finally {
    for (const group of groups) group[Symbol.dispose]();
  }
  const delays = groups.flatMap(({ delays }) => delays);
  const waiting = (server.child.waitedSeconds() - before.waited) / ((performance.now() - before.at) / 1_000);
  const what = `a room's move until all ${SEATS} have seen it`;
  const row = (name: string, fraction: number): Row => {
    const ours = series([percentile(delays, fraction)]);
    return { id: 'P16', what: `${what}, ${name} of ${delays.length}`, unit: 'ms', ours, waiting };
  };
  return [
    row('p50', 0.5),
    { ...row('p99', 0.99), goal: { of: 'ours', most: 250 } },
    {
      id: 'P16',
      what: `peak memory with ${ROOMS * SEATS} participants`,
      unit: 'MB',
      ours: series([server.child.memory().peak]),
      goal: { of: 'ours', most: 150 },
    },
  ];
}

/** By a server of its own: what signing up takes is not what the rooms take. */
async function staged(bench: Bench, dataset: Dataset): Promise<Links[]> {
  await using server = await bench.startServer(dataset, 'P16-stage');
  return await stageRooms(bench, server.address, dataset);
}

/** The people of one room, each with the page open: events, and a signal every now and then. */
class Group implements Disposable {
  /** Milliseconds from each move until the last one of the group had been told. */
  readonly delays: number[] = [];
  readonly #address: string;
  readonly #links: Links;
  readonly #index: number;
  readonly #pages: EventConnection[];
  #step: number | null = null;
  /** Who has not seen the step that the group is moved to. */
  #unseen = new Set<number>();
  #allSeen: (() => void) | undefined;

  constructor(address: string, links: Links, index: number, fail: (error: Error) => void) {
    this.#address = address;
    this.#links = links;
    this.#index = index;
    this.#unseen = new Set(links.keys());
    this.#pages = links.map((link, member) => {
      const hear = (name: string, data: unknown) => this.#hear(member, name, data);
      return new EventConnection(address, requestBytes({ path: `${link}/events` }), hear, fail);
    });
  }

  /** Resolves once everybody is in the room: before, nobody can move on. */
  async arrive(): Promise<void> {
    await this.#everybody();
    using connection = await Connection.open(this.#address);
    for (const link of this.#links) expectStatus(200)(await connection.send(signalRequest(link)));
  }

  /** Moves the group on every five seconds, each group at a moment of its own, while all its pages send signals. */
  async play(ms: number): Promise<void> {
    const end = performance.now() + ms;
    const signals = this.#links.map((link, member) => this.#signal(link, member, end));
    await Promise.all([this.#move(end), ...signals]);
  }

  [Symbol.dispose](): void {
    for (const page of this.#pages) page[Symbol.dispose]();
  }

  async #move(end: number): Promise<void> {
    using connection = await Connection.open(this.#address);
    await sleep((MOVE_EVERY_MS / ROOMS) * this.#index);
    for (; performance.now() < end; await sleep(MOVE_EVERY_MS)) {
      const from = this.#step;
      const step = from === null ? 0 : (from + 1) % STEPS;
      this.#unseen = new Set(this.#links.keys());
      this.#step = step;
      const seen = this.#everybody();
      const begin = performance.now();
      const body = JSON.stringify({ from, step });
      const answer = connection.send(requestBytes({ method: 'POST', path: `${this.#links[0]}/move`, body }));
      const isSeen = await Promise.race([seen.then(() => true), sleep(LATE_MS, false)]);
      this.delays.push(isSeen ? performance.now() - begin : LATE_MS);
      expectStatus(200)(await answer);
    }
  }

  async #signal(link: string, member: number, end: number): Promise<void> {
    using connection = await Connection.open(this.#address);
    const request = signalRequest(link);
    await sleep((SIGNAL_EVERY_MS / SEATS / ROOMS) * (this.#index * SEATS + member));
    for (; performance.now() < end; await sleep(SIGNAL_EVERY_MS)) expectStatus(200)(await connection.send(request));
  }

  /** Resolves once all pages have been told of the current step. */
  #everybody(): Promise<void> {
    return new Promise((resolve) => {
      this.#allSeen = resolve;
      this.#check();
    });
  }

  #hear(member: number, name: string, data: unknown): void {
    if (name !== 'state' || (data as RoomState).currentStep !== this.#step) return;
    this.#unseen.delete(member);
    this.#check();
  }

  #check(): void {
    if (this.#unseen.size > 0) return;
    this.#allSeen?.();
    this.#allSeen = undefined;
  }
}

function signalRequest(link: string): Buffer {
  const body = JSON.stringify({ tab: 'bench', kind: 'here' });
  return requestBytes({ method: 'POST', path: `${link}/signal`, body });
}
