import type { TObject } from 'typebox';
import { Refusal } from '../domain/refusal.ts';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** A UUID in lower case (RFC 9562, section 4), null for any other text. */
export function normalizeUuid(text: string): string | null {
  return UUID.test(text) ? text.toLowerCase() : null;
}

/**
 * Reads a request's path parameters by an operation's schema. What is no id names nothing: it is refused with
 * `not_found`, as an id that nobody has would be.
 */
export function readParams(schema: TObject | undefined, values: unknown): Record<string, string> {
  const params: Record<string, string> = {};
  for (const name of Object.keys(schema?.properties ?? {})) {
    const id = normalizeUuid((values as Record<string, string>)[name] ?? '');
    if (id === null) throw new Refusal('not_found', 'There is nothing at this address: an id in it is no UUID.');
    params[name] = id;
  }
  return params;
}

/** The path as the router writes it: `/modules/{moduleId}` becomes `/modules/:moduleId`. */
export function routePath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}
