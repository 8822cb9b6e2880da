import type { Connection, Transaction } from './database.ts';
import type { OrganizationId } from './tables.ts';

/** A mail as it is kept until it is sent. */
export interface MailMessage {
  /** An address, nothing else. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** An iCalendar file (RFC 5545), attached. */
  readonly calendar: string | null;
}

/** A mail to be written. Times are epoch milliseconds. */
export interface NewMail {
  readonly id: string;
  /** What it is about, such as `registration:ID`. */
  readonly topic: string;
  readonly message: MailMessage;
  readonly createdAt: number;
}

/** A mail that waits to be sent. */
export interface DueMail {
  readonly organization: OrganizationId;
  readonly id: string;
  readonly message: MailMessage;
  /** How often it was tried before. */
  readonly attempts: number;
  readonly nextAttemptAt: number;
}

/** Whatever clock the organization has, a mail that was never tried is due. */
const AT_ONCE = 0;

/** Puts a mail into the outbox, to be sent at once. */
export async function insertMail(
  organization: OrganizationId,
  transaction: Transaction,
  { id, topic, message, createdAt }: NewMail,
): Promise<void> {
  await transaction.kysely
    .insertInto('mails')
    .values({
      organization_id: organization,
      id,
      topic,
      message: JSON.stringify(message),
      next_attempt_at: AT_ONCE,
      sent_at: null,
      last_error: null,
      created_at: createdAt,
    })
    .execute();
}

/** Whether a mail about this was written after the given time. */
export async function hasMailSince(
  organization: OrganizationId,
  connection: Connection,
  topic: string,
  after: number,
): Promise<boolean> {
  const row = await connection.kysely
    .selectFrom('mails')
    .select('id')
    .where('organization_id', '=', organization)
    .where('topic', '=', topic)
    .where('created_at', '>', after)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The mails of all organizations whose time has come, those that have waited longest first. */
export async function listDueMails(connection: Connection, now: number, limit: number): Promise<DueMail[]> {
  const rows = await connection.kysely
    .selectFrom('mails')
    .select(['organization_id', 'id', 'message', 'attempts', 'next_attempt_at'])
    .where('next_attempt_at', 'is not', null)
    .where('next_attempt_at', '<=', now)
    .orderBy('next_attempt_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    organization: row.organization_id,
    id: row.id,
    message: JSON.parse(row.message) as MailMessage,
    attempts: row.attempts,
    nextAttemptAt: Number(row.next_attempt_at),
  }));
}

/**
 * Takes a due mail for one attempt and says when the next would be, in case this process does not live to tell how it
 * went; false where another was quicker.
 */
export async function claimMail(transaction: Transaction, mail: DueMail, nextAttemptAt: number): Promise<boolean> {
  const row = await transaction.kysely
    .updateTable('mails')
    .set({ attempts: mail.attempts + 1, next_attempt_at: nextAttemptAt })
    .where('organization_id', '=', mail.organization)
    .where('id', '=', mail.id)
    .where('attempts', '=', mail.attempts)
    .where('next_attempt_at', '=', mail.nextAttemptAt)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** How an attempt went. Epoch milliseconds. */
export type MailResult =
  | { readonly sentAt: number }
  /** `nextAttemptAt` null: given up. */
  | { readonly error: string; readonly nextAttemptAt: number | null };

const NOTHING = '{}';

/** Notes how an attempt went. What was sent or given up keeps no text: it held a join link and an address. */
export async function recordMailResult(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
  result: MailResult,
): Promise<void> {
  const isSent = 'sentAt' in result;
  const nextAttemptAt = isSent ? null : result.nextAttemptAt;
  await transaction.kysely
    .updateTable('mails')
    .set({
      next_attempt_at: nextAttemptAt,
      sent_at: isSent ? result.sentAt : null,
      last_error: isSent ? null : result.error,
      ...(nextAttemptAt === null && { message: NOTHING }),
    })
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute();
}
