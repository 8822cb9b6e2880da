import { isLetIn, type Participant, type SessionPlan, type SimulationPlan } from './plan.ts';

/** What is to come of a seat; times are seconds from the scheduled start. */
export interface Expectation {
  readonly attended: boolean;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly minutes: number;
  readonly stepsVisited: number;
  readonly percentage: number;
}

/**
 * What is to come of a participant's seat by what happened before `before`; null where there is to be no record. Counted
 * second by second from what the person did, and not by the server's rules: it is to find out where these are wrong.
 */
export function expectationOf(
  { steps }: SimulationPlan,
  session: SessionPlan,
  participant: Participant,
  before = Number.POSITIVE_INFINITY,
): Expectation | null {
  const { behaviour, outAt } = participant;
  if (behaviour === 'gone' || (behaviour === 'cancelled' && outAt !== null && outAt < before)) return null;
  const seen = seenStretches(session, participant, before);
  const present = new Set<number>();
  const visited = new Set<number>();
  for (const { from, to } of seen) {
    for (let second = from; second <= to; second++) {
      if (second < to) present.add(second);
      const step = stepShownAt(session, second, before);
      if (step !== null) visited.add(step);
    }
  }
  return {
    attended: seen.length > 0,
    firstAt: seen.length > 0 ? Math.min(...seen.map(({ from }) => from)) : null,
    lastAt: seen.length > 0 ? Math.max(...seen.map(({ to }) => to)) : null,
    minutes: Math.floor(present.size / 60),
    stepsVisited: visited.size,
    percentage: steps === 0 ? 0 : Math.round((100 * visited.size) / steps),
  };
}

/** The stretches as far as the room took their signals; a page that only says that it leaves was never there. */
function seenStretches(session: SessionPlan, participant: Participant, before: number) {
  return participant.stretches.flatMap(({ signals, to, leaves }) => {
    const heard = signals.filter((at) => at < before && isLetIn(session, participant, at));
    const [from] = heard;
    const last = heard.at(-1);
    const isOnlyLeaving = leaves && from === to;
    if (from === undefined || last === undefined || isOnlyLeaving) return [];
    return [{ from, to: last }];
  });
}

/** The step that the group was on in that second; null before the first. */
function stepShownAt({ firstStepAt, moves }: SessionPlan, second: number, before: number): number | null {
  const moved = moves.findLast(({ at }) => at <= second && at < before);
  if (moved) return moved.step;
  return firstStepAt !== null && firstStepAt <= second && firstStepAt < before ? 0 : null;
}
