import type { Registration } from '@rollcall/contract/manage/registrations.ts';
import type { User } from '@rollcall/contract/users.ts';
import { joinAddress } from '../../domain/addresses.ts';
import { formatDateTime } from '../../domain/date-time.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Connection } from '../../store/database.ts';
import { getRegistrationWithUser, type RegistrationWithUser } from '../../store/registrations.ts';
import type { Call } from '../context.ts';

/** A registration as the contract shows it; the link of a cancelled one opens nothing and is not shown. */
export function presentRegistration(registration: RegistrationWithUser, publicUrl: string): Registration {
  const { id, sessionId, joinToken, createdAt, consentedAt, cancelledAt } = registration;
  return {
    id,
    sessionId,
    user: JSON.parse(registration.user) as User,
    joinUrl: cancelledAt === null ? joinAddress(publicUrl, joinToken) : null,
    createdAt: formatDateTime(createdAt),
    consentedAt: consentedAt === null ? null : formatDateTime(consentedAt),
    cancelledAt: cancelledAt === null ? null : formatDateTime(cancelledAt),
  };
}

/** Reads a registration and presents it; refuses with `not_found`. */
export async function showRegistration(
  { account, publicUrl }: Pick<Call, 'account' | 'publicUrl'>,
  connection: Connection,
  id: string,
): Promise<Registration> {
  const registration = await getRegistrationWithUser(account.organization, connection, id);
  if (!registration) throw new Refusal('not_found', `There is no registration "${id}".`);
  return presentRegistration(registration, publicUrl());
}
