import type { TObject } from 'typebox';
import { Refusal } from '../domain/refusal.ts';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** A UUID in lower case (RFC 9562, section 4), null for any other text. */
export function normalizeUuid(text: string): string | null {
  return UUID.test(text) ? text.toLowerCase() : null;
}

/** A path parameter in the one spelling in which it is kept, null where it is no id of its kind. */
function normalizeId({ pattern }: { readonly pattern?: string }, text: string): string | null {
  if (pattern === undefined) return normalizeUuid(text);
  return new RegExp(pattern).test(text) ? text : null;
}

/**
 * Reads a request's path parameters by an operation's schema. What is no id names nothing: it is refused with
 * `not_found`, as an id that nobody has would be.
 */
export function readParams(schema: TObject | undefined, values: unknown): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    const id = normalizeId(property as { pattern?: string }, (values as Record<string, string>)[name] ?? '');
    if (id === null) throw new Refusal('not_found', 'There is nothing at this address: an id in it is no id.');
    params[name] = id;
  }
  return params;
}

/** The path as the router writes it: `/modules/{moduleId}` becomes `/modules/:moduleId`. */
export function routePath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}
