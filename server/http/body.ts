import type { IncomingHttpHeaders } from 'node:http';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { Format } from 'typebox/format';
import { Settings } from 'typebox/system';
import { parseDateTime } from '../domain/date-time.ts';
import { type Issue, invalid, Refusal } from '../domain/refusal.ts';

/**
 * Every fault of a body is listed, up to this many complaints of the validator (its own default is 8): enough for 200
 * items in which everything is wrong, and a bound for bodies that mean harm.
 */
const FAULTS_MAX = 2_000;
Settings.Set({ maxErrors: FAULTS_MAX });

// One rule for date-times, in bodies as in parameters (contract: Dates).
Format.Set('date-time', (text) => parseDateTime(text).ok);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads JSON bodies of one schema; refuses with `invalid_request` and the JSON pointer of every fault. */
export function bodyReader<Schema extends TSchema>(schema: Schema): (bytes: Buffer | undefined) => Static<Schema> {
  const check = checker(schema);
  return (bytes) => check(parseJson(bytes));
}

/** Passes a value that fits the schema; refuses others with `invalid_request` and the JSON pointer of every fault. */
export function checker<Schema extends TSchema>(schema: Schema): (value: unknown) => Static<Schema> {
  const validator = Compile(schema);
  return (value) => {
    if (validator.Check(value)) return value as Static<Schema>;
    refuseTooManyItems(schema, value);
    throw invalid(describeFaults(validator.Errors(value), value));
  };
}

/** A list that is too long is told so and nothing else: to list what is wrong with half a million items is no help. */
function refuseTooManyItems(schema: TSchema, body: unknown): void {
  const { properties = {} } = schema as { properties?: Record<string, { maxItems?: number }> };
  for (const [name, { maxItems = Number.POSITIVE_INFINITY }] of Object.entries(properties)) {
    const value = isObject(body) && Object.hasOwn(body, name) ? body[name] : undefined;
    if (!Array.isArray(value) || value.length <= maxItems) continue;
    const message = `must have at most ${maxItems} items; ${SHORTENING[name] ?? 'send the rest in further requests'}`;
    throw invalid([{ pointer: `/${name}`, message }]);
  }
}

/** How to shorten a list that cannot be sent in parts. */
const SHORTENING: Readonly<Record<string, string>> = { steps: 'join some of them, or make two modules of it' };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Reads a body that is text. */
export function readTextBody(bytes: Buffer | undefined): string {
  if (!bytes || bytes.length === 0) throw invalid([{ pointer: '', message: 'is empty' }]);
  return decodeUtf8(bytes);
}

/** The media type of a body, without its parameters, in lower case (RFC 9110, section 8.3.1). */
export function mediaTypeOf(contentType = ''): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** Refuses a body of another media type than these. */
export function requireMediaType(headers: IncomingHttpHeaders, types: readonly string[]): void {
  if (types.includes(mediaTypeOf(headers['content-type']))) return;
  const known = types.map((type) => `"Content-Type: ${type}"`).join(' or ');
  throw new Refusal('unsupported_media_type', `The body must be declared as what it is: send ${known}.`);
}

/** Refuses a body that is compressed, or declared to be in another encoding than UTF-8 (RFC 8259, section 8.1). */
export function requirePlainUtf8({ 'content-encoding': coding, 'content-type': type }: IncomingHttpHeaders): void {
  if (coding && coding.trim().toLowerCase() !== 'identity') {
    throw new Refusal('unsupported_media_type', 'The body must not be compressed. Send it without Content-Encoding.');
  }
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type ?? '')?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return;
  throw new Refusal(
    'unsupported_media_type',
    'The body must be in UTF-8. Encode it so, and leave the charset out or name it.',
  );
}

function parseJson(bytes: Buffer | undefined): unknown {
  if (!bytes || bytes.length === 0) throw invalid([{ pointer: '', message: 'is empty; send a JSON object' }]);
  const text = decodeUtf8(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid([{ pointer: '', message: `is not valid JSON: ${(error as Error).message.slice(0, 200)}` }]);
  }
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalid([{ pointer: '', message: 'is not valid UTF-8; encode the text in UTF-8' }]);
  }
}

/** One issue a place: a validator's several complaints about one value are one sentence to a person. */
function describeFaults(errors: readonly TLocalizedValidationError[], body: unknown): Issue[] {
  const byPointer = new Map<string, TLocalizedValidationError[]>();
  for (const error of errors) {
    if (error.keyword === 'anyOf' || error.keyword === 'additionalProperties') continue;
    const known = byPointer.get(error.instancePath);
    if (known) known.push(error);
    else byPointer.set(error.instancePath, [error]);
  }
  return [...byPointer].map(([pointer, group]) => ({ pointer, message: describe(group, valueAt(body, pointer)) }));
}

function describe(errors: readonly TLocalizedValidationError[], value: unknown): string {
  const types = errors.filter((error) => error.keyword === 'type');
  if (types.length > 0) {
    const expected = types.map((error) => typeNames((error.params as { type: string | string[] }).type));
    return `must be ${expected.join(' or ')}, not ${kindOf(value)}`;
  }
  const [error] = errors;
  return error ? describeOne(error, value) : 'is not valid';
}

interface FaultParams {
  readonly limit?: number;
  readonly requiredProperties?: readonly string[];
  readonly allowedValues?: readonly string[];
  readonly format?: string;
}

function describeOne({ keyword, params, message }: TLocalizedValidationError, value: unknown): string {
  const { limit = 0, requiredProperties = [], allowedValues = [], format = '' } = params as FaultParams;
  switch (keyword) {
    case 'boolean':
      return 'is an unknown field; check its spelling or leave it out';
    case 'required':
      return `lacks ${requiredProperties.map((name) => `"${name}"`).join(', ')}`;
    case 'minItems':
      return `must have at least ${counted(limit, 'item')}`;
    case 'maxItems':
      return `must have at most ${counted(limit, 'item')}; send the rest in further requests`;
    case 'minLength':
      return limit === 1 ? 'must not be empty' : `must have at least ${counted(limit, 'character')}`;
    case 'maxLength':
      return `must have at most ${counted(limit, 'character')}`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    case 'uniqueItems':
      return 'has an item twice; send each once';
    case 'enum':
      return `must be ${alternatives(allowedValues)}`;
    case 'format':
      return FORMAT_FAULTS[format]?.(String(value)) ?? message;
    default:
      return message;
  }
}

/** What is wrong with a text that is not of a format. */
const FORMAT_FAULTS: Readonly<Record<string, (text: string) => string>> = {
  'date-time': (text) => {
    const result = parseDateTime(text);
    return result.ok ? 'is not a date-time' : result.reason;
  },
  date: () => 'is not a date of the calendar; write one such as 2024-06-15',
  uuid: () => 'must be a UUID such as 0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11',
};

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function alternatives(words: readonly string[]): string {
  const quoted = words.map((word) => `"${word}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

function typeNames(types: string | readonly string[]): string {
  return [types].flat().map(typeName).join(' or ');
}

function typeName(type: string): string {
  if (type === 'null') return 'null';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeName(typeof value);
}

function valueAt(body: unknown, pointer: string): unknown {
  let value = body;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    value = value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}
