import type { Connection, Transaction } from './database.ts';
import type { OrganizationId } from './tables.ts';

/** The first answer to a request with an Idempotency-Key. */
export interface RememberedAnswer {
  readonly key: string;
  readonly operation: string;
  /** SHA-256 over what was asked, hex. */
  readonly requestDigest: string;
  readonly response: string;
}

/** How long an answer is remembered: 24 hours. */
const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000;

export async function findAnswer(
  organization: OrganizationId,
  connection: Connection,
  key: string,
  now: number,
): Promise<RememberedAnswer | null> {
  const row = await connection.kysely
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('organization_id', '=', organization)
    .where('key', '=', key)
    .where('created_at', '>', now - IDEMPOTENCY_MS)
    .executeTakeFirst();
  if (!row) return null;
  return { key: row.key, operation: row.operation, requestDigest: row.request_digest, response: row.response };
}

/** Remembers an answer and forgets the organization's outdated ones, so that the table does not grow for ever. */
export async function rememberAnswer(
  organization: OrganizationId,
  transaction: Transaction,
  answer: RememberedAnswer,
  now: number,
): Promise<void> {
  await transaction.kysely
    .deleteFrom('idempotency_keys')
    .where('organization_id', '=', organization)
    .where('created_at', '<=', now - IDEMPOTENCY_MS)
    .execute();
  await transaction.kysely
    .insertInto('idempotency_keys')
    .values({
      organization_id: organization,
      key: answer.key,
      operation: answer.operation,
      request_digest: answer.requestDigest,
      response: answer.response,
      created_at: now,
    })
    .execute();
}
