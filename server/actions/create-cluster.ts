import { randomUUIDv7 } from 'node:crypto';
import type { Schedule } from '@rollcall/contract/manage/session-shapes.ts';
import { Refusal } from '../domain/refusal.ts';
import { insertCluster, type NewCluster } from '../store/clusters.ts';
import { insertEvents } from '../store/events.ts';
import { getModule } from '../store/modules.ts';
import type { OrganizationId } from '../store/tables.ts';
import { type ActionContext, within } from './context.ts';
import { scheduleSessions } from './schedule-sessions.ts';

/** A cluster to be made. */
export interface ClusterTemplate extends Pick<NewCluster, 'moduleId' | 'selfRegistration' | 'capacity'> {
  /** Sessions to be scheduled with it; more can be scheduled afterwards. */
  readonly sessions?: Schedule;
}

/**
 * Offers a module (event `cluster.created`, and `session.scheduled` for each session). Refuses with `not_found` where
 * there is no such module, with `conflict` where it is archived or has no steps yet (a group would sit in an empty room),
 * with `invalid_request` where a session cannot start when it should.
 */
export function createCluster(
  context: ActionContext,
  organization: OrganizationId,
  { sessions, ...template }: ClusterTemplate,
): Promise<NewCluster> {
  return context.database.transaction(organization, async (transaction) => {
    const module = await getModule(organization, transaction, template.moduleId);
    if (!module) throw new Refusal('not_found', `There is no module "${template.moduleId}".`);
    if (module.archivedAt !== null) {
      throw new Refusal('conflict', `The module "${module.name}" is archived. Choose another.`);
    }
    if (module.steps.length === 0) {
      throw new Refusal('conflict', `The module "${module.name}" has no steps yet. Give it some, then offer it.`);
    }
    const at = context.now();
    const cluster: NewCluster = { ...template, id: randomUUIDv7(), createdAt: at };
    await insertCluster(organization, transaction, cluster, at);
    await insertEvents(organization, transaction, [{ type: 'cluster.created', data: { clusterId: cluster.id } }], at);
    if (sessions) await scheduleSessions(within(context, transaction), organization, cluster.id, sessions, '/sessions');
    return cluster;
  });
}
