import type { Completion } from '@rollcall/contract/completions.ts';
import { type Api, dateTime } from './api.ts';
import { differences, expectedOf } from './compare.ts';
import { type Listener, listen } from './listener.ts';
import { closesAt, isLetIn, type Move } from './plan.ts';
import type { Seat, Stage, StagedSession } from './stage.ts';

/** Within one second: what is looked at before anything happens, then signals, moves, and what ends something. */
const order = { look: 0, signal: 1, move: 2, act: 3 } as const;

/** Something that happens in a session, done once the clock stands at its moment. */
interface Moment {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: keyof typeof order;
  /** Answers what was not as it is to be. */
  readonly act: () => Promise<readonly string[]>;
}

/** Plays all sessions of a stage through the rooms' own protocol; answers what was not as it is to be. */
export async function play(api: Api, stage: Stage): Promise<string[]> {
  const faults: string[] = [];
  for (const session of stage.sessions) faults.push(...(await playSession(api, stage, session)));
  return faults;
}

async function playSession(api: Api, stage: Stage, session: StagedSession): Promise<string[]> {
  const { plan, startAt, seats } = session;
  const faults: string[] = [];
  const ear = new Ear(
    api,
    seats.find(({ participant }) => participant.behaviour === 'on-time'),
  );
  await using _ = ear;
  const moments = [
    ...looks(api, stage, session, ear),
    ...seats.flatMap((seat) => signals(api, session, seat, ear)),
    ...plan.moves.map((move) => moveMoment(api, session, move, ear)),
    ...tooSoonMoments(api, session),
    ...seats.flatMap((seat) => outMoments(api, session, seat)),
    ...endMoments(api, stage, session),
  ].map((moment) => ({ ...moment, at: startAt + moment.at * 1_000 }));
  for (const [at, now] of [...Map.groupBy(moments, (moment) => moment.at)].sort(([a], [b]) => a - b)) {
    await api.setClock(at);
    for (const [kind, together] of [...Map.groupBy(now, (moment) => moment.kind)].sort(byOrder)) {
      if (kind === 'signal') faults.push(...(await Promise.all(together.map(({ act }) => act()))).flat());
      else for (const { act } of together) faults.push(...(await act()));
    }
  }
  return faults;
}

type Kind = Moment['kind'];

function byOrder([a]: readonly [Kind, unknown], [b]: readonly [Kind, unknown]): number {
  return order[a] - order[b];
}

/** The page of one participant, which listens to what it is told from its first signal on. */
class Ear implements AsyncDisposable {
  readonly #api: Api;
  readonly #seat: Seat | undefined;
  #listener: Listener | undefined;

  constructor(api: Api, seat: Seat | undefined) {
    this.#api = api;
    this.#seat = seat;
  }

  async openAt(seat: Seat): Promise<void> {
    if (seat === this.#seat) this.#listener ??= await listen(this.#api, seat.link);
  }

  async hearsOfStep(step: number): Promise<boolean> {
    return (await this.#listener?.hearsOfStep(step)) ?? true;
  }

  async hearsOfEnd(): Promise<boolean> {
    return (await this.#listener?.hearsOfEnd()) ?? true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.[Symbol.asyncDispose]();
  }
}

/** What is read one second before the end of a session, at its end, and after its room has closed. */
function looks(api: Api, stage: Stage, session: StagedSession, ear: Ear): Moment[] {
  const { length, end } = session.plan;
  const lookAt = (at: number, act: () => Promise<readonly string[]>): Moment => ({ at, kind: 'look', act });
  const closed = lookAt(closesAt(session.plan) + 1, async () => [
    ...(await compare(api, stage, session)),
    ...((await ear.hearsOfEnd()) ? [] : ['a page was not told that the room is closed']),
  ]);
  if (end) return [closed];
  return [
    lookAt(length - 1, async () => {
      const early = await completionsOf(api, stage, session);
      return early.map(({ remoteUserId }) => `${remoteUserId}: a completion before the scheduled end`);
    }),
    lookAt(length, () => compare(api, stage, session, length)),
    closed,
  ];
}

async function completionsOf(api: Api, { clusterId }: Stage, { startAt }: StagedSession): Promise<Completion[]> {
  const start = dateTime(startAt);
  return (await api.listCompletions(clusterId)).filter((completion) => completion.sessionScheduledStartAt === start);
}

async function compare(api: Api, stage: Stage, session: StagedSession, before?: number): Promise<string[]> {
  return differences(expectedOf(stage, session, before), await completionsOf(api, stage, session));
}

function signals(api: Api, { plan }: StagedSession, seat: Seat, ear: Ear): Moment[] {
  return seat.participant.stretches.flatMap(({ tab, from, signals: times, to, leaves }) =>
    times.map((at): Moment => {
      const kind = leaves && at === to ? 'leaving' : 'here';
      const expected = isLetIn(plan, seat.participant, at) ? 200 : 409;
      const act = async () => {
        const page = at === from && expected === 200 ? await api.openRoom(seat.link) : 200;
        if (page !== 200) return [fault(seat, at, `the room's page was answered ${page}, expected 200`)];
        const { status } = await api.sendToRoom(seat.link, 'signal', { tab, kind });
        if (status === 200) await ear.openAt(seat);
        return status === expected ? [] : [fault(seat, at, `a signal was answered ${status}, expected ${expected}`)];
      };
      return { at, kind: 'signal', act };
    }),
  );
}

function fault({ remoteId, participant }: Seat, at: number, what: string): string {
  return `${remoteId} (${participant.behaviour}) ${at} s from the start: ${what}`;
}

function seatOf({ seats }: StagedSession, participant: Seat['participant']): Seat {
  const seat = seats.find((known) => known.participant === participant);
  if (!seat) throw new Error('the plan has a participant without a seat');
  return seat;
}

function moveMoment(api: Api, session: StagedSession, { at, from, step, by }: Move, ear: Ear): Moment {
  const seat = seatOf(session, by);
  const act = async () => {
    const { status } = await api.sendToRoom(seat.link, 'move', { from, step });
    if (status !== 200) return [fault(seat, at, `the move to step ${step + 1} was answered ${status}, expected 200`)];
    return (await ear.hearsOfStep(step))
      ? []
      : [fault(seat, at, `a page was not told of the move to step ${step + 1}`)];
  };
  return { at, kind: 'move', act };
}

/** A group that is not complete cannot begin before the scheduled start. */
function tooSoonMoments(api: Api, session: StagedSession): Moment[] {
  const { tooSoon } = session.plan;
  if (!tooSoon) return [];
  const { at, from, step, by } = tooSoon;
  const seat = seatOf(session, by);
  const act = async () => {
    const { status } = await api.sendToRoom(seat.link, 'move', { from, step });
    return status === 409 ? [] : [fault(seat, at, `began without the others: answered ${status}, expected 409`)];
  };
  return [{ at, kind: 'move', act }];
}

function outMoments(api: Api, { plan }: StagedSession, seat: Seat): Moment[] {
  const { outAt, behaviour } = seat.participant;
  if (outAt === null) return [];
  const act = async () => {
    if (behaviour === 'cancelled') await api.cancelRegistration(seat.id);
    else await api.deactivateUser(seat.remoteId);
    const { status } = await api.sendToRoom(seat.link, 'signal', { tab: 'tab-1', kind: 'here' });
    return status === 409 ? [] : [fault(seat, outAt, `was let in once out: a signal was answered ${status}`)];
  };
  return outAt < closesAt(plan) ? [{ at: outAt, kind: 'act', act }] : [];
}

/** The group ends the session: its completions are there at once. */
function endMoments(api: Api, stage: Stage, session: StagedSession): Moment[] {
  const { end } = session.plan;
  if (!end) return [];
  const seat = seatOf(session, end.by);
  const act = async () => {
    const { status } = await api.sendToRoom(seat.link, 'end', {});
    if (status !== 200) return [fault(seat, end.at, `the end was answered ${status}, expected 200`)];
    return compare(api, stage, session);
  };
  return [{ at: end.at, kind: 'act', act }];
}
