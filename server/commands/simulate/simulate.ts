import { table } from '@rollcall/cli/table.ts';
import { print, remark } from '../output.ts';
import { Api } from './api.ts';
import { differences, type Expected, expectedOf } from './compare.ts';
import { makePlan } from './plan.ts';
import { play } from './play.ts';
import { setStage } from './stage.ts';

export interface SimulationOptions {
  readonly url: string;
  readonly key: string;
  readonly seed: string;
  readonly sessions: number;
  readonly participants: number;
}

/** What came of a simulation. */
export interface Simulation {
  readonly clusterId: string;
  readonly expected: readonly Expected[];
  /** What was not as it is to be, in sentences. */
  readonly differences: readonly string[];
}

/** `rollcall simulate`: prints the completions to be expected; fails where the server gives others. */
export async function simulate(options: SimulationOptions & { readonly json?: true }): Promise<void> {
  const simulation = await runSimulation(options);
  const count = simulation.differences.length;
  if (options.json) await print(JSON.stringify(present(options.seed, simulation)));
  else await print(tableOf(simulation.expected));
  if (count === 0) return remark(`The server agrees: ${simulation.expected.length} completions.`);
  for (const difference of simulation.differences) remark(`- ${difference}`);
  throw new Error(`the server disagrees in ${count} ${count === 1 ? 'place' : 'places'}`);
}

/** Plays the sessions of a seed against a server, in a cluster of their own, and compares what the server makes of them. */
export async function runSimulation(options: SimulationOptions): Promise<Simulation> {
  const { url, key, seed, sessions, participants } = options;
  const api = new Api(url, key);
  const stage = await setStage(api, seed, makePlan(seed, sessions, participants), participants);
  const faults = await play(api, stage);
  const expected = stage.sessions.flatMap((session) => expectedOf(stage, session));
  const last = differences(expected, await api.listCompletions(stage.clusterId));
  return { clusterId: stage.clusterId, expected, differences: [...new Set([...faults, ...last])] };
}

function present(seed: string, { clusterId, expected, differences: faults }: Simulation) {
  return {
    seed,
    clusterId,
    expected: expected.map(({ seat, completion }) => ({ behaviour: seat.participant.behaviour, completion })),
    differences: faults,
  };
}

const HEAD = ['SESSION', 'WHO', 'BEHAVIOUR', 'ATTENDED', 'FIRST', 'LAST', 'MINUTES', 'STEPS'];

function tableOf(expected: readonly Expected[]): string {
  const rows = expected.map(({ seat, completion }) => [
    completion.sessionScheduledStartAt,
    seat.remoteId,
    seat.participant.behaviour,
    completion.attended ? 'yes' : 'no',
    completion.participantFirstVisitedAt?.slice(11, 19) ?? '-',
    completion.participantLastVisitedAt?.slice(11, 19) ?? '-',
    `${completion.timeInSessionMins}`,
    `${completion.stepsVisited}/${completion.totalSteps}`,
  ]);
  return table([HEAD, ...rows]);
}
