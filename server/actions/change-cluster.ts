import { Refusal } from '../domain/refusal.ts';
import { type ClusterWithModule, getCluster, updateCluster } from '../store/clusters.ts';
import type { Transaction } from '../store/database.ts';
import { insertEvents } from '../store/events.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

export interface ClusterChange {
  readonly selfRegistration?: boolean;
  /** Seats of sessions that are scheduled from now on. */
  readonly capacity?: number;
}

/**
 * Changes a cluster; absent members stay. The event `cluster.updated` names what is now different; a change that changes
 * nothing leaves no event. Refuses with `not_found` where there is no such cluster, with `conflict` where it is archived.
 */
export function changeCluster(
  { database, now }: ActionContext,
  organization: OrganizationId,
  clusterId: string,
  change: ClusterChange,
): Promise<void> {
  return database.transaction(organization, async (transaction) => {
    const before = await requireCluster(organization, transaction, clusterId);
    if (before.archivedAt !== null) {
      throw new Refusal('conflict', 'The cluster is archived. It can no longer be changed.');
    }
    const members = ['selfRegistration', 'capacity'] as const;
    const changed = members.filter((member) => change[member] !== undefined && change[member] !== before[member]);
    if (changed.length === 0) return;
    const at = now();
    await updateCluster(organization, transaction, clusterId, change, at);
    const data = { clusterId, changed };
    await insertEvents(organization, transaction, [{ type: 'cluster.updated', data }], at);
  });
}

/** A cluster, archived or not; refuses with `not_found`. */
export async function requireCluster(
  organization: OrganizationId,
  transaction: Transaction,
  clusterId: string,
): Promise<ClusterWithModule> {
  const cluster = await getCluster(organization, transaction, clusterId);
  if (!cluster) throw new Refusal('not_found', `There is no cluster "${clusterId}".`);
  return cluster;
}
