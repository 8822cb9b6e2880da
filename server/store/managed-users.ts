import type { Connection, Transaction } from './database.ts';
import type { OrganizationId } from './tables.ts';
import { findUsersNamed, type StoredUser } from './users.ts';

/** A user with its times, in epoch milliseconds. */
export interface ManagedUser extends StoredUser {
  readonly createdAt: number;
  readonly updatedAt: number;
}

export async function findManagedUser(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<ManagedUser | null> {
  const [user] = await findUsersNamed(organization, connection, { ids: [id], remoteIds: [], emails: [] });
  if (!user) return null;
  const times = await connection.kysely
    .selectFrom('users')
    .select(['created_at', 'updated_at'])
    .where('organization_id', '=', organization)
    .where('position', '=', user.position)
    .executeTakeFirstOrThrow();
  return { ...user, createdAt: Number(times.created_at), updatedAt: Number(times.updated_at) };
}

/** Sets which fields sync runs leave alone. */
export async function setStickyFields(
  organization: OrganizationId,
  transaction: Transaction,
  position: number,
  fields: readonly string[],
): Promise<void> {
  await transaction.kysely
    .updateTable('users')
    .set({ sticky_fields: fields.length === 0 ? null : JSON.stringify(fields) })
    .where('organization_id', '=', organization)
    .where('position', '=', position)
    .execute();
}
