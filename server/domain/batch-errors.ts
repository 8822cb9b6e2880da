/**
 * What a person reads about an item that the rules refused. Every text names the field, the value (shortened) and the
 * remedy.
 */

const VALUE_LENGTH_MAX = 64;
const DOMAINS_NAMED_MAX = 3;

/** What JSON leaves as it is, and a reader would not see or see elsewhere. */
const UNSEEN = /[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu;

/** A value in quotes, cut to 64 characters, with all that could hide in it or break a line escaped. */
function quote(value: string): string {
  const characters = [...value.slice(0, 2 * VALUE_LENGTH_MAX + 2)];
  const shortened = characters.length > VALUE_LENGTH_MAX ? `${characters.slice(0, VALUE_LENGTH_MAX).join('')}…` : value;
  return JSON.stringify(shortened).replaceAll(UNSEEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

function listOf(domains: readonly string[]): string {
  if (domains.length === 0) return 'none is listed yet';
  const named = domains.slice(0, DOMAINS_NAMED_MAX).join(', ');
  const rest = domains.length - DOMAINS_NAMED_MAX;
  return rest > 0 ? `${named} and ${rest} more` : named;
}

/** A field's value was refused by itself; `reason` is the phrase of the rule that refused it. */
export function fieldFault(field: string, value: string, reason: string): string {
  return `${field} ${quote(value)} ${reason}.`;
}

export const TEMPLATE_WITHOUT_KEY =
  'Neither remoteId nor email is given; send at least one of them (null alone names nobody).';

export const REF_WITHOUT_KEY = 'Neither id, remoteId nor email is given; send at least one of them.';

export function emailUntrusted(email: string, trustedDomains: readonly string[]): string {
  return `email ${quote(email)} is outside the organization's trusted domains (${listOf(trustedDomains)}); use an address in one of them, or have its domain added.`;
}

export function emailMissing(trustedDomains: readonly string[]): string {
  return `email is missing, and the organization takes only users of its trusted domains (${listOf(trustedDomains)}); send an email in one of them.`;
}

/** The email is taken by another user than the one that `remoteId` names, or would name. */
export function emailTaken(email: string, remoteId: string, ownerRemoteId: string | null): string {
  const owner =
    ownerRemoteId === null ? 'another user, who has no remoteId' : `the user with remoteId ${quote(ownerRemoteId)}`;
  return `email ${quote(email)} belongs to ${owner}, not to remoteId ${quote(remoteId)}; correct one of the two, or first give the other user another email.`;
}

/** A template's `id` is another than that of the user found, or none was found. */
export function idMismatch(id: string, key: string, value: string, isFound: boolean): string {
  return isFound
    ? `id ${quote(id)} is not the id of the user with ${key} ${quote(value)}; correct one of the two, or leave id out.`
    : `id ${quote(id)} is given, but no user has ${key} ${quote(value)} yet; leave id out to create that user, or send the keys under which the user is known.`;
}

export function userUnknown(key: string, value: string, remedy: string): string {
  return `No user has ${key} ${quote(value)}; ${remedy}.`;
}

/** Two keys of a ref disagree. */
export function refAmbiguous(one: { key: string; value: string }, other: { key: string; value: string }): string {
  return `${one.key} ${quote(one.value)} and ${other.key} ${quote(other.value)} name different users; send the keys of one user only.`;
}

/** Two rows of a roster say different things of one person. `name` is how a person finds the other row. */
export function rowsDiffer(name: string, key: 'remoteId' | 'user', value: string): string {
  return `Another row of this run (${name}) names the same ${key} ${quote(value)} with other values; leave one of them.`;
}

/** Two rows of a roster claim one email for different people. */
export function emailDoubled(name: string, email: string): string {
  return `Another row of this run (${name}) has the same email ${quote(email)}; correct one of them.`;
}
