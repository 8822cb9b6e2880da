import { invalid } from './refusal.ts';

/**
 * The opaque cursor of `changedSince`: the organization and the number of its latest change, so that a cursor of
 * another organization (or a made-up one) is refused instead of leaving out records.
 */
export function writeCursor(organization: number, change: number): string {
  return Buffer.from(`1.${organization}.${change}`).toString('base64url');
}

/**
 * The change number in a cursor; throws `invalid_request` for what this organization was never given. One ahead of
 * `lastChange` is refused too: its change is gone with a restored backup, and going on from there would leave out
 * what has happened since.
 */
export function readCursor(organization: number, cursor: string, lastChange: number): number {
  const match = /^1\.(\d{1,15})\.(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (match && Number(match[1]) === organization && Number(match[2]) <= lastChange) return Number(match[2]);
  const message = 'is not a cursor of this organization; use the X-Next-Cursor header of an earlier answer as it came';
  throw invalid([{ parameter: 'changedSince', message }]);
}
