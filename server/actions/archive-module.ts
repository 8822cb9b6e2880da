import { Refusal } from '../domain/refusal.ts';
import { listOffers } from '../store/clusters.ts';
import { insertEvents } from '../store/events.ts';
import { archiveModule as markArchived, type StoredModule } from '../store/modules.ts';
import type { OrganizationId } from '../store/tables.ts';
import { requireModule } from './change-module.ts';
import type { ActionContext } from './context.ts';

/** Clusters that a refusal names. */
const NAMED_MAX = 20;

/**
 * Archives a module for good (event `module.archived`); a second time changes nothing. Refuses with `not_found` where
 * there is no such module, with `conflict` while a cluster offers it: what is on offer is taken down on purpose, not by
 * the way.
 */
export function archiveModule(
  { database, now }: ActionContext,
  organization: OrganizationId,
  moduleId: string,
): Promise<StoredModule> {
  return database.transaction(organization, async (transaction) => {
    const module = await requireModule(organization, transaction, moduleId);
    if (module.archivedAt !== null) return module;
    const offers = await listOffers(organization, transaction, moduleId);
    if (offers.length > 0) throw stillOffered(offers);
    const at = now();
    await markArchived(organization, transaction, moduleId, at);
    await insertEvents(organization, transaction, [{ type: 'module.archived', data: { moduleId } }], at);
    return requireModule(organization, transaction, moduleId);
  });
}

function stillOffered(offers: readonly string[]): Refusal {
  const [where, which] = offers.length === 1 ? ['1 cluster', 'it'] : [`${offers.length} clusters`, 'these'];
  return new Refusal('conflict', `The module is on offer in ${where}. Archive ${which} first.`, {
    clusterIds: offers.slice(0, NAMED_MAX),
  });
}
