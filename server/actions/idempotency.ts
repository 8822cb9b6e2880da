import { Refusal } from '../domain/refusal.ts';
import type { Database, Transaction } from '../store/database.ts';
import { findAnswer, rememberAnswer } from '../store/idempotency.ts';
import type { OrganizationId } from '../store/tables.ts';
import { type ActionContext, within } from './context.ts';

/** A request's Idempotency-Key, and a digest of all that was asked. */
export interface Idempotency {
  readonly key: string;
  readonly operation: string;
  /** SHA-256 over parameters and body, hex. */
  readonly requestDigest: string;
  /** When it was used, by the server's clock, also where the organization has one of its own. Epoch milliseconds. */
  readonly at: number;
}

export interface RememberedBody {
  readonly body: string;
  /** True where the body is the answer to an earlier request with the same key. */
  readonly replayed: boolean;
}

/** Gives the first answer again where the key was used before; refuses another request under the same key. */
export async function withIdempotency<T extends RememberedBody>(
  organization: OrganizationId,
  transaction: Transaction,
  idempotency: Idempotency,
  run: () => Promise<T>,
): Promise<T | RememberedBody> {
  const { key, operation, requestDigest, at } = idempotency;
  const known = await findAnswer(organization, transaction, key, at);
  if (known && (known.operation !== operation || known.requestDigest !== requestDigest)) {
    throw new Refusal(
      'idempotency_key_reused',
      'This Idempotency-Key was used for another request. Use a new key for each new request.',
    );
  }
  if (known) return { body: known.response, replayed: true };
  const result = await run();
  await rememberAnswer(organization, transaction, { key, operation, requestDigest, response: result.body }, at);
  return result;
}

class RolledBack<T> extends Error {
  readonly result: T;
  constructor(result: T) {
    super('rolled back on purpose');
    this.result = result;
  }
}

/** Runs `work` to the end and answers its result, then undoes all that it wrote. */
export async function rollBackWith<T>(
  database: Database,
  organization: OrganizationId,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  try {
    return await database.transaction(organization, async (transaction) => {
      throw new RolledBack(await work(transaction));
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.result as T;
    throw error;
  }
}

/**
 * Runs an action, once for each key: where the key was used before, gives the first answer again. The action and the
 * memory of its answer are one transaction. Without a key it simply runs.
 */
export function runOnce(
  context: ActionContext,
  organization: OrganizationId,
  idempotency: Idempotency | null,
  act: (inside: ActionContext) => Promise<string>,
): Promise<RememberedBody> {
  return context.database.transaction(organization, (transaction) => {
    const run = async () => ({ body: await act(within(context, transaction)), replayed: false });
    if (!idempotency) return run();
    return withIdempotency(organization, transaction, idempotency, run);
  });
}
