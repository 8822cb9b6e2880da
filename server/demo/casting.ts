import type { ModuleTemplate } from '../actions/create-module.ts';
import type { PresenceSignal } from '../domain/presence.ts';
import { attend, holdMeeting, type Manner, type Meeting, someHabits } from './attendance.ts';
import { demoPeople } from './people.ts';
import { demoClusters, demoLeavers, type PlannedCluster, type PlannedSession, workdayAt } from './plan.ts';
import { createRandom, type Random } from './random.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const CAPACITY = 6;
/** Sessions are announced four weeks ahead, or with their cluster. */
const ANNOUNCED_MS = 28 * DAY_MS;

/** Manners as often as they are usual; dealt out like cards, so that each of them is met. */
const MANNERS: readonly Manner[] = [
  'throughout',
  'throughout',
  'throughout',
  'throughout',
  'late',
  'leftEarly',
  'lostConnection',
  'twoTabs',
  'lingered',
  'absent',
];

/** The sample's group begins on time and takes so long for its steps that the ninth comes after 56 minutes. */
const SAMPLE_HABITS = { delayMs: 0, pace: 1.12 };

/** Somebody who signs up for a session. */
export interface Participant {
  readonly remoteId: string;
  readonly signUpAt: number;
  /** What their room pages send; nothing for a no-show, and before the session. */
  readonly signals: readonly PresenceSignal[];
}

interface Hours {
  readonly announcedAt: number;
  readonly startAt: number;
  readonly endAt: number;
}

/** A session with all that happens in it. Times are epoch milliseconds. */
export interface CastSession extends Hours {
  readonly cluster: PlannedCluster;
  readonly capacity: number;
  readonly participants: readonly Participant[];
  /** null where it is still to come. */
  readonly meeting: Meeting | null;
}

/** A planned session, with what its cluster makes of it. */
interface Scene extends Hours {
  readonly cluster: PlannedCluster;
  readonly planned: PlannedSession;
  readonly module: ModuleTemplate;
}

/** What the whole cast has in common. */
interface Stage {
  readonly now: number;
  readonly random: Random;
  readonly deal: () => Manner;
  /** Who has had or will have which module. */
  readonly lessons: Set<string>;
}

/** When a planned cluster was made. */
export function createdAt(cluster: PlannedCluster, now: number): number {
  return workdayAt(now, cluster.createdDay, [10, 0]);
}

/**
 * Decides who takes part in which session and how: always the same for the same modules and day. Nobody takes a module
 * twice, and those who have left are not there any more.
 */
export function castSessions(modules: ReadonlyMap<string, ModuleTemplate>, now: number): CastSession[] {
  const random = createRandom('rollcall demo');
  const stage: Stage = { now, random, deal: dealer(random), lessons: new Set() };
  return scenes(modules, now).map((scene) => castSession(stage, scene));
}

function scenes(modules: ReadonlyMap<string, ModuleTemplate>, now: number): Scene[] {
  const all = demoClusters.flatMap((cluster) => {
    const module = modules.get(cluster.module);
    if (!module) throw new Error(`server/demo/modules has no ${cluster.module}.yaml`);
    return cluster.sessions.map((planned) => ({ cluster, planned, module, ...hoursOf(cluster, planned, module, now) }));
  });
  return all.sort((a, b) => a.startAt - b.startAt);
}

function hoursOf(
  cluster: PlannedCluster,
  { day, time }: PlannedSession,
  { durationMinutes }: ModuleTemplate,
  now: number,
): Hours {
  const startAt = workdayAt(now, day, time);
  const announcedAt = Math.max(createdAt(cluster, now), startAt - ANNOUNCED_MS) + 15 * MINUTE_MS;
  return { announcedAt, startAt, endAt: startAt + durationMinutes * MINUTE_MS };
}

function castSession(stage: Stage, scene: Scene): CastSession {
  const { random, now } = stage;
  const { cluster, planned, announcedAt, startAt, endAt } = scene;
  const meeting = endAt < now ? meetingOf(scene, random) : null;
  const capacity = planned.capacity ?? CAPACITY;
  const size = planned.taken ?? (meeting ? random.integer(4, capacity) : random.integer(2, capacity - 1));
  const participants = choosePeople(stage, scene, size).map((remoteId) => {
    const guest = planned.guest?.remoteId === remoteId ? planned.guest : null;
    const manner = guest ? guest.manner : stage.deal();
    return {
      remoteId,
      signUpAt: guest ? announcedAt + HOUR_MS : someSignUp(stage, scene),
      signals: meeting ? attend(meeting, manner, random) : [],
    };
  });
  return { cluster, announcedAt, startAt, endAt, capacity, participants, meeting };
}

function meetingOf({ startAt, endAt, planned, module }: Scene, random: Random): Meeting {
  const minutes = module.steps.map((step) => step.minutes);
  const habits = planned.guest?.manner === 'sample' ? SAMPLE_HABITS : someHabits(random, minutes.length);
  return holdMeeting({ startAt, endAt }, minutes, habits);
}

/** Takes the next card, and shuffles the pack again once it is used up. */
function dealer(random: Random): () => Manner {
  let pack: Manner[] = [];
  return () => {
    if (pack.length === 0) pack = random.shuffled(MANNERS);
    return pack.pop() as Manner;
  };
}

/** The guest, and others who have not had the module and are still in the organization. */
function choosePeople({ now, random, lessons }: Stage, { cluster, planned, endAt }: Scene, size: number): string[] {
  const guests = planned.guest ? [planned.guest.remoteId] : [];
  const unavailable = new Set(guests);
  for (const { remoteId, day } of demoLeavers) {
    if (workdayAt(now, day, [12, 0]) < endAt + DAY_MS) unavailable.add(remoteId);
  }
  const others = random
    .shuffled(demoPeople)
    .map(({ remoteId }) => remoteId)
    .filter((remoteId) => !unavailable.has(remoteId) && !lessons.has(`${remoteId} ${cluster.module}`));
  const people = [...guests, ...others].slice(0, size);
  for (const remoteId of people) lessons.add(`${remoteId} ${cluster.module}`);
  return people;
}

/** Some moment after the announcement, two hours before the start at the latest, and not in the future. */
function someSignUp({ random, now }: Stage, { announcedAt, startAt }: Scene): number {
  return random.integer(announcedAt + MINUTE_MS, Math.min(startAt, now) - 2 * HOUR_MS);
}
