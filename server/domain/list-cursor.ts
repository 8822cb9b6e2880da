import { invalid } from './refusal.ts';

/** Where a list goes on: after the item with this time (epoch milliseconds) and id. */
export interface ListPosition {
  readonly at: number;
  readonly id: string;
}

const FORM = /^1\.([a-z]+)\.(\d{1,15})\.(-?\d{1,15})\.([\da-f-]{36})$/;

/** The opaque cursor of a list of the management API: it fits no other list and no other organization. */
export function writeListCursor(list: string, organization: number, { at, id }: ListPosition): string {
  return Buffer.from(`1.${list}.${organization}.${at}.${id}`).toString('base64url');
}

/** The position in a cursor; throws `invalid_request` for what was not given for this list of this organization. */
export function readListCursor(list: string, organization: number, cursor: string): ListPosition {
  const match = FORM.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (match?.[1] === list && Number(match[2]) === organization && match[4]) {
    return { at: Number(match[3]), id: match[4] };
  }
  const message = 'is not a cursor of this list; send "next" of an earlier answer as it came';
  throw invalid([{ parameter: 'cursor', message }]);
}
