import type { Connection, Transaction } from './database.ts';
import type { OrganizationId } from './tables.ts';

/** What a participant says of a session afterwards. */
export interface Feedback {
  /** 1 (of no use) to 5 (of great use). */
  readonly rating: number;
  /** Empty where nothing was written. */
  readonly comment: string;
}

/** The feedback of a registration; null where none was given. */
export async function getFeedback(
  organization: OrganizationId,
  connection: Connection,
  registrationId: string,
): Promise<Feedback | null> {
  const row = await connection.kysely
    .selectFrom('feedback')
    .select(['rating', 'comment'])
    .where('organization_id', '=', organization)
    .where('registration_id', '=', registrationId)
    .executeTakeFirst();
  return row ? { rating: row.rating, comment: row.comment } : null;
}

/** Writes feedback; an earlier one of the same registration is replaced. Epoch milliseconds. */
export async function putFeedback(
  organization: OrganizationId,
  transaction: Transaction,
  registrationId: string,
  { rating, comment }: Feedback,
  at: number,
): Promise<void> {
  await transaction.kysely
    .insertInto('feedback')
    .values({ organization_id: organization, registration_id: registrationId, rating, comment, created_at: at })
    .onConflict((conflict) =>
      conflict.columns(['organization_id', 'registration_id']).doUpdateSet({ rating, comment, created_at: at }),
    )
    .execute();
}
