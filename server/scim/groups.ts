import { createScimGroup, deleteScimGroup, noGroup, patchScimGroup, replaceScimGroup } from '../actions/scim-groups.ts';
import { readGroup } from '../domain/scim/group-change.ts';
import { isGroupId } from '../domain/scim/ids.ts';
import { requireSchema } from '../domain/scim/json.ts';
import { GROUP_SCHEMA } from '../domain/scim/schemas.ts';
import { findGroup, type Group, searchGroups } from '../store/groups.ts';
import type { ScimAnswer, ScimCall, ScimHandler } from './context.ts';
import { groupLocation, groupText, groupVersion } from './group-resource.ts';
import { listAnswer, readListQuery } from './list.ts';
import { readProjection } from './projection.ts';
import { ifMatches, namesVersion } from './version.ts';

/** Members on one page of groups: it ends before the group that would bring more, unless that is its first. */
const PAGE_MEMBERS_MAX = 20_000;

/** GET /Groups and POST /Groups/.search. */
export const listGroups: ScimHandler = async (call) => {
  const { account, database } = call;
  const { startIndex, count, ...search } = readListQuery(call.query);
  const projection = readProjection(call.query);
  const page = { ...search, offset: startIndex - 1, limit: count };
  const { total, groups } = await searchGroups(account.organization, database.reader, page);
  const isShort = projection?.shows('members') === false;
  const resources: string[] = [];
  let members = 0;
  for (const group of groups) {
    members += isShort ? 0 : group.membersTotal;
    if (members > PAGE_MEMBERS_MAX && resources.length > 0) break;
    resources.push(await groupText(call, group, projection));
  }
  return listAnswer(total, startIndex, resources);
};

export const createGroup: ScimHandler = async (call) => {
  requireSchema(call.body, GROUP_SCHEMA);
  const group = await createScimGroup(call, call.account.organization, readGroup(call.body));
  const { headers, ...answer } = await answerGroup(call, group, 201);
  return { ...answer, headers: { ...headers, location: groupLocation(group, call.base) } };
};

export const getGroup: ScimHandler = async (call) => {
  const { account, database, id, ifNoneMatch } = call;
  const group = isGroupId(id) ? await findGroup(account.organization, database.reader, id) : null;
  if (!group) throw noGroup(id);
  const etag = groupVersion(group);
  if (ifNoneMatch !== undefined && namesVersion(ifNoneMatch, etag)) return { status: 304, headers: { etag } };
  return answerGroup(call, group);
};

export const replaceGroup: ScimHandler = async (call) => {
  requireSchema(call.body, GROUP_SCHEMA);
  const change = readGroup(call.body);
  const group = await replaceScimGroup(call, call.account.organization, call.id, change, ifMatches(call, groupVersion));
  return answerGroup(call, group);
};

/** Answers nothing unless attributes were asked for: a group may have many members. */
export const patchGroup: ScimHandler = async (call) => {
  const group = await patchScimGroup(
    call,
    call.account.organization,
    call.id,
    call.body,
    ifMatches(call, groupVersion),
  );
  if (readProjection(call.query)) return answerGroup(call, group);
  return { status: 204, headers: { etag: groupVersion(group) } };
};

export const deleteGroup: ScimHandler = async (call) => {
  await deleteScimGroup(call, call.account.organization, call.id, ifMatches(call, groupVersion));
  return { status: 204 };
};

async function answerGroup(call: ScimCall, group: Group, status = 200): Promise<ScimAnswer> {
  const body = await groupText(call, group, readProjection(call.query));
  return { status, headers: { etag: groupVersion(group) }, body };
}
