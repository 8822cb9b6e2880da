import { type Api, dateTime } from './api.ts';
import type { Participant, SessionPlan, SimulationPlan } from './plan.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** From the moment at which people sign up to the first session. */
const LEAD_MS = 2 * HOUR_MS;

/** A seat as the server gave it. */
export interface Seat {
  readonly participant: Participant;
  /** The registration's id, which is also the completion's. */
  readonly id: string;
  readonly remoteId: string;
  /** Path of the join link. */
  readonly link: string;
}

/** A session as the server has it. */
export interface StagedSession {
  readonly plan: SessionPlan;
  /** Scheduled start, in epoch milliseconds. */
  readonly startAt: number;
  readonly seats: readonly Seat[];
}

/** All that was made for a simulation. */
export interface Stage {
  readonly plan: SimulationPlan;
  readonly moduleId: string;
  readonly moduleName: string;
  readonly clusterId: string;
  readonly sessions: readonly StagedSession[];
}

/** Makes what a plan is played on: people, module, cluster, sessions and seats, at the next full hour of the clock. */
export async function setStage(api: Api, seed: string, plan: SimulationPlan, people: number): Promise<Stage> {
  const now = Math.ceil((await api.clock()) / HOUR_MS) * HOUR_MS;
  await api.setClock(now);
  const remoteIdOf = (person: number) => `simulated-${person + 1}`;
  await api.upsertUsers(
    Array.from({ length: people }, (_, person) => ({
      remoteId: remoteIdOf(person),
      firstName: 'Simulated',
      lastName: `Person ${person + 1}`,
    })),
  );
  const moduleName = `Simulation with seed ${seed}`;
  const moduleId = await api.createModule({
    name: moduleName,
    category: 'Simulation',
    duration: plan.minutes,
    // Without steps nothing can be offered: a module that is to have none loses its only one afterwards.
    steps: Array.from({ length: plan.steps || 1 }, (_, step) => ({
      title: `Step ${step + 1}`,
      minutes: 2,
      prompt: '',
    })),
  });
  const starts = plan.sessions.map(({ offset }) => now + LEAD_MS + offset * 1_000);
  const clusterId = await api.createCluster(moduleId, people, starts);
  if (plan.steps === 0) await api.changeModule(moduleId, { steps: [] });
  const listed = await api.listSessions(clusterId);
  const sessions: StagedSession[] = [];
  for (const [index, session] of plan.sessions.entries()) {
    const startAt = starts[index] as number;
    const staged = listed[index];
    if (staged?.startsAt !== dateTime(startAt)) throw new Error(`session ${index + 1} was not scheduled as asked`);
    const seats: Seat[] = [];
    for (const participant of session.participants) {
      const remoteId = remoteIdOf(participant.person);
      const { id, joinUrl } = await api.register(staged.id, remoteId);
      seats.push({ participant, id, remoteId, link: linkOf(joinUrl) });
    }
    sessions.push({ plan: session, startAt, seats });
  }
  return { plan, moduleId, moduleName, clusterId, sessions };
}

/** The path of a join link: the server may have another name outside than the one that it was given to us by. */
function linkOf(joinUrl: string | null): string {
  const token = /\/join\/[^/?#]+$/.exec(joinUrl ?? '')?.[0];
  if (token === undefined) throw new Error(`"${joinUrl}" is no join link`);
  return token;
}
