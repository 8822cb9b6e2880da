import { type JsonObject, objectsOf } from './json.ts';
import { complexValue, matchesValue } from './matches.ts';
import { nothingKnown, type PatchOperation, readOnly, readPatch } from './patch.ts';
import { ScimRefusal, shown } from './refusal.ts';
import { USER_SCHEMA } from './schemas.ts';
import { isMainEmail, SETTERS, type UserChange } from './user-change.ts';

const KNOWN = 'userName, externalId, name.givenName, name.familyName, active and emails';

const READ_ONLY: ReadonlyMap<string, string> = new Map([
  ['id', 'it is given by this server'],
  ['meta', 'it is kept by this server'],
]);

/** Follows from others here; identity providers send these with every change, so they are passed over beside others. */
const DERIVED: ReadonlyMap<string, string> = new Map([
  ['displayname', 'it is made of name.givenName and name.familyName, send those'],
  ['name.formatted', 'it is made of name.givenName and name.familyName, send those'],
]);

/**
 * What a PATCH says of a person whose address is `email`. Operations on attributes that are not mapped are passed over
 * where others are known; a PATCH of which nothing is known is refused (`invalidPath`, `noTarget` or `mutability`), never
 * a silent success.
 */
export function readUserPatch(body: JsonObject, email: string | null): UserChange {
  const operations = readPatch(body, USER_SCHEMA);
  const change: UserChange = {};
  const known = operations.filter((operation) => apply(change, operation, email));
  if (known.length === 0) throw whyNothing(operations);
  return change;
}

/** Takes an operation in; false where it is about nothing that is known here. */
function apply(change: UserChange, operation: PatchOperation, email: string | null): boolean {
  const { op, name, path, value, text } = operation;
  if (name === null) return false;
  const remedy = READ_ONLY.get(path.name);
  if (remedy !== undefined) throw readOnly(text, remedy);
  if (path.name === 'emails') return applyToEmails(change, operation, email);
  if (path.filter) return false;
  if (op === 'remove' || value === null) return remove(change, name);
  SETTERS.get(name)?.(change, value);
  return SETTERS.has(name) && (name !== 'name' || hasKnownPart(value));
}

function hasKnownPart(name: unknown): boolean {
  return Object.keys(name as object).some((part) => SETTERS.has(`name.${part.toLowerCase()}`));
}

function remove(change: UserChange, name: string): boolean {
  if (name === 'username') throw new ScimRefusal('mutability', 'userName cannot be removed: everyone has one.');
  if (name === 'active') throw new ScimRefusal('mutability', 'active cannot be removed: set it to true or false.');
  SETTERS.get(name)?.(change, null);
  return SETTERS.has(name);
}

/** A person has one address here, of type "work" and primary: what is said of others goes nowhere. */
function applyToEmails(change: UserChange, { op, path, value }: PatchOperation, email: string | null): boolean {
  const address = change.email === undefined ? email : change.email;
  const there = complexValue({ type: 'work', primary: true, value: address });
  if (path.filter && !matchesValue(path.filter, there)) return false;
  if (path.sub !== null && path.sub !== 'value') return false;
  const isGone = op === 'remove' || value === null;
  if (isGone) change.email = null;
  else if (path.sub === 'value') SETTERS.get('emails.value')?.(change, value);
  else {
    // To add an address for another purpose does not take the place of the one that is there.
    const emails = objectsOf(value, 'emails').filter((one) => op === 'replace' || address === null || isMainEmail(one));
    if (emails.length === 0) return Array.isArray(value) && value.length === 0;
    SETTERS.get('emails')?.(change, value);
  }
  return true;
}

function whyNothing(operations: readonly PatchOperation[]): ScimRefusal {
  for (const { name, text, path } of operations) {
    const remedy = DERIVED.get(name ?? '');
    if (remedy !== undefined) return readOnly(text, remedy);
    if (path.name !== 'emails' || name === null) continue;
    return new ScimRefusal(
      'noTarget',
      `${shown(text)} names no value that is kept here: a person has one address, of type "work" and primary.`,
    );
  }
  return nothingKnown(operations, KNOWN);
}
