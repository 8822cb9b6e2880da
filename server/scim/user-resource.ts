import { crc32 } from 'node:zlib';
import type { ScimUserText } from '../store/scim-user-texts.ts';
import type { Projection } from './projection.ts';
import { documentParts } from './user-document.ts';

/** A weak entity tag: another whenever what SCIM shows of the person is. */
export function userVersion({ updatedAt, document, userName }: ScimUserText): string {
  return `W/"${tagOf(updatedAt, document, userName)}"`;
}

function tagOf(updatedAt: number, document: string, userName: string | null): string {
  const content = crc32(userName === null ? document : `${document}${userName}`);
  return `${updatedAt}-${content}`;
}

export function userLocation({ id }: { readonly id: string }, base: string): string {
  return `${base}/Users/${id}`;
}

/** The resource as JSON. */
export function userText(user: ScimUserText, base: string, projection: Projection | null): string {
  const text = wholeText(user, base);
  return projection ? JSON.stringify(projection.apply(JSON.parse(text) as Record<string, unknown>)) : text;
}

const HEAD = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"';

/**
 * Put together from pieces of the stored document, which are JSON already: a list shows hundreds of people, and to turn
 * each of them into an object and back costs three times as much.
 */
function wholeText({ document, createdAt, updatedAt, userName }: ScimUserText, base: string): string {
  const { id, firstName, lastName, email, active, remoteId } = documentParts(document);
  let text = `${HEAD}${id}"`;
  if (remoteId !== 'null') text += `,"externalId":${remoteId}`;
  text += `,"userName":${userName === null ? nameFromKeys(email, remoteId, id) : JSON.stringify(userName)}`;
  text += namesText(firstName, lastName);
  text += `,"active":${active}`;
  if (email !== 'null') text += `,"emails":[{"value":${email},"type":"work","primary":true}]`;
  text += `,"meta":{"resourceType":"User","created":"${isoTime(createdAt)}","lastModified":"${isoTime(updatedAt)}"`;
  return `${text},"location":"${base}/Users/${id}","version":"W/\\"${tagOf(updatedAt, document, userName)}\\""}}`;
}

function nameFromKeys(email: string, remoteId: string, id: string): string {
  if (email !== 'null') return email;
  return remoteId === 'null' ? `"${id}"` : remoteId;
}

const NONE = '""';

/** The names and what follows from them; all are JSON strings. */
function namesText(firstName: string, lastName: string): string {
  if (firstName === NONE && lastName === NONE) return '';
  if (firstName === NONE) return `,"name":{"formatted":${lastName},"familyName":${lastName}},"displayName":${lastName}`;
  if (lastName === NONE)
    return `,"name":{"formatted":${firstName},"givenName":${firstName}},"displayName":${firstName}`;
  const whole = `${firstName.slice(0, -1)} ${lastName.slice(1)}`;
  const name = `{"formatted":${whole},"givenName":${firstName},"familyName":${lastName}}`;
  return `,"name":${name},"displayName":${whole}`;
}

const DAY_MS = 86_400_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const THREE_DIGITS = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'));

let lastDay = Number.NaN;
let lastDayText = '';

/** As `toISOString`, in a third of the time where many times of one day are written. */
export function isoTime(at: number): string {
  const day = Math.floor(at / DAY_MS);
  if (day !== lastDay) {
    lastDay = day;
    lastDayText = new Date(day * DAY_MS).toISOString().slice(0, 11);
  }
  const rest = at - day * DAY_MS;
  const hours = TWO_DIGITS[Math.floor(rest / 3_600_000)];
  const minutes = TWO_DIGITS[Math.floor(rest / 60_000) % 60];
  const seconds = TWO_DIGITS[Math.floor(rest / 1_000) % 60];
  return `${lastDayText}${hours}:${minutes}:${seconds}.${THREE_DIGITS[rest % 1_000]}Z`;
}
