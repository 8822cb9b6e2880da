import { createRandom, type Random } from '../../demo/random.ts';
import { type Behaviour, behaviours, type Stretch, stretchesOf } from './behaviours.ts';

/*
 * All times of a plan are whole seconds, counted from the scheduled start of the session that they belong to.
 */

const ROOM_OPENS = -600;
const ROOM_STAYS = 1_800;

/** Somebody in one session. */
export interface Participant {
  /** Which of the simulation's people, from 0. */
  readonly person: number;
  /** `gone`: the person was deactivated in an earlier session, and so has lost the seat in this one. */
  readonly behaviour: Behaviour | 'gone';
  readonly stretches: readonly Stretch[];
  /** When the person is deactivated or the seat cancelled; null where neither happens. */
  readonly outAt: number | null;
}

/** A participant shows the group another step. */
export interface Move {
  readonly at: number;
  readonly from: number | null;
  readonly step: number;
  readonly by: Participant;
}

export interface SessionPlan {
  /** From the first session's start to this one's. */
  readonly offset: number;
  /** Scheduled length. */
  readonly length: number;
  readonly participants: readonly Participant[];
  /** A participant ends the session for all; null where the clock does. */
  readonly end: { readonly at: number; readonly by: Participant } | null;
  /** When the first page that is there from the start on has the group shown its first step; null where none does. */
  readonly firstStepAt: number | null;
  readonly moves: readonly Move[];
  /** Somebody wants to begin before the start while somebody else is not here yet, in vain; null where nobody does. */
  readonly tooSoon: Move | null;
}

export interface SimulationPlan {
  /** Steps of the module. */
  readonly steps: number;
  /** Its duration. */
  readonly minutes: number;
  readonly sessions: readonly SessionPlan[];
}

/** What a simulation plays: the same for the same seed and numbers. */
export function makePlan(seed: string, sessions: number, people: number): SimulationPlan {
  const random = createRandom(`simulation ${seed}`);
  const minutes = random.integer(6, 12);
  const steps = random.chance(0.15) ? 0 : random.integer(2, 6);
  const plans: SessionPlan[] = [];
  const gone = new Set<number>();
  let offset = 0;
  for (let number = 0; number < sessions; number++) {
    const plan = planSession(random, { offset, length: minutes * 60, people, steps, gone });
    for (const { person, behaviour } of plan.participants) if (behaviour === 'deactivated') gone.add(person);
    plans.push(plan);
    offset += minutes * 60 + ROOM_STAYS - ROOM_OPENS + random.integer(10, 60) * 60;
  }
  return { steps, minutes, sessions: plans };
}

/** When the room closes. */
export function closesAt({ end, length }: Pick<SessionPlan, 'end' | 'length'>): number {
  return end?.at ?? length + ROOM_STAYS;
}

/** Whether the room takes what a participant's page sends at that moment. */
export function isLetIn(session: Pick<SessionPlan, 'end' | 'length'>, { behaviour, outAt }: Participant, at: number) {
  if (behaviour === 'gone' || at < ROOM_OPENS || at >= closesAt(session)) return false;
  return outAt === null || at < outAt;
}

interface Frame {
  readonly offset: number;
  readonly length: number;
  readonly people: number;
  readonly steps: number;
  /** People who were deactivated before. */
  readonly gone: ReadonlySet<number>;
}

function planSession(random: Random, frame: Frame): SessionPlan {
  const { offset, length, steps } = frame;
  const cast = castParticipants(random, frame);
  const taken = new Set(cast.flatMap(({ stretches }) => stretches.flatMap((stretch) => stretch.signals)));
  const endAt = random.chance(0.25) ? freeSecond(taken, random.integer(length / 2, length - 20)) : null;
  const participants = cast.map((participant) => withOut(random, taken, participant, (endAt ?? length) - 15));
  const by = endAt === null ? null : someoneThere(random, { end: null, length }, participants, endAt);
  const end = endAt !== null && by ? { at: endAt, by } : null;
  const session = { offset, length, participants, end };
  return { ...session, ...planMoves(random, session, steps) };
}

function castParticipants(random: Random, { people, length, gone }: Frame): Participant[] {
  const parts: Behaviour[] = ['on-time'];
  while (parts.length < people) parts.push(...random.shuffled(behaviours));
  return Array.from({ length: people }, (_, person) => {
    const behaviour = gone.has(person) ? 'gone' : (parts[person] as Behaviour);
    return { person, behaviour, stretches: stretchesOf(behaviour, length, random), outAt: null };
  });
}

/** Those who are put out are so at a second of their own, so that nothing hangs on what comes first within one. */
function withOut(random: Random, taken: Set<number>, participant: Participant, latest: number): Participant {
  const { behaviour } = participant;
  if (behaviour !== 'deactivated' && behaviour !== 'cancelled') return participant;
  return { ...participant, outAt: freeSecond(taken, random.integer(60, latest - 60)) };
}

/** The first second from `at` on in which nothing else happens; it is taken then. */
function freeSecond(taken: Set<number>, at: number): number {
  let free = at;
  while (taken.has(free)) free++;
  taken.add(free);
  return free;
}

/** Somebody whose page is open in the room at that moment; null where nobody is there. */
function someoneThere(
  random: Random,
  session: Pick<SessionPlan, 'end' | 'length'>,
  participants: readonly Participant[],
  at: number,
): Participant | null {
  const there = participants.filter(
    (participant) =>
      isLetIn(session, participant, at) && participant.stretches.some(({ from, to }) => from < at && at <= to),
  );
  return random.shuffled(there)[0] ?? null;
}

/** The longest silence of somebody who still counts as present, in seconds (domain: Rules). */
const SILENCE_MAX = 45;

/** Whether all who have a seat at that moment, before the start, are in the room. */
function isEveryoneThere({ participants }: Pick<SessionPlan, 'participants'>, at: number): boolean {
  const seated = participants.filter(({ behaviour }) => behaviour !== 'gone');
  return seated.every(({ stretches }) =>
    stretches.some(
      ({ signals, to, leaves }) =>
        !(leaves && to <= at) && signals.some((signal) => signal <= at && signal >= at - SILENCE_MAX),
    ),
  );
}

type Held = Omit<SessionPlan, 'firstStepAt' | 'moves' | 'tooSoon'>;
type Moves = Pick<SessionPlan, 'firstStepAt' | 'moves' | 'tooSoon'>;

/** How the group goes through the steps: at times before the start, at times back again, as long as somebody is there. */
function planMoves(random: Random, session: Held, steps: number): Moves {
  if (steps === 0) return { firstStepAt: null, moves: [], tooSoon: null };
  const wish = random.chance(0.5) ? moveAt(random, session, random.integer(-60, -5), null, 0) : null;
  const early = wish && isEveryoneThere(session, wish.at) ? wish : null;
  const tooSoon = early ? null : wish;
  const firstStepAt = early ? null : firstSignalFromStart(session);
  const begun = early?.at ?? firstStepAt;
  if (begun === null) return { firstStepAt: null, moves: [], tooSoon };
  const moves: Move[] = early ? [early] : [];
  let at = begun;
  for (const step of path(random, steps)) {
    at += random.integer(20, Math.ceil((1.3 * session.length) / steps));
    const from = moves.at(-1)?.step ?? 0;
    const move = moveAt(random, session, at, from, step);
    if (!move) break;
    moves.push(move);
  }
  return { firstStepAt, moves, tooSoon };
}

/** The steps after the first: forwards, and once in a while one back and forth. */
function path(random: Random, steps: number): number[] {
  const back = random.chance(0.3) ? random.integer(1, steps - 1) : 0;
  return Array.from({ length: steps - 1 }, (_, index) => index + 1).flatMap((step) =>
    step === back ? [step, step - 1, step] : [step],
  );
}

function moveAt(random: Random, session: Held, at: number, from: number | null, step: number): Move | null {
  const by = someoneThere(random, session, session.participants, at);
  return by && { at, from, step, by };
}

function firstSignalFromStart(session: Held): number | null {
  const signals = session.participants.flatMap((participant) =>
    participant.stretches.flatMap(({ signals: times, to, leaves }) =>
      times.filter((at) => at >= 0 && !(leaves && at === to) && isLetIn(session, participant, at)),
    ),
  );
  return signals.length === 0 ? null : Math.min(...signals);
}
