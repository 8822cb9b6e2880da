import { invalid } from './refusal.ts';

/** Where a walk over the items of a plan goes on: after this item. */
export interface ItemPosition {
  readonly kind: string;
  readonly number: number;
}

const FORM = /^1\.syncitems\.([\da-f-]{36})\.([a-z]+)\.(\d{1,9})$/;

/** The opaque cursor of a run's items: it fits no other run. */
export function writeItemCursor(runId: string, { kind, number }: ItemPosition): string {
  return Buffer.from(`1.syncitems.${runId}.${kind}.${number}`).toString('base64url');
}

/** The position in a cursor; throws `invalid_request` for what was not given for this run and one of these kinds. */
export function readItemCursor<Kind extends string>(
  runId: string,
  kinds: readonly Kind[],
  cursor: string,
): { kind: Kind; number: number } {
  const match = FORM.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const kind = kinds.find((word) => word === match?.[2]);
  if (match?.[1] === runId && kind !== undefined) return { kind, number: Number(match[3]) };
  const message = 'is not a cursor of this list; send "next" of an earlier answer as it came';
  throw invalid([{ parameter: 'cursor', message }]);
}
