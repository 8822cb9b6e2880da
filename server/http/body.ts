import type { IncomingHttpHeaders } from 'node:http';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { Settings } from 'typebox/system';
import { type Issue, invalid, Refusal } from '../domain/refusal.ts';

/**
 * Every fault of a body is listed, up to this many complaints of the validator (its own default is 8): enough for 200
 * items in which everything is wrong, and a bound for bodies that mean harm.
 */
const FAULTS_MAX = 5_000;
Settings.Set({ maxErrors: FAULTS_MAX });

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads JSON bodies of one schema; refuses with `invalid_request` and the JSON pointer of every fault. */
export function bodyReader<Schema extends TSchema>(schema: Schema): (bytes: Buffer | undefined) => Static<Schema> {
  const validator = Compile(schema);
  return (bytes) => {
    const value = parseJson(bytes);
    if (validator.Check(value)) return value as Static<Schema>;
    throw invalid(describeFaults(validator.Errors(value), value));
  };
}

/** Refuses a body that is compressed, or declared to be in another encoding than UTF-8 (RFC 8259, section 8.1). */
export function requirePlainUtf8({ 'content-encoding': coding, 'content-type': type }: IncomingHttpHeaders): void {
  if (coding && coding.trim().toLowerCase() !== 'identity') {
    throw new Refusal('unsupported_media_type', 'The body must not be compressed. Send it without Content-Encoding.');
  }
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type ?? '')?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return;
  throw new Refusal('unsupported_media_type', 'The body must be JSON in UTF-8. Send "Content-Type: application/json".');
}

function parseJson(bytes: Buffer | undefined): unknown {
  if (!bytes || bytes.length === 0) throw invalid([{ pointer: '', message: 'is empty; send a JSON object' }]);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw invalid([{ pointer: '', message: 'is not valid UTF-8; encode the JSON text in UTF-8' }]);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid([{ pointer: '', message: `is not valid JSON: ${(error as Error).message.slice(0, 200)}` }]);
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
  const params = error?.params as { limit?: number; requiredProperties?: string[] };
  if (error?.keyword === 'boolean') return 'is an unknown field; check its spelling or leave it out';
  if (error?.keyword === 'required') return `lacks ${params.requiredProperties?.map((name) => `"${name}"`).join(', ')}`;
  if (error?.keyword === 'minItems') return `must have at least ${params.limit} item`;
  if (error?.keyword === 'maxItems')
    return `must have at most ${params.limit} items; send the rest in further requests`;
  return error?.message ?? 'is not valid';
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
