import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Group, listMembersAfter } from '../store/groups.ts';
import type { ScimCall } from './context.ts';
import type { Projection } from './projection.ts';
import { isoTime } from './user-resource.ts';

const CHUNK_MEMBERS = 1_000;

/** A weak entity tag: another whenever the group or its members are. */
export function groupVersion({ version }: Group): string {
  return `W/"${version.toString(36)}"`;
}

export function groupLocation({ id }: Group, base: string): string {
  return `${base}/Groups/${id}`;
}

/** The resource as JSON; its members are read only where they are to be shown, with turns of the event loop in between. */
export async function groupText(call: ScimCall, group: Group, projection: Projection | null): Promise<string> {
  const { base } = call;
  const externalId = group.externalId === null ? '' : `"externalId":${JSON.stringify(group.externalId)},`;
  const members = projection?.shows('members') === false ? '' : `"members":[${await membersText(call, group)}],`;
  const text =
    `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"${group.id}",${externalId}` +
    `"displayName":${JSON.stringify(group.displayName)},${members}` +
    `"meta":{"resourceType":"Group","created":"${isoTime(group.createdAt)}",` +
    `"lastModified":"${isoTime(group.updatedAt)}","location":"${groupLocation(group, base)}",` +
    `"version":${JSON.stringify(groupVersion(group))}}}`;
  return projection ? JSON.stringify(projection.apply(JSON.parse(text) as Record<string, unknown>)) : text;
}

async function membersText({ account, database, base }: ScimCall, { id: group }: Group): Promise<string> {
  const texts: string[] = [];
  for (let after = -1; ; await nextTurn()) {
    const members = await listMembersAfter(account.organization, database.reader, group, after, CHUNK_MEMBERS);
    for (const { id } of members) texts.push(`{"value":"${id}","$ref":"${base}/Users/${id}","type":"User"}`);
    if (members.length < CHUNK_MEMBERS) return texts.join(',');
    after = members.at(-1)?.position ?? 0;
  }
}
