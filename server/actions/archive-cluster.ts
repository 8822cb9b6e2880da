import { Refusal } from '../domain/refusal.ts';
import { updateCluster } from '../store/clusters.ts';
import { insertEvents } from '../store/events.ts';
import { type ListedSession, listSessions } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import { cancelSession } from './cancel-session.ts';
import { requireCluster } from './change-cluster.ts';
import { type ActionContext, within } from './context.ts';

/** Sessions that a refusal names. */
const NAMED_MAX = 20;

/**
 * Archives a cluster for good (event `cluster.archived`), and cancels its sessions that are not over (event
 * `session.cancelled` each): nobody could sign up for them any more. Where people have seats in them, that has to be asked
 * for with `cancelSessions`, else it is refused with `conflict`. Sessions whose end has passed are left to be recorded. A
 * second time changes nothing. Refuses with `not_found` where there is no such cluster.
 */
export function archiveCluster(
  context: ActionContext,
  organization: OrganizationId,
  clusterId: string,
  { cancelSessions }: { readonly cancelSessions: boolean },
): Promise<void> {
  return context.database.transaction(organization, async (transaction) => {
    const cluster = await requireCluster(organization, transaction, clusterId);
    if (cluster.archivedAt !== null) return;
    const at = context.now();
    const sessions = await listSessions(organization, transaction, clusterId);
    const unfinished = sessions.filter((session) => isUnfinished(session, at));
    const taken = unfinished.filter(({ seatsTaken, state }) => seatsTaken > 0 || state === 'open');
    if (taken.length > 0 && !cancelSessions) throw stillHeld(taken);
    for (const { id } of unfinished) await cancelSession(within(context, transaction), organization, id);
    await updateCluster(organization, transaction, clusterId, { archivedAt: at }, at);
    await insertEvents(organization, transaction, [{ type: 'cluster.archived', data: { clusterId } }], at);
  });
}

function isUnfinished({ state, scheduledEndAt }: ListedSession, now: number): boolean {
  return (state === 'scheduled' || state === 'open') && scheduledEndAt > now;
}

function stillHeld(sessions: readonly ListedSession[]): Refusal {
  const [where, which] =
    sessions.length === 1 ? ['1 session that is', 'it'] : [`${sessions.length} sessions that are`, 'these'];
  return new Refusal(
    'conflict',
    `People have seats in ${where} not over. Send cancelSessions=true to cancel ${which} too.`,
    { sessionIds: sessions.slice(0, NAMED_MAX).map(({ id }) => id) },
  );
}
