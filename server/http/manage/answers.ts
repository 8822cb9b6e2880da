import { limits } from '@rollcall/contract/limits.ts';
import type { ActionContext } from '../../actions/context.ts';
import { runOnce } from '../../actions/idempotency.ts';
import { type ListPosition, readListCursor, writeListCursor } from '../../domain/list-cursor.ts';
import type { Stretch } from '../../store/page.ts';
import type { Answer, Call } from '../context.ts';
import { idempotencyOf } from '../idempotency-key.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** The envelope of a successful answer. */
export function dataAnswer(data: unknown, answer: Omit<Answer, 'contentType' | 'body'> = {}): Answer {
  const body = JSON.stringify({ success: true, data, error: null });
  return { ...answer, contentType: JSON_TYPE, body: async () => body };
}

/** A list that is paged by cursor. */
interface List<Row> {
  /** By which its cursors are told from those of others: lower-case letters. */
  readonly name: string;
  readonly read: (stretch: Stretch) => Promise<readonly Row[]>;
  readonly positionOf: (row: Row) => ListPosition;
  readonly present: (row: Row) => unknown;
}

type ListCall = Pick<Call, 'account'> & {
  readonly query: { readonly limit?: number | undefined; readonly cursor?: string | undefined };
};

/** Answers a stretch of a list; one row more than wanted is read, to know whether there are more. */
export async function listAnswer<Row>({ account, query }: ListCall, list: List<Row>): Promise<Answer> {
  const { limit = limits.listLimitDefault, cursor } = query;
  const after = cursor === undefined ? null : readListCursor(list.name, account.organization, cursor);
  const rows = await list.read({ after, limit: limit + 1 });
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  const next = last === undefined ? null : writeListCursor(list.name, account.organization, list.positionOf(last));
  return dataAnswer({ items: items.map(list.present), next });
}

/** What an operation that makes something has to say. */
export interface Made {
  /** 201 unless it was there before. */
  readonly status?: 200 | 201;
  /** Path of what was made, where it is one thing. */
  readonly path?: string;
  readonly data: unknown;
}

/**
 * Runs an operation that makes something, once for each Idempotency-Key, and answers 201 with a Location. A replay has
 * the same status, place and body as the first answer.
 */
export async function madeAnswer(
  call: Call,
  operation: string,
  act: (inside: ActionContext) => Promise<Made>,
): Promise<Answer> {
  const idempotency = idempotencyOf(call, operation);
  const { organization } = call.account;
  const outcome = await runOnce(call, organization, idempotency, async (inside) => JSON.stringify(await act(inside)));
  const { status = 201, path, data } = JSON.parse(outcome.body) as Made;
  return dataAnswer(data, {
    status,
    headers: {
      ...(path !== undefined && { location: call.publicUrl() + path }),
      ...(outcome.replayed && { 'idempotency-replayed': 'true' }),
    },
  });
}
