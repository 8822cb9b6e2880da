import { splitAttribute } from '../domain/scim/path.ts';

/** Which attributes an answer shows (RFC 7644, section 3.9). */
export interface Projection {
  /** Whether anything at all of the attribute is shown; asked for to save what is dear to read. */
  shows(name: string): boolean;
  /** The resource with nothing but what is to be shown. */
  apply(resource: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

/** Shown whatever was asked for. */
const ALWAYS = new Set(['schemas', 'id']);

/** How an answer is to be cut down; null where it is to be whole. */
export function readProjection(query: URLSearchParams): Projection | null {
  const attributes = namesIn(query.get('attributes'));
  if (attributes.size > 0) return projection((name, sub) => includes(attributes, name, sub));
  const excluded = namesIn(query.get('excludedAttributes'));
  if (excluded.size === 0) return null;
  return projection((name, sub) => !excluded.has(name) && (sub === null || !excluded.has(`${name}.${sub}`)));
}

function includes(attributes: ReadonlySet<string>, name: string, sub: string | null): boolean {
  if (attributes.has(name)) return true;
  if (sub !== null) return attributes.has(`${name}.${sub}`);
  for (const attribute of attributes) if (attribute.startsWith(`${name}.`)) return true;
  return false;
}

function namesIn(list: string | null): Set<string> {
  const paths = (list ?? '').split(',').map((name) => splitAttribute(name.trim()));
  return new Set(paths.flatMap((path) => (path ? [path.sub === null ? path.name : `${path.name}.${path.sub}`] : [])));
}

function projection(isShown: (name: string, sub: string | null) => boolean): Projection {
  const shows = (name: string) => ALWAYS.has(name) || isShown(name.toLowerCase(), null);
  const cut = (name: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((item) => cut(name, item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).filter(([sub]) => isShown(name.toLowerCase(), sub.toLowerCase())));
  };
  return {
    shows,
    apply: (resource) =>
      Object.fromEntries(
        Object.entries(resource)
          .filter(([name]) => shows(name))
          .map(([name, value]) => [name, ALWAYS.has(name) ? value : cut(name, value)]),
      ),
  };
}
