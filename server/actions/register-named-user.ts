import type { UserRef } from '@rollcall/contract/users.ts';
import { batchKeys, prepareRefs } from '../domain/batch-items.ts';
import { invalid, Refusal } from '../domain/refusal.ts';
import { findNamed } from '../domain/user-matching.ts';
import type { Transaction } from '../store/database.ts';
import { findLiveRegistration, type NewRegistration } from '../store/registrations.ts';
import type { OrganizationId } from '../store/tables.ts';
import { findUsersNamed } from '../store/users.ts';
import { type ActionContext, within } from './context.ts';
import { registerUser } from './register-user.ts';

/** A seat, and whether the user had it before. */
export interface NamedSeat {
  readonly registration: NewRegistration;
  readonly isNew: boolean;
}

/**
 * Gives the user whom a ref names a seat (contract: Identity). Refuses as `registerUser` does; with `invalid_request`
 * where the ref names nobody by its form, with `not_found` where nobody has its keys, with `conflict` where they name
 * different users.
 */
export function registerNamedUser(
  context: ActionContext,
  organization: OrganizationId,
  sessionId: string,
  ref: UserRef,
): Promise<NamedSeat> {
  return context.database.transaction(organization, async (transaction) => {
    const userId = await findUserId(organization, transaction, ref);
    const seat = { sessionId, userId };
    const known = await findLiveRegistration(organization, transaction, seat);
    const registration = await registerUser(within(context, transaction), organization, seat);
    return { registration, isNew: known === null };
  });
}

async function findUserId(organization: OrganizationId, transaction: Transaction, ref: UserRef): Promise<string> {
  const prepared = prepareRefs([ref]);
  const [only] = prepared;
  if (!only) throw new Error('one ref was prepared');
  const found = findNamed(only, await findUsersNamed(organization, transaction, batchKeys(prepared)));
  if (found.ok) return found.user.id;
  if (found.fault === 'invalid') throw invalid([{ pointer: '', message: found.error }]);
  throw new Refusal(found.fault === 'unknown' ? 'not_found' : 'conflict', found.error);
}
