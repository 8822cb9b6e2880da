import { emailMissing, emailUntrusted } from '../batch-errors.ts';
import { isTrusted } from '../email.ts';
import { ScimRefusal } from './refusal.ts';
import { emailOf, foldUserName, type UserChange } from './user-change.ts';

/** A person as far as SCIM can change them. */
export interface ScimState {
  readonly firstName: string;
  readonly lastName: string;
  /** Normalized. */
  readonly email: string | null;
  readonly active: boolean;
  readonly remoteId: string | null;
  /** As the identity provider wrote it; null where it follows from the other keys. */
  readonly userName: string | null;
}

/** The name under which SCIM knows a person: what a provider said, else email, else externalId. */
export function userNameOf({ userName, email, remoteId, id }: ScimState & { readonly id: string }): string {
  return userName ?? email ?? remoteId ?? id;
}

const NOBODY: ScimState & { readonly id: string } = {
  id: '',
  firstName: '',
  lastName: '',
  email: null,
  active: true,
  remoteId: null,
  userName: null,
};

/**
 * A person after a change; what it says nothing of stays. Without an address of their own, a userName that is one serves
 * as it, and one that was the address before takes it along. Refuses with `invalidValue` who would be left without keys.
 */
export function changedState(before: (ScimState & { readonly id: string }) | null, change: UserChange): ScimState {
  const known = before ?? NOBODY;
  const remoteId = change.externalId === undefined ? known.remoteId : change.externalId;
  const email = changedEmail(known, change);
  if (email === null && remoteId === null) {
    throw new ScimRefusal(
      'invalidValue',
      'userName is not an email address, and neither emails nor externalId is given; send at least one of them.',
    );
  }
  const userName = change.userName ?? userNameOf(known);
  return {
    firstName: change.givenName ?? known.firstName,
    lastName: change.familyName ?? known.lastName,
    email,
    active: change.active ?? known.active,
    remoteId,
    userName: userName === (email ?? remoteId) ? null : userName,
  };
}

function changedEmail(known: ScimState & { readonly id: string }, { email, userName }: UserChange): string | null {
  if (typeof email === 'string') return email;
  const address = userName === undefined ? null : emailOf(userName);
  if (email === null) return address;
  const isTakenAlong = known.email === null || foldUserName(userNameOf(known)) === known.email;
  return address !== null && isTakenAlong ? address : known.email;
}

export function isSameScimState(a: ScimState, b: ScimState): boolean {
  return (
    a.firstName === b.firstName &&
    a.lastName === b.lastName &&
    a.email === b.email &&
    a.active === b.active &&
    a.remoteId === b.remoteId &&
    a.userName === b.userName
  );
}

/**
 * Refuses with `invalidValue` a person outside the trusted domains (null: the restriction is off). To deactivate somebody
 * is always allowed.
 */
export function requireTrusted(
  before: ScimState | null,
  after: ScimState,
  trustedDomains: readonly string[] | null,
): void {
  if (trustedDomains === null) return;
  if (before && !after.active && isSameScimState({ ...before, active: false }, after)) return;
  const { email } = after;
  if (email === null) throw new ScimRefusal('invalidValue', emailMissing(trustedDomains));
  if (!isTrusted(email, trustedDomains)) throw new ScimRefusal('invalidValue', emailUntrusted(email, trustedDomains));
}
