import type { UserRef, UserTemplate } from '@rollcall/contract/users.ts';
import {
  emailMissing,
  emailTaken,
  emailUntrusted,
  idMismatch,
  REF_WITHOUT_KEY,
  refAmbiguous,
  userUnknown,
} from './batch-errors.ts';
import type { PreparedRef, PreparedTemplate } from './batch-items.ts';
import { isTrusted } from './email.ts';
import {
  closeRoster,
  type Entry,
  isSameState,
  type KnownUser,
  openRoster,
  type PlannedUser,
  place,
  type Roster,
  type RosterChanges,
} from './user-roster.ts';

export type { KnownUser, PlannedUser } from './user-roster.ts';

/** An item that the rules refused; it changed nothing. */
export interface RefusedItem<Item> {
  readonly ok: false;
  /** The item as sent. */
  readonly item: Item;
  /** The id of the user that the item names, where there is one and the item gives no id itself. */
  readonly id?: string;
  /** A text that a person can act on: field, value, remedy. */
  readonly error: string;
}

/** What came of one item. */
export type Outcome<Item, Known extends KnownUser = KnownUser> =
  | {
      readonly ok: true;
      /** The user as it stands after the whole batch: the object of `created` or `updated`, or else the known one. */
      readonly user: PlannedUser;
      /** The known user where the whole batch leaves it as it was, else null. */
      readonly unchanged: Known | null;
    }
  | RefusedItem<Item>;

/** A batch, decided: what to write, and what to answer. */
export interface BatchPlan<Item, Known extends KnownUser = KnownUser> extends RosterChanges<Known> {
  /** One per item, in their order. */
  readonly outcomes: Outcome<Item, Known>[];
}

type Verdict<Item, Known extends KnownUser> = Entry<Known> | RefusedItem<Item>;

function refuse<Item extends { readonly id?: string | null }>(
  item: Item,
  named: Entry | undefined,
  error: string,
): RefusedItem<Item> {
  // An id that was sent stays as it was sent, even where the other keys name a user with another.
  if (named === undefined || typeof item.id === 'string') return { ok: false, item, error };
  return { ok: false, item, id: named.now.id, error };
}

function blankUser(id: string): PlannedUser {
  return { position: null, id, firstName: '', lastName: '', email: null, active: true, remoteId: null };
}

function merge(user: PlannedUser, template: PreparedTemplate): PlannedUser {
  return {
    position: user.position,
    id: user.id,
    firstName: template.firstName ?? user.firstName,
    lastName: template.lastName ?? user.lastName,
    email: template.email === undefined ? user.email : template.email,
    active: template.active ?? user.active,
    remoteId: template.remoteId === undefined ? user.remoteId : template.remoteId,
  };
}

/** Why a user with this email may not be taken in; null where it may. */
export function distrust(email: string | null, trustedDomains: readonly string[] | null): string | null {
  if (trustedDomains === null) return null;
  if (email === null) return emailMissing(trustedDomains);
  return isTrusted(email, trustedDomains) ? null : emailUntrusted(email, trustedDomains);
}

/** Why the email found someone whom the template does not mean; null where it did not. */
function emailConflict(
  { remoteId, email }: PreparedTemplate,
  byRemoteId: Entry | undefined,
  byEmail: Entry | undefined,
): string | null {
  if (typeof remoteId !== 'string' || typeof email !== 'string') return null;
  if (byEmail === undefined || byEmail === byRemoteId) return null;
  // An email that is found alone links its user to the remoteId, unless the user already bears another.
  if (byRemoteId === undefined && byEmail.now.remoteId === null) return null;
  return emailTaken(email, remoteId, byEmail.now.remoteId);
}

/** Why the user found, or to be created, is not the one whose id the template gives; null where it is. */
function idConflict(
  { expectedId, remoteId, email }: PreparedTemplate,
  byRemoteId: Entry | undefined,
  byEmail: Entry | undefined,
): string | null {
  const found = byRemoteId ?? byEmail;
  if (expectedId === undefined || found?.now.id === expectedId) return null;
  const isNamedByEmail = typeof remoteId !== 'string' || (byRemoteId === undefined && byEmail !== undefined);
  const key = isNamedByEmail ? 'email' : 'remoteId';
  return idMismatch(expectedId, key, (isNamedByEmail ? email : remoteId) ?? '', found !== undefined);
}

function upsert<Known extends KnownUser>(
  roster: Roster<Known>,
  template: PreparedTemplate,
  trustedDomains: readonly string[] | null,
  newId: string,
): Verdict<UserTemplate, Known> {
  const byRemoteId = typeof template.remoteId === 'string' ? roster.byRemoteId.get(template.remoteId) : undefined;
  const byEmail = typeof template.email === 'string' ? roster.byEmail.get(template.email) : undefined;
  const found = byRemoteId ?? byEmail;
  if (template.fault !== null) return refuse(template.item, found, template.fault);

  const entry = found ?? { before: null, now: blankUser(newId) };
  const next = merge(entry.now, template);
  const error =
    distrust(next.email, trustedDomains) ??
    emailConflict(template, byRemoteId, byEmail) ??
    idConflict(template, byRemoteId, byEmail);
  if (error !== null) return refuse(template.item, found, error);

  if (found === undefined || !isSameState(entry.now, next)) place(roster, entry, next);
  return entry;
}

interface Lookup<Known extends KnownUser> {
  readonly key: string;
  readonly value: string;
  readonly entry: Entry<Known> | undefined;
}

function lookUp<Known extends KnownUser>(roster: Roster<Known>, ref: PreparedRef): Lookup<Known>[] {
  const lookups: Lookup<Known>[] = [];
  if (ref.id !== undefined) lookups.push({ key: 'id', value: ref.id, entry: roster.byId.get(ref.id) });
  if (ref.remoteId !== undefined) {
    lookups.push({ key: 'remoteId', value: ref.remoteId, entry: roster.byRemoteId.get(ref.remoteId) });
  }
  if (ref.email !== undefined) {
    lookups.push({ key: 'email', value: ref.email, entry: roster.byEmail.get(ref.email) });
  }
  return lookups;
}

/** Why a ref names nobody: its keys are faulty in themselves, nobody has them, or they disagree. */
type RefFault = 'invalid' | 'unknown' | 'ambiguous';

type Naming<Known extends KnownUser> =
  | { readonly ok: true; readonly entry: Entry<Known> }
  | { readonly ok: false; readonly fault: RefFault; readonly entry: Entry<Known> | undefined; readonly error: string };

/** The user whom all keys of a ref name; `remedy` is what to do where nobody has them. */
function nameUser<Known extends KnownUser>(roster: Roster<Known>, ref: PreparedRef, remedy: string): Naming<Known> {
  const lookups = lookUp(roster, ref);
  const [first] = lookups;
  const named = lookups.find(({ entry }) => entry !== undefined);
  const entry = named?.entry;
  if (ref.fault !== null) return { ok: false, fault: 'invalid', entry, error: ref.fault };
  if (first === undefined) return { ok: false, fault: 'invalid', entry, error: REF_WITHOUT_KEY };
  if (named === undefined || entry === undefined) {
    return { ok: false, fault: 'unknown', entry, error: userUnknown(first.key, first.value, remedy) };
  }
  const odd = lookups.find((lookup) => lookup.entry !== entry);
  if (odd === undefined) return { ok: true, entry };
  if (odd.entry === undefined)
    return { ok: false, fault: 'unknown', entry, error: userUnknown(odd.key, odd.value, remedy) };
  return { ok: false, fault: 'ambiguous', entry, error: refAmbiguous(named, odd) };
}

function deactivate<Known extends KnownUser>(roster: Roster<Known>, ref: PreparedRef): Verdict<UserRef, Known> {
  const naming = nameUser(roster, ref, 'correct it, or leave the item out');
  if (!naming.ok) return refuse(ref.item, naming.entry, naming.error);
  place(roster, naming.entry, { ...naming.entry.now, active: false });
  return naming.entry;
}

/**
 * The user whom a ref names (contract: Identity): all of its keys must name the same one. `known` is every stored user
 * that bears a key of `batchKeys([ref])`.
 */
export function findNamed<Known extends KnownUser>(
  ref: PreparedRef,
  known: Iterable<Known>,
):
  | { readonly ok: true; readonly user: Known }
  | { readonly ok: false; readonly fault: RefFault; readonly error: string } {
  const naming = nameUser(openRoster(known), ref, 'correct it, or create the user first');
  if (!naming.ok) return { ok: false, fault: naming.fault, error: naming.error };
  const { before } = naming.entry;
  if (before === null) throw new Error('a roster that was just opened knows stored users only');
  return { ok: true, user: before };
}

function closePlan<Item, Known extends KnownUser>(
  roster: Roster<Known>,
  verdicts: readonly Verdict<Item, Known>[],
): BatchPlan<Item, Known> {
  const changes = closeRoster(roster);
  const outcomes = verdicts.map((verdict): Outcome<Item, Known> => {
    if ('error' in verdict) return verdict;
    const { before, now } = verdict;
    return { ok: true, user: now, unchanged: now === before ? before : null };
  });
  return { ...changes, outcomes };
}

/**
 * Decides a batch upsert (contract: Identity, Fields of a template, Partial failure). The items are applied in order,
 * each to the state that those before it left; one that is refused changes nothing.
 *
 * `known` is every stored user that bears a key of `batchKeys(templates)`. `trustedDomains` is null where the
 * restriction is off; else the resulting user's email must lie in one of them. `newIds` has an id for each item, in
 * case it creates a user.
 *
 * @throws RangeError when there are fewer new ids than items
 */
export function planUpsert<Known extends KnownUser>(batch: {
  readonly templates: readonly PreparedTemplate[];
  readonly known: Iterable<Known>;
  readonly trustedDomains: readonly string[] | null;
  readonly newIds: readonly string[];
}): BatchPlan<UserTemplate, Known> {
  const roster = openRoster(batch.known);
  const verdicts = batch.templates.map((template, index) => {
    const newId = batch.newIds[index];
    if (newId === undefined) throw new RangeError(`${batch.templates.length} items want as many new ids`);
    return upsert(roster, template, batch.trustedDomains, newId);
  });
  return closePlan(roster, verdicts);
}

/**
 * Decides a batch deactivation (contract: Identity, Partial failure). All keys of a ref must name the same user; one
 * who is inactive already is a success. `known` is every stored user that bears a key of `batchKeys(refs)`.
 */
export function planDeactivate<Known extends KnownUser>(batch: {
  readonly refs: readonly PreparedRef[];
  readonly known: Iterable<Known>;
}): BatchPlan<UserRef, Known> {
  const roster = openRoster(batch.known);
  return closePlan(
    roster,
    batch.refs.map((ref) => deactivate(roster, ref)),
  );
}
