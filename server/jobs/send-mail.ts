import { setTimeout as sleep } from 'node:timers/promises';
import type { SendMailOptions, Transporter } from 'nodemailer';
import type { Logger } from 'pino';
import { MAIL_ATTEMPTS_MAX, type MailFailure, mailRetryMs } from '../domain/mail-retry.ts';
import type { Database } from '../store/database.ts';
import { claimMail, type DueMail, listDueMails, type MailResult, recordMailResult } from '../store/mails.ts';

export interface MailerOptions {
  readonly database: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
  /** `smtp://…` or `smtps://…` */
  readonly smtpUrl: string;
  /** An address, or `Name <address>`. */
  readonly from: string;
}

/** Sends what is in the outbox until it is disposed; a mail that is on its way then is finished. */
export interface Mailer extends AsyncDisposable {
  /** Says that there is something to send, so that it does not wait for the next look. */
  wake(): void;
}

/** How often the outbox is looked into: for other processes' mail, and for attempts whose time has come. */
const LOOK_MS = 5_000;
const MAILS_AT_ONCE = 5;
/** An attempt is broken off after the first time; a process that has not told after the second is taken for dead. */
const ATTEMPT_MS_MAX = 2 * 60_000;
const CLAIM_MS = 4 * 60_000;
/** How long a stop waits for mails that are on their way. */
const STOP_MS_MAX = 8_000;
const TIMEOUTS = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 60_000, dnsTimeout: 15_000 };

/** What the steps of the job share. */
interface Run extends MailerOptions {
  readonly transport: Transporter;
  /** Breaks off what is on its way when a stop has waited long enough. */
  readonly cutOff: AbortSignal;
}

/**
 * Starts the job that sends mail. A crash loses nothing; one that comes between a delivery and the note of it is the
 * only way in which a mail is sent twice.
 */
export function startMailer(options: MailerOptions): Mailer {
  const stop = new AbortController();
  const cutOff = new AbortController();
  let rest = new AbortController();
  let isWoken = false;
  const running = (async () => {
    const { createTransport } = await import('nodemailer');
    const run = {
      ...options,
      transport: createTransport({ ...TIMEOUTS, url: options.smtpUrl }),
      cutOff: cutOff.signal,
    };
    while (!stop.signal.aborted) {
      isWoken = false;
      const isMore = await sendDueMails(run);
      if (isMore || isWoken) continue;
      rest = new AbortController();
      await pause(LOOK_MS, AbortSignal.any([stop.signal, rest.signal]));
    }
  })();
  return {
    wake() {
      isWoken = true;
      rest.abort();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      const timer = setTimeout(() => cutOff.abort(), STOP_MS_MAX);
      await running;
      clearTimeout(timer);
    },
  };
}

/** Waits, but not beyond the signal. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

/** Sends some of the mails that are due; true where there may be more. A fault of the database is for the next look. */
async function sendDueMails(run: Run): Promise<boolean> {
  const report = (error: unknown) => run.logger.error({ err: error }, 'could not work on the outbox');
  try {
    const due = await listDueMails(run.database.reader, run.now(), MAILS_AT_ONCE);
    await Promise.all(due.map((mail) => sendMail(run, mail).catch(report)));
    return due.length === MAILS_AT_ONCE;
  } catch (error) {
    report(error);
    return false;
  }
}

async function sendMail(run: Run, mail: DueMail): Promise<void> {
  const { database, now } = run;
  const claimed = await database.transaction(mail.organization, (transaction) =>
    claimMail(transaction, mail, now() + CLAIM_MS),
  );
  if (!claimed) return;
  const result = await attempt(run, mail);
  await database.transaction(mail.organization, (transaction) =>
    recordMailResult(mail.organization, transaction, mail.id, result),
  );
}

/** Tries to send a mail. What is logged and noted leaves out what the server said, since it may repeat the address. */
async function attempt({ now, logger, from, transport, cutOff }: Run, mail: DueMail): Promise<MailResult> {
  const attempts = mail.attempts + 1;
  if (attempts > MAIL_ATTEMPTS_MAX) return { error: 'The last attempt was cut off.', nextAttemptAt: null };
  try {
    const signal = AbortSignal.any([cutOff, AbortSignal.timeout(ATTEMPT_MS_MAX)]);
    await transport.sendMail({ ...compose(mail, from), signal });
    return { sentAt: now() };
  } catch (error) {
    const failure = failureOf(error);
    const pauseMs = mailRetryMs(attempts, failure);
    const { code } = error as { code?: string };
    logger.warn(
      { mail: mail.id, attempts, code, ...failure },
      pauseMs === null ? 'gave a mail up' : 'could not send a mail',
    );
    return {
      error: [code, failure.replyCode].filter(Boolean).join(' '),
      nextAttemptAt: pauseMs === null ? null : now() + pauseMs,
    };
  }
}

/** The id never changes, so that a receiver can tell a mail that it got already. */
function compose({ id, message }: DueMail, from: string): SendMailOptions {
  const { to, subject, text, html, calendar } = message;
  const host = from.slice(from.lastIndexOf('@') + 1).replace('>', '');
  return {
    from,
    // As an object, so that no address is read as several.
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: `<${id}@${host}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    attachments:
      calendar === null
        ? []
        : [{ filename: 'session.ics', content: calendar, contentType: 'text/calendar; charset=utf-8; method=PUBLISH' }],
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** A refused sender is a matter of our settings; a refused addressee or content is the mail's own. */
function failureOf(error: unknown): MailFailure {
  const { code, command, responseCode } = error as { code?: string; command?: string; responseCode?: number };
  const isAboutMail = code === 'EMESSAGE' || (code === 'EENVELOPE' && command === 'RCPT TO');
  return { replyCode: responseCode ?? null, isAboutMail };
}
