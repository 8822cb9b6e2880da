import type { getUser, ManagedUser, updateUser } from '@rollcall/contract/manage/users.ts';
import type { User } from '@rollcall/contract/users.ts';
import { editUser, requireManagedUser } from '../../actions/edit-user.ts';
import { formatDateTime } from '../../domain/date-time.ts';
import type { ManagedUser as StoredManagedUser } from '../../store/managed-users.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';

/** GET /manage/v1/users/{userId}. */
export const handleGetUser: Handler<typeof getUser> = async ({ account, database, params }) =>
  dataAnswer(presentUser(await requireManagedUser(account.organization, database.reader, params.userId)));

/** PATCH /manage/v1/users/{userId}. */
export const handleUpdateUser: Handler<typeof updateUser> = async (call) =>
  dataAnswer(presentUser(await editUser(call, call.account.organization, call.params.userId, call.body)));

/** A user as the contract shows it. */
function presentUser({ document, stickyFields, synced, createdAt, updatedAt }: StoredManagedUser): ManagedUser {
  return {
    ...(JSON.parse(document) as User),
    stickyFields: stickyFields as ManagedUser['stickyFields'],
    synced,
    createdAt: formatDateTime(createdAt),
    updatedAt: formatDateTime(updatedAt),
  };
}
