import { type ApiKey, listApiKeys, revokeApiKey as markRevoked } from '../store/api-keys.ts';
import { insertEvents } from '../store/events.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

export interface RevokedApiKey extends ApiKey {
  /** The key had been revoked before: nothing was written. */
  readonly repeated: boolean;
}

/**
 * Revokes an API key for good (event `api_key.revoked`): the very next request with it is refused. A second time changes
 * nothing. Null where the organization has no such key.
 */
export function revokeApiKey(
  { database, now }: ActionContext,
  organization: OrganizationId,
  id: string,
): Promise<RevokedApiKey | null> {
  return database.transaction(organization, async (transaction) => {
    const key = (await listApiKeys(organization, transaction)).find((candidate) => candidate.id === id);
    if (!key) return null;
    if (key.revokedAt !== null) return { ...key, repeated: true };
    const at = now();
    await markRevoked(organization, transaction, id, at);
    await insertEvents(organization, transaction, [{ type: 'api_key.revoked', data: { apiKeyId: id } }], at);
    return { ...key, revokedAt: at, repeated: false };
  });
}
