import { randomUUIDv7 } from 'node:crypto';
import { limits } from '@rollcall/contract/limits.ts';
import { Refusal } from '../domain/refusal.ts';
import { getCluster } from '../store/clusters.ts';
import { insertEvents } from '../store/events.ts';
import { insertSession, type NewSession } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

const MINUTE_MS = 60_000;

/** A session to be scheduled. */
export interface SessionTemplate extends Pick<NewSession, 'clusterId' | 'scheduledStartAt'> {
  /** As many as the cluster says unless given. */
  readonly capacity?: number;
  /** The module's duration unless given (domain: Rules). */
  readonly durationMinutes?: number;
  readonly meetingLink?: string | null;
}

/**
 * Schedules a session of a cluster (event `session.scheduled`). Refuses with `not_found` where there is no such cluster,
 * with `conflict` where it is archived.
 */
export function scheduleSession(
  { database, now }: ActionContext,
  organization: OrganizationId,
  { clusterId, scheduledStartAt, capacity, durationMinutes, meetingLink = null }: SessionTemplate,
): Promise<NewSession> {
  return database.transaction(organization, async (transaction) => {
    const cluster = await getCluster(organization, transaction, clusterId);
    if (!cluster) throw new Refusal('not_found', `There is no cluster "${clusterId}".`);
    if (cluster.archivedAt !== null) {
      throw new Refusal('conflict', 'The cluster is archived. Sessions can be scheduled in another one.');
    }
    const at = now();
    const minutes = durationMinutes ?? cluster.module.durationMinutes;
    const session: NewSession = {
      id: randomUUIDv7(),
      clusterId,
      scheduledStartAt,
      scheduledEndAt: scheduledStartAt + minutes * MINUTE_MS,
      capacity: capacity ?? cluster.capacity ?? limits.capacityDefault,
      meetingLink,
      createdAt: at,
    };
    await insertSession(organization, transaction, session);
    await insertEvents(organization, transaction, [{ type: 'session.scheduled', data: { sessionId: session.id } }], at);
    return session;
  });
}
