import { hash } from 'node:crypto';

/** Changed with every release that could change a body, so that no cache mixes two releases. */
const RELEASE = '1';

/** A strong ETag (RFC 9110, section 8.8.3): one for each content, representation and content coding. */
export function entityTag(version: string, contentType: string, coding: string): string {
  return `"${hash('sha1', `${RELEASE}\n${version}\n${contentType}\n${coding}`, 'base64url')}"`;
}

/** Whether If-None-Match names the tag (weak comparison, RFC 9110, section 13.1.2). */
export function matchesAny(ifNoneMatch: string, tag: string): boolean {
  if (ifNoneMatch === tag) return true;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === tag);
}
