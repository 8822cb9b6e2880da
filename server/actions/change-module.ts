import { isDeepStrictEqual } from 'node:util';
import type { ModuleContent } from '../domain/module-template.ts';
import { Refusal } from '../domain/refusal.ts';
import type { Transaction } from '../store/database.ts';
import { insertEvents } from '../store/events.ts';
import { getModule, type StoredModule, updateModule } from '../store/modules.ts';
import { hasOpenSession } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

const MEMBERS = ['name', 'category', 'description', 'thumbnailUrl', 'durationMinutes', 'steps'] as const;

/**
 * Changes a module; absent members stay, steps are replaced as a whole. The event `module.updated` names what is now
 * different; a change that changes nothing leaves no event. Completions that are recorded already are snapshots and stay.
 * Refuses with `not_found` where there is no such module, with `conflict` where it is archived, or where its steps would
 * change while a group is in the middle of them: shown steps are noted by their position.
 */
export function changeModule(
  { database, now }: ActionContext,
  organization: OrganizationId,
  moduleId: string,
  changes: Partial<ModuleContent>,
): Promise<StoredModule> {
  return database.transaction(organization, async (transaction) => {
    const before = await requireModule(organization, transaction, moduleId);
    if (before.archivedAt !== null) {
      throw new Refusal('conflict', 'The module is archived. It can no longer be changed.');
    }
    const changed = MEMBERS.filter(
      (member) => changes[member] !== undefined && !isDeepStrictEqual(changes[member], before[member]),
    );
    if (changed.length === 0) return before;
    if (changed.includes('steps') && (await hasOpenSession(organization, transaction, moduleId))) {
      throw new Refusal(
        'conflict',
        'A group is in the middle of this module. Change its steps when the session is over.',
      );
    }
    const at = now();
    await updateModule(organization, transaction, moduleId, changes, at);
    const data = { moduleId, changed };
    await insertEvents(organization, transaction, [{ type: 'module.updated', data }], at);
    return requireModule(organization, transaction, moduleId);
  });
}

/** A module, archived or not; refuses with `not_found`. */
export async function requireModule(
  organization: OrganizationId,
  transaction: Transaction,
  moduleId: string,
): Promise<StoredModule> {
  const module = await getModule(organization, transaction, moduleId);
  if (!module) throw new Refusal('not_found', `There is no module "${moduleId}".`);
  return module;
}
