import { ScimRefusal, shown } from './refusal.ts';
import type { ResourceSchema } from './schemas.ts';

/** An attribute by its name, in lower case, since names are compared so (RFC 7643, section 2.1). */
export interface AttributePath {
  /** The schema that the name was prefixed with, in lower case. */
  readonly schema: string | null;
  readonly name: string;
  readonly sub: string | null;
}

/** RFC 7644, figure 1; `$ref` is the one name that begins with a dollar sign. */
const NAME = /^(?:[A-Za-z][A-Za-z0-9_-]*|\$ref)$/;

/** Names that mean something to JavaScript's objects: no attribute is called so. */
const REFUSED_NAMES = new Set(['constructor', 'prototype']);

/** Splits `urn:…:name.sub`, `name.sub` or `name`; null where that is no attribute path. */
export function splitAttribute(text: string): AttributePath | null {
  const isPrefixed = /^urn:/i.test(text);
  const colon = isPrefixed ? text.lastIndexOf(':') : -1;
  const names = text.slice(colon + 1).split('.');
  // "urn:…:2.0:User" alone: a schema with all that it holds. The point is that of its version.
  const [name = '', sub = null] = names;
  if (names.length > 2 || !isName(name) || (sub !== null && !isName(sub))) return null;
  const schema = isPrefixed ? text.slice(0, colon).toLowerCase() : null;
  return { schema, name: name.toLowerCase(), sub: sub?.toLowerCase() ?? null };
}

function isName(text: string): boolean {
  return NAME.test(text) && !REFUSED_NAMES.has(text.toLowerCase());
}

/** The attribute's name within its resource, such as `name.givenname`; null where it is of another schema. */
export function localName(path: AttributePath, schema: ResourceSchema): string | null {
  if (path.schema !== null && path.schema !== schema.toLowerCase()) return null;
  return path.sub === null ? path.name : `${path.name}.${path.sub}`;
}

/** Refuses a path that is none (`invalidPath`). */
export function notAPath(text: string): ScimRefusal {
  return new ScimRefusal(
    'invalidPath',
    `The path ${shown(text)} is not an attribute path; write one such as "name.givenName".`,
  );
}
