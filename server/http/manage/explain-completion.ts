import type { Completion } from '@rollcall/contract/completions.ts';
import type { ExplainedCompletion, explainCompletion } from '@rollcall/contract/manage/completions.ts';
import { formatDateTime } from '../../domain/date-time.ts';
import { explainPresence, type StepVerdict, tellExplanation } from '../../domain/explanation.ts';
import { type PresenceInterval, roomHours, type ShownStep, type Stretch } from '../../domain/presence.ts';
import { Refusal } from '../../domain/refusal.ts';
import { getCompletion } from '../../store/completions.ts';
import type { Connection } from '../../store/database.ts';
import { getModule, type StoredModule } from '../../store/modules.ts';
import { getSession, type SessionWithModule } from '../../store/sessions.ts';
import type { OrganizationId } from '../../store/tables.ts';
import { listShownSteps, listVisits } from '../../store/visits.ts';
import type { Handler } from '../context.ts';
import { withDueSessionsEnded } from '../due-sessions.ts';
import { dataAnswer } from './answers.ts';

/** GET /manage/v1/completions/{completionId}/explain: all is read at one moment, so that it fits together. */
export const handleExplainCompletion: Handler<typeof explainCompletion> = async (received) => {
  const { account, database, params } = await withDueSessionsEnded(received);
  await using snapshot = await database.snapshot(account.organization);
  const facts = await readFacts(account.organization, snapshot.connection, params.completionId);
  return dataAnswer(present(facts));
};

interface Facts {
  readonly completion: Completion;
  readonly session: SessionWithModule;
  readonly module: StoredModule;
  readonly intervals: readonly PresenceInterval[];
  readonly shown: readonly ShownStep[];
}

async function readFacts(organization: OrganizationId, connection: Connection, id: string): Promise<Facts> {
  const stored = await getCompletion(organization, connection, id);
  const session = stored && (await getSession(organization, connection, stored.sessionId));
  const module = session && (await getModule(organization, connection, session.module.id));
  if (!module) throw new Refusal('not_found', `There is no completion "${id}" with a session behind it.`);
  return {
    completion: JSON.parse(stored.document) as Completion,
    session,
    module,
    intervals: await listVisits(organization, connection, stored.registrationId),
    shown: await listShownSteps(organization, connection, session.id),
  };
}

function present({ completion, session, module, intervals, shown }: Facts): ExplainedCompletion {
  const hours = roomHours(session);
  const { totalSteps } = completion;
  const explanation = explainPresence({ intervals, shown, hours, totalSteps });
  const titleOf = titlesOf(module, session);
  return {
    completion,
    sessionId: session.id,
    room: {
      opensAt: formatDateTime(hours.opensAt),
      closesAt: formatDateTime(hours.closesAt),
      endedByGroup: session.endedAt !== null,
    },
    visits: explanation.visits.map(({ tab, end, counted, ...visit }) => ({
      tab,
      ...presentStretch(visit),
      end,
      counted,
    })),
    presence: explanation.presence.map(presentStretch),
    gaps: explanation.gaps.map(({ reason, ...gap }) => ({ ...presentStretch(gap), reason })),
    steps: explanation.steps.map((verdict) => presentStep(verdict, titleOf(verdict.step))),
    presentSeconds: explanation.presentMs / 1_000,
    attendedReason: explanation.attendedReason,
    explanation: tellExplanation(explanation, hours, completion.percentageStepsVisited),
  };
}

/** The titles of steps, as long as the module is the one that the group was shown. */
function titlesOf({ updatedAt, steps }: StoredModule, session: SessionWithModule): (step: number) => string | null {
  const isSame = updatedAt <= (session.endedAt ?? session.scheduledEndAt);
  return (step) => (isSame ? (steps[step]?.title ?? null) : null);
}

function presentStretch({ firstAt, lastAt }: Stretch) {
  return { from: formatDateTime(firstAt), to: formatDateTime(lastAt), seconds: (lastAt - firstAt) / 1_000 };
}

function presentStep({ step, shown, reason }: StepVerdict, title: string | null): ExplainedCompletion['steps'][number] {
  return {
    number: step + 1,
    title,
    shown: shown.map(({ fromAt, toAt }) => ({
      from: formatDateTime(fromAt),
      to: toAt === null ? null : formatDateTime(toAt),
    })),
    visited: reason === 'seen',
    reason,
  };
}
