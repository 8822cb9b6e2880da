import { randomUUIDv7 } from 'node:crypto';
import { insertEvents } from '../store/events.ts';
import { insertModule, type Module } from '../store/modules.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

/** A module to be made; its texts have passed the door's validation. */
export type ModuleTemplate = Omit<Module, 'id'>;

/** Makes a module with its steps (event `module.created`). */
export function createModule(
  { database, now }: ActionContext,
  organization: OrganizationId,
  template: ModuleTemplate,
): Promise<Module> {
  const module = { ...template, id: randomUUIDv7() };
  return database.transaction(organization, async (transaction) => {
    const at = now();
    await insertModule(organization, transaction, module, at);
    await insertEvents(organization, transaction, [{ type: 'module.created', data: { moduleId: module.id } }], at);
    return module;
  });
}
