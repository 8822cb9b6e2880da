import { fieldFault } from '../batch-errors.ts';
import { normalizeEmail } from '../email.ts';
import { cleanLine, cleanName, cleanRemoteId, type TextResult } from '../text.ts';
import { isObject, JsonObject, objectsOf } from './json.ts';
import { foldCase } from './matches.ts';
import { ScimRefusal, shown } from './refusal.ts';

/** What a request says of a person; absent: nothing. */
export interface UserChange {
  userName?: string;
  /** Normalized; null takes it away. */
  email?: string | null;
  externalId?: string | null;
  givenName?: string;
  familyName?: string;
  active?: boolean;
}

const USER_NAME_CHARACTERS_MAX = 256;

/** Normalized, or null where it is none. */
export function emailOf(text: string): string | null {
  const result = normalizeEmail(text);
  return result.ok ? result.email : null;
}

/** The form in which user names are compared: without case, and addresses as emails are. */
export function foldUserName(userName: string): string {
  return emailOf(userName) ?? foldCase(userName);
}

/** What a whole resource says of a person (POST and PUT). Attributes that are not mapped are passed over. */
export function readUser(body: JsonObject): UserChange {
  const change: UserChange = {};
  const take = (name: string, value: unknown) => {
    if (value !== undefined) SETTERS.get(name)?.(change, value);
  };
  const userName = body.get('userName');
  if (userName === undefined || userName === null) {
    throw new ScimRefusal('invalidValue', 'userName is missing; send the name under which the person signs in.');
  }
  for (const name of ['username', 'externalid', 'name', 'active', 'emails']) take(name, body.get(name));
  return change;
}

type Setter = (change: UserChange, value: unknown) => void;

/** Local names of attributes that a person has here -> how a value of theirs is taken. null takes a value away. */
export const SETTERS: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  [
    'username',
    (change, value) => {
      change.userName = cleaned('userName', value, (text) => required(cleanLine(text, USER_NAME_CHARACTERS_MAX)));
    },
  ],
  [
    'externalid',
    (change, value) => {
      change.externalId = value === null ? null : cleaned('externalId', value, cleanRemoteId);
    },
  ],
  [
    'name.givenname',
    (change, value) => {
      change.givenName = value === null ? '' : cleaned('name.givenName', value, cleanName);
    },
  ],
  [
    'name.familyname',
    (change, value) => {
      change.familyName = value === null ? '' : cleaned('name.familyName', value, cleanName);
    },
  ],
  ['name', setName],
  [
    'active',
    (change, value) => {
      change.active = readBoolean(value);
    },
  ],
  [
    'emails',
    (change, value) => {
      change.email = value === null ? null : emailIn(value);
    },
  ],
  [
    'emails.value',
    (change, value) => {
      change.email = value === null ? null : cleanedEmail(value);
    },
  ],
]);

function setName(change: UserChange, value: unknown): void {
  if (value !== null && !isObject(value)) {
    throw new ScimRefusal('invalidValue', `name must be an object with givenName and familyName, not ${shown(value)}.`);
  }
  const name = new JsonObject(value ?? { givenName: null, familyName: null });
  for (const part of ['givenname', 'familyname']) {
    const text = name.get(part);
    if (text !== undefined) SETTERS.get(`name.${part}`)?.(change, text);
  }
}

/** One address a person: the primary one, else that for work, else the first. */
function emailIn(value: unknown): string | null {
  const emails = objectsOf(value, 'emails').filter((email) => (email.get('value') ?? '') !== '');
  const chosen = emails.find((email) => isTrue(email.get('primary'))) ?? emails.find(isMainEmail) ?? emails[0];
  return chosen ? cleanedEmail(chosen.get('value')) : null;
}

/** Whether it is an address for work, or is not said to be for anything else. */
export function isMainEmail(email: JsonObject): boolean {
  const type = email.get('type') ?? 'work';
  return isTrue(email.get('primary')) || String(type).toLowerCase() === 'work';
}

function cleanedEmail(value: unknown): string {
  return cleaned('emails.value', value, (text) => {
    const result = normalizeEmail(text);
    return result.ok ? { ok: true, text: result.email } : result;
  });
}

/** `true`, `"True"` and the like: Entra sends texts. */
function readBoolean(value: unknown): boolean {
  const text = String(unwrapped(value)).toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  throw new ScimRefusal('invalidValue', `active must be true or false, not ${shown(value)}.`);
}

function isTrue(value: unknown): boolean {
  return String(value).toLowerCase() === 'true';
}

function cleaned(field: string, value: unknown, rule: (text: string) => TextResult): string {
  const text = unwrapped(value);
  if (typeof text !== 'string') {
    throw new ScimRefusal('invalidValue', `${field} must be a text, not ${shown(value)}.`);
  }
  const result = rule(text);
  if (result.ok) return result.text;
  throw new ScimRefusal('invalidValue', fieldFault(field, text, result.reason));
}

function required(result: TextResult): TextResult {
  return result.ok && result.text === '' ? { ok: false, reason: 'is empty; send a value' } : result;
}

/** The value of a single-valued attribute that comes as Entra sent them once: `[{ "value": … }]`. */
function unwrapped(value: unknown): unknown {
  if (!Array.isArray(value) || value.length !== 1) return value;
  const [only] = value as unknown[];
  return isObject(only) ? new JsonObject(only).get('value') : only;
}
