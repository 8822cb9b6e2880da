import type { UserChange } from '@rollcall/contract/manage/users.ts';
import { Refusal } from '../domain/refusal.ts';
import { differing } from '../domain/sync-plan-undo.ts';
import { editUser as applyEdit, readUserEdit, stickyAfter } from '../domain/user-edit.ts';
import type { Connection, Transaction } from '../store/database.ts';
import { findManagedUser, type ManagedUser, setStickyFields } from '../store/managed-users.ts';
import { getOrganization, touchVersion } from '../store/organizations.ts';
import type { OrganizationId } from '../store/tables.ts';
import { findUsersNamed, lockUserCounters, type StoredUser } from '../store/users.ts';
import { userDocument } from './batch-users.ts';
import type { ActionContext } from './context.ts';
import { UserWriter } from './sync-run-changes.ts';

/** Changes a user by hand; the fields that are named stay so, whatever a roster says. */
export function editUser(
  { database, now }: ActionContext,
  organization: OrganizationId,
  id: string,
  change: UserChange,
): Promise<ManagedUser> {
  const edit = readUserEdit(change);
  return database.transaction(organization, async (transaction) => {
    const user = await requireManagedUser(organization, transaction, id);
    const { trustedDomains } = await getOrganization(organization, transaction);
    const emails = typeof edit.email === 'string' ? [edit.email] : [];
    const [owner = null] = await findUsersNamed(organization, transaction, { ids: [], remoteIds: [], emails });
    const edited = applyEdit<StoredUser>(user, edit, { owner, trustedDomains });
    await writeEdit(organization, transaction, user, edited, now());
    const sticky = stickyAfter(user.stickyFields, change);
    if (sticky.join() !== user.stickyFields.join()) {
      await setStickyFields(organization, transaction, user.position, sticky);
      await touchVersion(organization, transaction, 'users_version', now());
    }
    return requireManagedUser(organization, transaction, id);
  });
}

/** A user; refuses with `not_found`. */
export async function requireManagedUser(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<ManagedUser> {
  const user = await findManagedUser(organization, connection, id);
  if (!user) throw new Refusal('not_found', `There is no user "${id}".`);
  return user;
}

async function writeEdit(
  organization: OrganizationId,
  transaction: Transaction,
  before: StoredUser,
  edited: StoredUser,
  now: number,
): Promise<void> {
  if (differing(before, edited).length === 0) return;
  const writer = new UserWriter(organization, transaction, await lockUserCounters(organization, transaction), now);
  await writer.change([{ before, after: { ...edited, document: userDocument(edited) } }]);
  await writer.finish();
}
