import { randomUUIDv7 } from 'node:crypto';
import { type GroupChange, type MembersChange, readGroupPatch } from '../domain/scim/group-change.ts';
import { isGroupId, isUserId } from '../domain/scim/ids.ts';
import type { JsonObject } from '../domain/scim/json.ts';
import { ScimRefusal, shown } from '../domain/scim/refusal.ts';
import type { Transaction } from '../store/database.ts';
import { insertEvents } from '../store/events.ts';
import {
  countGroups,
  deleteGroup,
  deleteMembers,
  findGroup,
  findGroupByKeys,
  findMembers,
  findUserPositionsById,
  type Group,
  insertGroup,
  insertMembers,
  listGroupsOf,
  listMembersAfter,
  updateGroup,
} from '../store/groups.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

const GROUPS_MAX = 10_000;
const MEMBERS_MAX = 100_000;

type Precondition = (group: Group) => void;

/** Makes a group. Refuses with `uniqueness` where another bears the name or the externalId. */
export function createScimGroup(
  { database, now }: ActionContext,
  organization: OrganizationId,
  { displayName = '', externalId = null, members }: GroupChange,
): Promise<Group> {
  return database.transaction(organization, async (transaction) => {
    if ((await countGroups(organization, transaction)) >= GROUPS_MAX) {
      throw new ScimRefusal('tooMany', `There are ${GROUPS_MAX} groups, the most there can be; delete one first.`);
    }
    const at = now();
    const times = { version: at, createdAt: at, updatedAt: at };
    const group: Group = { id: randomUUIDv7(), displayName, externalId, membersTotal: 0, ...times };
    await refuseTaken(organization, transaction, group);
    await insertGroup(organization, transaction, group);
    const membersTotal = members ? (await changeMembers(organization, transaction, group, members)).added : 0;
    const made = { ...group, membersTotal };
    if (membersTotal > 0) await updateGroup(organization, transaction, made);
    await tell(organization, transaction, 'group.created', group, at);
    return made;
  });
}

/** Changes a group as a whole resource says (PUT); what it says nothing of stays. */
export function replaceScimGroup(
  context: ActionContext,
  organization: OrganizationId,
  id: string,
  change: GroupChange,
  precondition: Precondition,
): Promise<Group> {
  return changeGroup(context, organization, id, precondition, async () => change);
}

/** Changes a group as a PATCH says. */
export function patchScimGroup(
  context: ActionContext,
  organization: OrganizationId,
  id: string,
  patch: JsonObject,
  precondition: Precondition,
): Promise<Group> {
  return changeGroup(context, organization, id, precondition, (transaction) =>
    readGroupPatch(patch, async () => {
      const members = await listMembersAfter(organization, transaction, id, -1, MEMBERS_MAX);
      return members.map((member) => member.id);
    }),
  );
}

/** Deletes a group; its members stay users. */
export function deleteScimGroup(
  { database, now }: ActionContext,
  organization: OrganizationId,
  id: string,
  precondition: Precondition,
): Promise<void> {
  return database.transaction(organization, async (transaction) => {
    const group = await getGroup(organization, transaction, id);
    precondition(group);
    await deleteGroup(organization, transaction, id);
    await tell(organization, transaction, 'group.deleted', group, now());
  });
}

/** Takes a user out of all groups, in the transaction of what deletes them. */
export async function leaveAllGroups(
  organization: OrganizationId,
  transaction: Transaction,
  position: number,
  now: number,
): Promise<void> {
  for (const group of await listGroupsOf(organization, transaction, position)) {
    const gone = await deleteMembers(organization, transaction, group.id, [position]);
    await write(organization, transaction, { ...group, membersTotal: group.membersTotal - gone }, now);
  }
}

export function noGroup(id: string): ScimRefusal {
  return new ScimRefusal('notFound', `There is no group with the id ${shown(id)}.`);
}

function changeGroup(
  { database, now }: ActionContext,
  organization: OrganizationId,
  id: string,
  precondition: Precondition,
  changeOf: (transaction: Transaction) => Promise<GroupChange>,
): Promise<Group> {
  return database.transaction(organization, async (transaction) => {
    const group = await getGroup(organization, transaction, id);
    precondition(group);
    const { displayName = group.displayName, externalId = group.externalId, members } = await changeOf(transaction);
    const isRenamed = displayName !== group.displayName || externalId !== group.externalId;
    const named = { ...group, displayName, externalId };
    if (isRenamed) await refuseTaken(organization, transaction, named);
    const { added, removed } = members
      ? await changeMembers(organization, transaction, group, members)
      : { added: 0, removed: 0 };
    if (!isRenamed && added === 0 && removed === 0) return group;
    return write(organization, transaction, { ...named, membersTotal: group.membersTotal + added - removed }, now());
  });
}

async function getGroup(organization: OrganizationId, transaction: Transaction, id: string): Promise<Group> {
  const group = isGroupId(id) ? await findGroup(organization, transaction, id) : null;
  if (!group) throw noGroup(id);
  return group;
}

async function refuseTaken(organization: OrganizationId, transaction: Transaction, group: Group): Promise<void> {
  const other = await findGroupByKeys(organization, transaction, group);
  if (!other) return;
  const isExternal = group.externalId !== null && other.externalId === group.externalId;
  const key = isExternal ? `externalId ${shown(group.externalId)}` : `displayName ${shown(group.displayName)}`;
  throw new ScimRefusal('uniqueness', `${key} belongs to the group ${other.id} already.`);
}

/** Brings the members to where they are wanted, by statements for those alone who come or go. */
async function changeMembers(
  organization: OrganizationId,
  transaction: Transaction,
  group: Group,
  { isReplaced, wanted }: MembersChange,
): Promise<{ added: number; removed: number }> {
  const positions = await findUserPositionsById(organization, transaction, [...wanted.keys()].filter(isUserId));
  const unknown = [...wanted].find(([id, isWanted]) => isWanted && !positions.has(id));
  if (unknown)
    throw new ScimRefusal('invalidValue', `There is no user with the id ${shown(unknown[0])} to be a member.`);
  const coming = new Set<number>();
  const going = new Set<number>();
  for (const [id, position] of positions) (wanted.get(id) ? coming : going).add(position);
  if (isReplaced) {
    for (const { position } of await listMembersAfter(organization, transaction, group.id, -1, MEMBERS_MAX)) {
      if (!coming.has(position)) going.add(position);
    }
  }
  const removed = await deleteMembers(organization, transaction, group.id, [...going]);
  const there = await findMembers(organization, transaction, group.id, [...coming]);
  const added = [...coming].filter((position) => !there.has(position));
  if (group.membersTotal - removed + added.length > MEMBERS_MAX) {
    throw new ScimRefusal('tooMany', `A group may have at most ${MEMBERS_MAX} members; put the others into another.`);
  }
  await insertMembers(organization, transaction, group.id, added);
  return { added: added.length, removed };
}

/** Writes a group that has changed; its version never repeats, as the clock goes on or else it is counted up. */
async function write(
  organization: OrganizationId,
  transaction: Transaction,
  group: Group,
  now: number,
): Promise<Group> {
  const written = { ...group, version: Math.max(now, group.version + 1), updatedAt: now };
  await updateGroup(organization, transaction, written);
  await tell(organization, transaction, 'group.updated', written, now);
  return written;
}

function tell(
  organization: OrganizationId,
  transaction: Transaction,
  type: 'group.created' | 'group.updated' | 'group.deleted',
  { id: groupId }: Group,
  now: number,
): Promise<void> {
  return insertEvents(organization, transaction, [{ type, data: { groupId } }], now);
}
