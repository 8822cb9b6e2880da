import { fieldFault } from '../batch-errors.ts';
import { cleanLine, cleanRemoteId, type TextResult } from '../text.ts';
import type { Filter } from './filter.ts';
import { type JsonObject, objectsOf } from './json.ts';
import { complexValue, matchesValue } from './matches.ts';
import { nothingKnown, type PatchOperation, readOnly, readPatch } from './patch.ts';
import { ScimRefusal, shown } from './refusal.ts';
import { GROUP_SCHEMA } from './schemas.ts';

/** What is to become of a group's members: users by their ids. */
export interface MembersChange {
  /** All who are not named here go. */
  isReplaced: boolean;
  /** Whether each user named here is a member afterwards. */
  readonly wanted: Map<string, boolean>;
}

/** What a request says of a group; absent: nothing. */
export interface GroupChange {
  displayName?: string;
  externalId?: string | null;
  members?: MembersChange;
}

const NAME_CHARACTERS_MAX = 256;
const KNOWN = 'displayName, externalId and members';
const READ_ONLY = new Set(['id', 'meta']);

/** What a whole resource says of a group (POST and PUT). */
export function readGroup(body: JsonObject): GroupChange {
  const change: GroupChange = {};
  const [displayName, externalId] = [body.get('displayName'), body.get('externalId')];
  if (displayName === undefined || displayName === null) {
    throw new ScimRefusal('invalidValue', 'displayName is missing; send the name of the group.');
  }
  setName(change, displayName);
  if (externalId !== undefined) setExternalId(change, externalId);
  const members = body.get('members');
  if (members === undefined) return change;
  change.members = { isReplaced: true, wanted: new Map() };
  want(change.members, memberIds(members ?? []), true);
  return change;
}

/** What has to be known of the members that a group has, where a PATCH asks for more than their ids. */
export type MemberIds = () => Promise<readonly string[]>;

/**
 * What a PATCH says of a group. Asks for the present members only where a value path cannot be answered without them, so
 * that a change of one member costs the same however many there are.
 */
export async function readGroupPatch(body: JsonObject, present: MemberIds): Promise<GroupChange> {
  const operations = readPatch(body, GROUP_SCHEMA);
  const change: GroupChange = {};
  let known = 0;
  for (const operation of operations) known += (await apply(change, operation, present)) ? 1 : 0;
  if (known === 0) throw nothingKnown(operations, KNOWN);
  return change;
}

/** Takes an operation in; false where it is about nothing that is known here. */
async function apply(change: GroupChange, operation: PatchOperation, present: MemberIds): Promise<boolean> {
  const { op, name, path, value, text } = operation;
  if (name === null) return false;
  // Some send the group's own id along with its name.
  if (READ_ONLY.has(path.name)) {
    if (path.sub === null && path.name === 'id' && op !== 'remove') return false;
    throw readOnly(text, 'it is given by this server');
  }
  const isGone = op === 'remove' || value === null;
  if (path.name === 'members') {
    await applyToMembers(change, operation, present);
    return true;
  }
  if (path.filter) return false;
  if (name === 'displayname') {
    if (isGone) throw new ScimRefusal('mutability', 'displayName cannot be removed: every group has one.');
    setName(change, value);
  } else if (name === 'externalid') setExternalId(change, isGone ? null : value);
  else return false;
  return true;
}

async function applyToMembers(change: GroupChange, operation: PatchOperation, present: MemberIds): Promise<void> {
  const { op, path, value, text } = operation;
  change.members ??= { isReplaced: false, wanted: new Map() };
  const { members } = change;
  if (path.sub !== null && path.sub !== 'value') {
    throw new ScimRefusal('mutability', `${shown(text)} cannot be changed: remove the member and add another.`);
  }
  if (path.filter) {
    const ids = idsNamed(path.filter) ?? (await idsMatching(path.filter, members, present));
    if (op === 'remove') return want(members, ids, false);
    if (op === 'replace' && ids.length === 0) throw new ScimRefusal('noTarget', `${shown(text)} names no member.`);
    if (op === 'replace') want(members, ids, false);
    return want(members, memberIds(value), true);
  }
  if (op === 'remove' && value !== null) return want(members, memberIds(value), false);
  if (op !== 'add') {
    members.isReplaced = true;
    members.wanted.clear();
  }
  if (op !== 'remove') want(members, memberIds(value ?? []), true);
}

function want({ wanted }: MembersChange, ids: readonly string[], isWanted: boolean): void {
  for (const id of ids) wanted.set(id, isWanted);
}

/** The ids that a filter such as `value eq "1" or value eq "2"` names; null where it asks for more than that. */
function idsNamed(filter: Filter): string[] | null {
  if (filter.kind === 'compare' && filter.operator === 'eq' && filter.path.name === 'value') {
    return typeof filter.value === 'string' ? [filter.value] : [];
  }
  if (filter.kind !== 'or') return null;
  const parts = filter.parts.map(idsNamed);
  return parts.every((ids) => ids !== null) ? parts.flat() : null;
}

async function idsMatching(
  filter: Filter,
  { isReplaced, wanted }: MembersChange,
  present: MemberIds,
): Promise<string[]> {
  const ids = new Set(isReplaced ? [] : await present());
  for (const [id, isWanted] of wanted) {
    if (isWanted) ids.add(id);
    else ids.delete(id);
  }
  return [...ids].filter((id) => matchesValue(filter, complexValue({ value: id, type: 'User' })));
}

/** The ids of members as sent: objects with a "value", or bare texts. */
function memberIds(value: unknown): string[] {
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  return list.map((member) => {
    if (typeof member === 'string') return member;
    const [object] = objectsOf(member, 'members');
    const type = object?.get('type') ?? 'User';
    if (String(type).toLowerCase() !== 'user') {
      throw new ScimRefusal('invalidValue', `members must be users; a ${shown(type)} cannot be in a group.`);
    }
    const id = object?.get('value');
    if (typeof id === 'string') return id;
    throw new ScimRefusal('invalidValue', `A member must have the id of a user for a "value", not ${shown(id)}.`);
  });
}

function setName(change: GroupChange, value: unknown): void {
  change.displayName = cleaned('displayName', value, (text) => {
    const result = cleanLine(text, NAME_CHARACTERS_MAX);
    return result.ok && result.text === '' ? { ok: false, reason: 'is empty; send a name' } : result;
  });
}

function setExternalId(change: GroupChange, value: unknown): void {
  change.externalId = value === null ? null : cleaned('externalId', value, cleanRemoteId);
}

function cleaned(field: string, value: unknown, rule: (text: string) => TextResult): string {
  if (typeof value !== 'string') {
    throw new ScimRefusal('invalidValue', `${field} must be a text, not ${shown(value)}.`);
  }
  const result = rule(value);
  if (result.ok) return result.text;
  throw new ScimRefusal('invalidValue', fieldFault(field, value, result.reason));
}
