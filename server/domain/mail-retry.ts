const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Pauses after failed attempts, each somewhat longer than the one before: nearly a day in all. */
const PAUSES_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS] as const;

/** How often a mail is tried before it is given up. */
export const MAIL_ATTEMPTS_MAX = PAUSES_MS.length + 1;

/** What a mail server said: its reply code (RFC 5321, section 4.2), and whether it was about this very mail. */
export interface MailFailure {
  readonly replyCode: number | null;
  /** False for the connection and the login, which the operator may set right. */
  readonly isAboutMail: boolean;
}

/**
 * Milliseconds to wait after so many attempts; null to give the mail up: the mail server has refused it for good (RFC
 * 5321, section 4.2.1: 5yz), or it was tried often enough.
 */
export function mailRetryMs(attempts: number, { replyCode, isAboutMail }: MailFailure): number | null {
  if (isAboutMail && replyCode !== null && replyCode >= 500) return null;
  return PAUSES_MS[attempts - 1] ?? null;
}
