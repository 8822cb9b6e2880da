import type { BatchResult } from '@rollcall/contract/users.ts';
import { deactivateUsers, upsertUsers } from '../actions/batch-users.ts';
import type { ActionContext } from '../actions/context.ts';
import { createCluster } from '../actions/create-cluster.ts';
import { createModule, type ModuleTemplate } from '../actions/create-module.ts';
import { moveGroup } from '../actions/move-group.ts';
import { endDueSessions } from '../actions/record-completions.ts';
import { recordPresence } from '../actions/record-presence.ts';
import { registerUser } from '../actions/register-user.ts';
import { scheduleSession } from '../actions/schedule-session.ts';
import type { OrganizationId } from '../store/tables.ts';
import { type CastSession, createdAt, type Participant } from './casting.ts';
import { demoPeople } from './people.ts';
import { demoClusters, demoLeavers, FIRST_DAY, type PlannedCluster, workdayAt } from './plan.ts';

const MINUTE_MS = 60_000;
const ONCE = { dryRun: false, idempotency: null } as const;

/** Something that happens in the demo's history, done by an action whose clock shows that moment. */
interface Moment {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly act: (context: ActionContext) => Promise<unknown>;
}

/** Ids become known as the story goes on: by remote id, file name of the module, and plan. */
interface Ids {
  readonly users: Map<string, string>;
  readonly modules: Map<string, string>;
  readonly clusters: Map<PlannedCluster, string>;
}

/**
 * Makes the demo's content by living through its history: every step is taken by the action that a real organization's
 * people would cause, at its time, one after the other as they happened.
 */
export async function liveThrough(
  context: ActionContext,
  organization: OrganizationId,
  modules: ReadonlyMap<string, ModuleTemplate>,
  sessions: readonly CastSession[],
): Promise<void> {
  const now = context.now();
  const ids: Ids = { users: new Map(), modules: new Map(), clusters: new Map() };
  const moments = [
    ...beginnings(organization, modules, ids, now),
    ...sessions.flatMap((session) => [...sessionMoments(organization, session, ids)]),
    ...demoLeavers.map(({ remoteId, day }) => ({
      at: workdayAt(now, day, [12, 0]),
      act: (at: ActionContext) => deactivateUsers(at, organization, [{ remoteId }], ONCE),
    })),
  ].sort((a, b) => a.at - b.at);
  for (const { at, act } of moments) await act({ ...context, now: () => at });
}

function* beginnings(
  organization: OrganizationId,
  modules: ReadonlyMap<string, ModuleTemplate>,
  ids: Ids,
  now: number,
): Generator<Moment> {
  const firstAt = workdayAt(now, FIRST_DAY, [8, 0]);
  yield {
    at: firstAt,
    act: async (context) => {
      const { body } = await upsertUsers(context, organization, demoPeople, ONCE);
      const { data } = JSON.parse(body) as BatchResult;
      for (const { remoteId, id } of data.success) ids.users.set(remoteId ?? '', id);
    },
  };
  for (const [index, [file, template]] of [...modules].entries()) {
    yield {
      at: firstAt + (index + 1) * 45 * MINUTE_MS,
      act: async (context) => ids.modules.set(file, (await createModule(context, organization, template)).id),
    };
  }
  for (const cluster of demoClusters) {
    yield {
      at: createdAt(cluster, now),
      act: async (context) => {
        const { selfRegistration } = cluster;
        const moduleId = known(ids.modules, cluster.module);
        const { id } = await createCluster(context, organization, { moduleId, selfRegistration });
        ids.clusters.set(cluster, id);
      },
    };
  }
}

function known<Key>(ids: ReadonlyMap<Key, string>, key: Key): string {
  const id = ids.get(key);
  if (id === undefined) throw new Error('the story of the demo tells of something before it is there');
  return id;
}

function* sessionMoments(organization: OrganizationId, session: CastSession, ids: Ids): Generator<Moment> {
  let sessionId = '';
  yield {
    at: session.announcedAt,
    act: async (context) => {
      const { startAt: scheduledStartAt, capacity } = session;
      const clusterId = known(ids.clusters, session.cluster);
      sessionId = (await scheduleSession(context, organization, { clusterId, scheduledStartAt, capacity })).id;
    },
  };
  for (const participant of session.participants) {
    let registrationId = '';
    yield {
      at: participant.signUpAt,
      act: async (context) => {
        const userId = known(ids.users, participant.remoteId);
        registrationId = (await registerUser(context, organization, { sessionId, userId })).id;
      },
    };
    for (const { at, signals } of presenceParts(participant, session.endAt)) {
      yield { at, act: (context) => recordPresence(context, organization, registrationId, signals) };
    }
  }
  if (!session.meeting) return;
  for (const { step, at } of session.meeting.moves) {
    yield { at, act: (context) => moveGroup(context, organization, { sessionId, step }) };
  }
  yield { at: session.endAt, act: (context) => endDueSessions(context, organization) };
}

/** The signals until the scheduled end and those after it, each part taken in at its last signal. */
function* presenceParts({ signals }: Participant, endAt: number) {
  for (const part of [signals.filter(({ at }) => at < endAt), signals.filter(({ at }) => at >= endAt)]) {
    const last = part.at(-1);
    if (last) yield { at: last.at, signals: part };
  }
}
