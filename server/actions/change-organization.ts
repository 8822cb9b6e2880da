import { isDeepStrictEqual } from 'node:util';
import { insertEvents } from '../store/events.ts';
import {
  getOrganization,
  type Organization,
  type OrganizationSettings,
  updateOrganization,
} from '../store/organizations.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

/**
 * Changes an organization's settings; absent ones stay, lists are replaced. The event `organization.updated` names what
 * is now different; setting what is set already leaves no event.
 */
export function changeOrganization(
  { database, now }: ActionContext,
  organization: OrganizationId,
  settings: OrganizationSettings,
): Promise<Organization> {
  return database.transaction(organization, async (transaction) => {
    const before = await getOrganization(organization, transaction);
    await updateOrganization(organization, transaction, settings);
    const after = await getOrganization(organization, transaction);
    const names = ['name', 'trustedDomains', 'embedOrigins', 'accentColor', 'syncLimit'] as const;
    const changed = names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
    const events = changed.length === 0 ? [] : [{ type: 'organization.updated', data: { changed } }];
    await insertEvents(organization, transaction, events, now());
    return after;
  });
}
