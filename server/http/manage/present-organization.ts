import type { Organization } from '@rollcall/contract/manage/organization.ts';
import { formatDateTime } from '../../domain/date-time.ts';
import type { Organization as StoredOrganization } from '../../store/organizations.ts';

/** An organization as the contract shows it. */
export function presentOrganization(organization: StoredOrganization): Organization {
  return {
    slug: organization.slug,
    name: organization.name,
    trustedDomains: organization.trustedDomains && [...organization.trustedDomains],
    embedOrigins: [...organization.embedOrigins],
    accentColor: organization.accentColor,
    syncLimit: organization.syncLimit,
    createdAt: formatDateTime(organization.createdAt),
  };
}
