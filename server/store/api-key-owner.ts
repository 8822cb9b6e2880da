import type { Connection } from './database.ts';
import type { OrganizationId } from './tables.ts';

/**
 * The organization of an API key, or null. An id is unique over all organizations, so that an operator who revokes a
 * key need not know whose it is; everything that is then done with the key is bound to the answer.
 */
export async function findApiKeyOwner(id: string, connection: Connection): Promise<OrganizationId | null> {
  const row = await connection.kysely
    .selectFrom('api_keys')
    .select('organization_id')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.organization_id ?? null;
}
