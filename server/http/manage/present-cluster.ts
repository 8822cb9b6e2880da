import { limits } from '@rollcall/contract/limits.ts';
import type { Cluster } from '@rollcall/contract/manage/clusters.ts';
import { embedCode, signUpAddress } from '../../domain/addresses.ts';
import { formatDateTime } from '../../domain/date-time.ts';
import { Refusal } from '../../domain/refusal.ts';
import { getListedCluster, type ListedCluster } from '../../store/clusters.ts';
import type { Connection } from '../../store/database.ts';
import type { Call } from '../context.ts';

type ClusterCall = Pick<Call, 'account' | 'now' | 'publicUrl'>;

/** A cluster as the contract shows it. */
export function presentCluster({ account, publicUrl }: ClusterCall, cluster: ListedCluster): Cluster {
  const { selfRegistration, capacity, archivedAt } = cluster;
  const isOpen = selfRegistration && archivedAt === null;
  const signUpUrl = isOpen ? signUpAddress(publicUrl(), account.slug, cluster.id) : null;
  return {
    id: cluster.id,
    moduleId: cluster.module.id,
    moduleName: cluster.module.name,
    selfRegistration,
    capacity: capacity ?? limits.capacityDefault,
    signUpUrl,
    iframeCode: signUpUrl && embedCode(signUpUrl),
    sessionsUpcoming: cluster.sessionsUpcoming,
    createdAt: formatDateTime(cluster.createdAt),
    archivedAt: archivedAt === null ? null : formatDateTime(archivedAt),
  };
}

/** Reads a cluster and presents it; refuses with `not_found`. */
export async function showCluster(call: ClusterCall, connection: Connection, id: string): Promise<Cluster> {
  const cluster = await getListedCluster(call.account.organization, connection, id, call.now());
  if (!cluster) throw new Refusal('not_found', `There is no cluster "${id}".`);
  return presentCluster(call, cluster);
}
