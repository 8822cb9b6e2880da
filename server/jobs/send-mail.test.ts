import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { claimMail, insertMail, listDueMails } from '../store/mails.ts';
import { type MailServer, type MailTroubles, startMailServer } from '../test/support/mail-server.ts';
import { startTestServer, type TestOrganization, type TestServer } from '../test/support/test-server.ts';
import { startMailer } from './send-mail.ts';

const MINUTE_MS = 60_000;
const QUIET_MS = 200;

async function writeMail({ database, clock }: TestServer, { id }: TestOrganization, to: string): Promise<string> {
  const message = { to, subject: 'Your seat', text: 'Come in.', html: '<p>Come in.</p>', calendar: null };
  const mail = { id: randomUUID(), topic: `registration:${randomUUID()}`, message, createdAt: clock.now() };
  await database.transaction(null, (transaction) => insertMail(id, transaction, mail));
  return mail.id;
}

function start(server: TestServer, mail: Pick<MailServer, 'url'>, lines: string[] = []) {
  const logger = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
  const { database, clock } = server;
  return startMailer({ database, now: clock.now, logger, smtpUrl: mail.url, from: 'Rollcall <rollcall@example.com>' });
}

async function stored({ database }: TestServer) {
  return database.reader.kysely.selectFrom('mails').selectAll().executeTakeFirstOrThrow();
}

/** Waits until the only mail has been tried so many times. */
async function tried(server: TestServer, attempts: number) {
  await expect.poll(async () => (await stored(server)).last_error !== null, { timeout: 15_000 }).toBe(true);
  await expect.poll(async () => (await stored(server)).attempts, { timeout: 15_000 }).toBe(attempts);
}

test('a mail is sent once, with a name by which a receiver knows it again, and then forgotten but for having been sent', async () => {
  await using server = await startTestServer();
  const acme = await server.createOrganization();
  await using mail = await startMailServer();
  const id = await writeMail(server, acme, 'ada@example.com');
  await using mailer = start(server, mail);

  const [received] = await mail.waitFor(1);
  mailer.wake();
  await pause(QUIET_MS);

  expect(mail.mails).toHaveLength(1);
  expect(received?.email.messageId).toBe(`<${id}@example.com>`);
  expect(received?.email.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
  expect(await stored(server)).toMatchObject({
    sent_at: server.clock.now(),
    next_attempt_at: null,
    message: '{}',
    attempts: 1,
  });
});

test('two processes on one outbox send each mail once', async () => {
  await using server = await startTestServer();
  const acme = await server.createOrganization();
  await using mail = await startMailServer();
  const addresses = Array.from({ length: 40 }, (_, index) => `p${index}@example.com`);
  for (const address of addresses) await writeMail(server, acme, address);
  await using one = start(server, mail);
  await using other = start(server, mail);

  await mail.waitFor(addresses.length);
  one.wake();
  other.wake();
  await pause(QUIET_MS);

  expect(mail.mails.map(({ to }) => to[0]).sort()).toEqual(addresses.sort());
});

test('a mail that the server puts off is tried again later, not sooner', async () => {
  await using server = await startTestServer();
  const acme = await server.createOrganization();
  const troubles: MailTroubles = { rcpt: 450 };
  await using mail = await startMailServer(troubles);
  await writeMail(server, acme, 'ada@example.com');
  await using mailer = start(server, mail);
  await tried(server, 1);
  delete troubles.rcpt;

  mailer.wake();
  await pause(QUIET_MS);
  expect(mail.mails).toHaveLength(0);

  server.clock.advance(MINUTE_MS);
  mailer.wake();
  await mail.waitFor(1);
});

test.each([{ rcpt: 550 }, { data: 554 }])(
  'a mail that is refused for good (%j) is given up at once',
  async (troubles) => {
    await using server = await startTestServer();
    const acme = await server.createOrganization();
    await using mail = await startMailServer(troubles);
    await writeMail(server, acme, 'ada@example.com');
    const lines: string[] = [];
    await using _mailer = start(server, mail, lines);

    await tried(server, 1);
    await expect.poll(async () => (await stored(server)).next_attempt_at).toBe(null);

    expect(await stored(server)).toMatchObject({ sent_at: null, message: '{}' });
    expect(lines.join()).toContain('gave a mail up');
    // Whose mail it was does not reach the log.
    expect(lines.join()).not.toContain('ada@example.com');
  },
);

test('a mail that was on its way when the process died is sent by the next, once it is sure to be dead', async () => {
  await using server = await startTestServer();
  const acme = await server.createOrganization();
  await using mail = await startMailServer();
  await writeMail(server, acme, 'ada@example.com');
  const { database, clock } = server;
  const [due] = await listDueMails(database.reader, clock.now(), 1);
  if (!due) throw new Error('no mail is due');
  await database.transaction(null, (transaction) => claimMail(transaction, due, clock.now() + 5 * MINUTE_MS));

  await using mailer = start(server, mail);
  await pause(QUIET_MS);
  expect(mail.mails).toHaveLength(0);

  clock.advance(5 * MINUTE_MS);
  mailer.wake();
  await mail.waitFor(1);
});

test('a mail that cannot be sent for a day is given up', async () => {
  await using server = await startTestServer();
  const acme = await server.createOrganization();
  await using mail = await startMailServer({ rcpt: 451 });
  await writeMail(server, acme, 'ada@example.com');
  await using mailer = start(server, mail);
  for (let attempts = 1; attempts <= 8; attempts++) {
    await tried(server, attempts);
    await expect.poll(async () => (await stored(server)).next_attempt_at).not.toBe(server.clock.now() + 4 * MINUTE_MS);
    server.clock.advance(24 * 60 * MINUTE_MS);
    mailer.wake();
  }
  await expect.poll(async () => (await stored(server)).next_attempt_at).toBe(null);
  expect(await stored(server)).toMatchObject({ attempts: 8, sent_at: null, message: '{}' });
});
