import { crc32 } from 'node:zlib';
import { userNameOf } from '../domain/scim/user-state.ts';
import type { ScimUser } from '../store/scim-users.ts';
import type { Projection } from './projection.ts';

/** A weak entity tag: another whenever what SCIM shows of the person is. */
export function userVersion({ updatedAt, document, userName }: ScimUser): string {
  const content = crc32(userName === null ? document : `${document}${userName}`);
  return `W/"${updatedAt.toString(36)}-${content.toString(36)}"`;
}

export function userLocation({ id }: Pick<ScimUser, 'id'>, base: string): string {
  return `${base}/Users/${id}`;
}

/** The resource as JSON. Put together by hand, since a list shows hundreds of them. */
export function userText(user: ScimUser, base: string, projection: Projection | null): string {
  const text = wholeText(user, base);
  return projection ? JSON.stringify(projection.apply(JSON.parse(text) as Record<string, unknown>)) : text;
}

function wholeText(user: ScimUser, base: string): string {
  const { id, firstName, lastName, email, remoteId, active } = user;
  const externalId = remoteId === null ? '' : `"externalId":${JSON.stringify(remoteId)},`;
  const name = `${firstName} ${lastName}`.trim();
  const names = name === '' ? '' : namesText(firstName, lastName, JSON.stringify(name));
  const emails = email === null ? '' : `"emails":[{"value":${JSON.stringify(email)},"type":"work","primary":true}],`;
  return (
    `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"${id}",${externalId}` +
    `"userName":${JSON.stringify(userNameOf(user))},${names}"active":${active},${emails}` +
    `"meta":{"resourceType":"User","created":"${isoTime(user.createdAt)}","lastModified":"${isoTime(user.updatedAt)}",` +
    `"location":"${userLocation(user, base)}","version":${JSON.stringify(userVersion(user))}}}`
  );
}

function namesText(firstName: string, lastName: string, name: string): string {
  const given = firstName === '' ? '' : `,"givenName":${JSON.stringify(firstName)}`;
  const family = lastName === '' ? '' : `,"familyName":${JSON.stringify(lastName)}`;
  return `"name":{"formatted":${name}${given}${family}},"displayName":${name},`;
}

let lastTime = Number.NaN;
let lastText = '';

/** Kept for the next one: people who came in one batch have the same times. */
export function isoTime(at: number): string {
  if (at !== lastTime) {
    lastTime = at;
    lastText = new Date(at).toISOString();
  }
  return lastText;
}
