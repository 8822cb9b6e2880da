import { randomUUIDv7 } from 'node:crypto';
import { Refusal } from '../domain/refusal.ts';
import { insertCluster, type NewCluster } from '../store/clusters.ts';
import { insertEvents } from '../store/events.ts';
import { getModule } from '../store/modules.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

/** A cluster to be made; its sessions are scheduled afterwards. */
export type ClusterTemplate = Pick<NewCluster, 'moduleId' | 'selfRegistration'>;

/**
 * Offers a module (event `cluster.created`). Refuses with `not_found` where there is no such module, with `conflict`
 * where it is archived.
 */
export function createCluster(
  { database, now }: ActionContext,
  organization: OrganizationId,
  template: ClusterTemplate,
): Promise<NewCluster> {
  return database.transaction(async (transaction) => {
    const module = await getModule(organization, transaction, template.moduleId);
    if (!module) throw new Refusal('not_found', `There is no module "${template.moduleId}".`);
    if (module.archivedAt !== null) {
      throw new Refusal('conflict', `The module "${module.name}" is archived. Choose another.`);
    }
    const at = now();
    const cluster: NewCluster = { ...template, id: randomUUIDv7(), createdAt: at };
    await insertCluster(organization, transaction, cluster, at);
    await insertEvents(organization, transaction, [{ type: 'cluster.created', data: { clusterId: cluster.id } }], at);
    return cluster;
  });
}
