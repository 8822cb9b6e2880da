import { ScimRefusal } from '../domain/scim/refusal.ts';
import type { ScimCall } from './context.ts';

/** A check for an action: refuses with `versionMismatch` where If-Match names other versions than the present one. */
export function ifMatches<Resource>(
  { ifMatch }: ScimCall,
  versionOf: (resource: Resource) => string,
): (resource: Resource) => void {
  return (resource) => {
    if (ifMatch === undefined || namesVersion(ifMatch, versionOf(resource))) return;
    throw new ScimRefusal(
      'versionMismatch',
      `The resource has changed: its version is ${versionOf(resource)}. Read it again, then send what fits it.`,
    );
  };
}

/** Whether a list of entity tags names the version; `W/` does not count (weak comparison, RFC 9110, section 8.8.3.2). */
export function namesVersion(tags: string, version: string): boolean {
  if (tags.trim() === '*') return true;
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '');
  return tags.split(',').some((tag) => opaque(tag) === opaque(version));
}
