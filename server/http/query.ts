import type { TObject, TSchema } from 'typebox';
import { parseDateTime } from '../domain/date-time.ts';
import { type Issue, invalid } from '../domain/refusal.ts';
import { normalizeUuid } from './params.ts';

/** Faults that one query string is told of; nobody mends more of them at a time. */
const ISSUES_MAX = 50;

type QueryValue = string | number | boolean;

/**
 * Reads a request's query string by an operation's schema: integers, booleans and date-times (as epoch milliseconds)
 * are turned into values, defaults filled in. Unknown, repeated and undecodable parameters are refused by name
 * (contract: Dates).
 */
export function readQuery(schema: TObject | undefined, url: string): Record<string, QueryValue> {
  const issues: Issue[] = [];
  const properties = (schema?.properties ?? {}) as Record<string, TSchema & PropertyKeywords>;
  const values: Record<string, QueryValue> = {};
  const seen = new Set<string>();
  for (const [name, text] of pairs(url)) {
    if (issues.length >= ISSUES_MAX) break;
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const value = property && !seen.has(name) && text !== null ? readValue(property, text) : undefined;
    if (!property) issues.push(unknown(name, Object.keys(properties)));
    else if (seen.has(name)) issues.push({ parameter: name, message: 'is given more than once; give it once' });
    else if (text === null) issues.push({ parameter: name, message: 'is not valid percent-encoded UTF-8' });
    else if (value instanceof Fault) issues.push({ parameter: name, message: value.message });
    else if (value !== undefined) values[name] = value;
    seen.add(name);
  }
  const { from, to } = values;
  if (typeof from === 'number' && typeof to === 'number' && to <= from) {
    issues.push({ parameter: 'to', message: 'must be later than "from"' });
  }
  if (issues.length > 0) throw invalid(issues);
  for (const [name, property] of Object.entries(properties)) {
    if (!(name in values) && property.default !== undefined) values[name] = property.default;
  }
  return values;
}

interface PropertyKeywords {
  readonly type?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly string[];
  readonly default?: QueryValue;
}

class Fault {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** Name and value of each parameter, in order; the value is null where it cannot be decoded. */
function* pairs(url: string): Generator<[string, string | null]> {
  const start = url.indexOf('?');
  if (start < 0) return;
  for (const part of url.slice(start + 1).split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    yield [name ?? part.slice(0, 64), name === null ? null : decode(equals < 0 ? '' : part.slice(equals + 1))];
  }
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

function unknown(name: string, known: readonly string[]): Issue {
  const remedy = known.length === 0 ? 'this operation takes none' : `known are: ${known.join(', ')}`;
  return { parameter: name.slice(0, 64), message: `is unknown; ${remedy}` };
}

function readValue(property: PropertyKeywords, text: string): QueryValue | Fault {
  if (property.type === 'integer') return readInteger(property, text);
  if (property.type === 'boolean') return readBoolean(text);
  if (property.format === 'date-time') return readDateTime(text);
  if (property.format === 'uuid') return readUuid(text);
  return readText(property, text);
}

function readInteger({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: PropertyKeywords, text: string) {
  const value = /^[+-]?\d{1,20}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= maximum) return value;
  return new Fault(`must be a whole number from ${minimum} to ${maximum}, not ${quote(text)}`);
}

function readBoolean(text: string): boolean | Fault {
  if (text === 'true') return true;
  if (text === 'false') return false;
  return new Fault(`must be true or false, not ${quote(text)}`);
}

function readDateTime(text: string): number | Fault {
  const result = parseDateTime(text);
  return result.ok ? result.at : new Fault(result.reason);
}

function readUuid(text: string): string | Fault {
  const uuid = normalizeUuid(text);
  return uuid ?? new Fault(`must be a UUID such as 0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11, not ${quote(text)}`);
}

function readText(property: PropertyKeywords, text: string): string | Fault {
  const { minLength = 0, maxLength = 4096, enum: words } = property;
  if (words && !words.includes(text)) return new Fault(`must be one of ${words.join(', ')}, not ${quote(text)}`);
  if (text.length < minLength) return new Fault('must not be empty');
  if (text.length > maxLength) return new Fault(`must have at most ${maxLength} characters`);
  return text;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
