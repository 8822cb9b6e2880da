import { Refusal } from '../domain/refusal.ts';
import { insertEvents } from '../store/events.ts';
import {
  getOrganization,
  insertOrganization,
  type Organization,
  type OrganizationSettings,
  updateOrganization,
} from '../store/organizations.ts';
import type { ActionContext } from './context.ts';

export interface NewOrganization extends Omit<OrganizationSettings, 'name'> {
  readonly slug: string;
  readonly name: string;
  /** For tests: it may have a clock of its own. For good; it holds nothing that counts. */
  readonly isTest?: boolean;
}

/**
 * Makes an organization with its settings (event `organization.created`). The values have passed
 * domain/organization-settings.ts and domain/email.ts. Refuses with `conflict` where the slug is taken.
 */
export function createOrganization(
  { database, now }: ActionContext,
  { slug, name, isTest = false, ...settings }: NewOrganization,
): Promise<Organization> {
  return database.transaction(null, async (transaction) => {
    const at = now();
    const made = await insertOrganization(transaction, slug, name, at, { isTest });
    if (!made) throw new Refusal('conflict', `There is already an organization "${slug}". Choose another slug.`);
    await updateOrganization(made.id, transaction, settings);
    await insertEvents(made.id, transaction, [{ type: 'organization.created', data: { slug } }], at);
    return getOrganization(made.id, transaction);
  });
}
