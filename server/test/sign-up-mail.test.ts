import { setTimeout as pause } from 'node:timers/promises';
import ICAL from 'ical.js';
import { describe, expect, test } from 'vitest';
import { type MailServer, startMailServer } from './support/mail-server.ts';
import { addOffer, changeSettings, fillSession, joinLinkOn, sendForm } from './support/offers.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';
import { upsertUsers } from './support/users.ts';

function startWithMail({ url }: MailServer): Promise<TestServer> {
  const environment = { SMTP_URL: url, MAIL_FROM: 'Rollcall <rollcall@example.com>', SIGN_UP_LIMIT: '0' };
  return startTestServer({ environment });
}

/** Long enough for a mail that should not be there to come. */
const QUIET_MS = 300;

describe('where mail is set up, signing up', () => {
  test('sends the join link, a calendar file and links to web calendars, and shows no link', async () => {
    await using mail = await startMailServer();
    await using server = await startWithMail(mail);
    const acme = await server.createOrganization();
    await changeSettings(server, acme, { name: 'Acme “& Sons”' });
    const offer = await addOffer(server, acme, {
      module: { name: 'Talk; listen, <repeat>', durationMinutes: 60 },
      firstStartAt: Date.parse('2026-03-10T14:00:00Z'),
    });

    const page = await sendForm(server, offer, { email: 'Ada@Example.com', zone: 'Europe/Berlin' });

    expect(page.status).toBe(200);
    expect(page.text).toContain('A message is on its way to <strong>ada@example.com</strong>');
    expect(page.text).not.toContain('/join/');
    const [received] = await mail.waitFor(1);
    expect(received).toMatchObject({ from: 'rollcall@example.com', to: ['ada@example.com'] });
    const email = received?.email;
    expect(email?.from).toEqual({ name: 'Rollcall', address: 'rollcall@example.com' });
    expect(email?.subject).toBe('Your seat: Talk; listen, <repeat>');
    const link = /http:\/\/\S+\/join\/\S+/.exec(email?.text ?? '')?.[0] ?? '';
    expect(email?.text).toContain('Tuesday 10 March 2026, 15:00 – 16:00 CET (Europe/Berlin)');
    expect(email?.text).toContain('Acme “& Sons”');
    expect(email?.html).toContain(
      '<h1 style="margin:0 0 8px;font-size:22px;line-height:1.25">Talk; listen, &lt;repeat&gt;',
    );
    expect(email?.html).toContain(`href="${link}"`);
    expect(email?.html).toContain('https://calendar.google.com/');
    const door = await server.request(new URL(link).pathname);
    expect(door.status).toBe(200);

    expect(email?.attachments.map(({ filename, mimeType }) => [filename, mimeType])).toEqual([
      ['session.ics', 'text/calendar'],
    ]);
    const file = new TextDecoder().decode(email?.attachments[0]?.content as ArrayBuffer);
    const event = new ICAL.Event(new ICAL.Component(ICAL.parse(file)).getFirstSubcomponent('vevent') ?? undefined);
    expect(event.summary).toBe('Talk; listen, <repeat>');
    expect(event.startDate.toJSDate().toISOString()).toBe('2026-03-10T14:00:00.000Z');
    expect(event.endDate.toJSDate().toISOString()).toBe('2026-03-10T15:00:00.000Z');
    expect(event.location).toBe(link);
  });

  test('says nothing that was typed into the form, so that it is no way to write to strangers', async () => {
    await using mail = await startMailServer();
    await using server = await startWithMail(mail);
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme);
    await sendForm(server, offer, { firstName: 'BUY-WATCHES', lastName: 'http://watches.example' });
    const [received] = await mail.waitFor(1);
    const { subject, text, html, from, to } = received?.email ?? {};
    expect(JSON.stringify([subject, text, html, from, to])).not.toMatch(/watches/i);
  });

  test('shows the same page whether the address is new, known, has a seat already, or is deactivated', async () => {
    await using mail = await startMailServer();
    await using server = await startWithMail(mail);
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [9] });
    await upsertUsers(acme, { email: 'known@example.com' }, { email: 'gone@example.com', active: false });
    await sendForm(server, offer, { email: 'seated@example.com' });

    const pages: string[] = [];
    for (const name of ['new', 'known', 'seated', 'gone']) {
      const page = await sendForm(server, offer, { email: `${name}@example.com` });
      expect(page.status).toBe(200);
      pages.push(page.text.replaceAll(`${name}@example.com`, 'ADDRESS'));
    }

    expect(new Set(pages).size).toBe(1);
    const mails = await mail.waitFor(4);
    const texts = new Map(mails.map(({ to, email }) => [to[0], email.text ?? '']));
    expect(texts.get('gone@example.com')).toContain('is not active, so it has no seat');
    expect(texts.get('gone@example.com')).not.toContain('/join/');
    for (const name of ['new', 'known', 'seated']) expect(texts.get(`${name}@example.com`)).toContain('/join/');
  });

  test('again does not send the mail again within a quarter of an hour, but after it', async () => {
    await using mail = await startMailServer();
    await using server = await startWithMail(mail);
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme);
    const email = 'ada@example.com';
    for (let count = 0; count < 3; count++) await sendForm(server, offer, { email });
    await mail.waitFor(1);
    await pause(QUIET_MS);
    expect(mail.mails).toHaveLength(1);

    server.clock.advance(16 * 60_000);
    await sendForm(server, offer, { email });

    const [first, second] = await mail.waitFor(2);
    const link = (text: string | undefined) => /\/join\/\S+/.exec(text ?? '')?.[0];
    expect(link(second?.email.text)).toBe(link(first?.email.text));
  });

  test('into a full session answers everyone alike; the mail says full, or is the link again of those who have a seat', async () => {
    await using mail = await startMailServer();
    await using server = await startWithMail(mail);
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [2, 6] });
    await sendForm(server, offer, { email: 'seated@example.com' });
    await fillSession(server, acme, offer.sessions[0]?.id ?? '', 1);
    await mail.waitFor(1);
    server.clock.advance(16 * 60_000);

    const pages: string[] = [];
    for (const name of ['new', 'seated']) {
      const page = await sendForm(server, offer, { email: `${name}@example.com` });
      expect([page.status, joinLinkOn(page)]).toEqual([200, null]);
      pages.push(page.text.replaceAll(`${name}@example.com`, 'ADDRESS'));
    }

    expect(pages[0]).toBe(pages[1]);
    expect(pages[0]).toContain('Check your inbox');
    const mails = await mail.waitFor(3);
    const texts = new Map(mails.slice(1).map(({ to, email }) => [to[0], email.text ?? '']));
    expect(texts.get('seated@example.com')).toContain('/join/');
    expect(texts.get('new@example.com')).toContain('The session is full by now');
    expect(texts.get('new@example.com')).toContain(`${server.address}${offer.path}`);
    expect(texts.get('new@example.com')).not.toContain('/join/');
  });

  test('again for the last seat sends its owner the link again, and the form closes for those who come then', async () => {
    await using mail = await startMailServer();
    await using server = await startWithMail(mail);
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [1] });
    const email = 'ada@example.com';
    const first = await sendForm(server, offer, { email });
    server.clock.advance(16 * 60_000);
    const again = await sendForm(server, offer, { email });
    expect([again.status, again.text]).toEqual([200, first.text]);
    const [one, other] = await mail.waitFor(2);
    const link = (text: string | undefined) => /\/join\/\S+/.exec(text ?? '')?.[0];
    expect(link(other?.email.text)).toBe(link(one?.email.text));
    expect((await server.request(offer.path)).text).toContain('No seats left');
  });

  test('of many at once for one last seat gives it to exactly one, and tells the others by mail', async () => {
    await using mail = await startMailServer();
    await using server = await startWithMail(mail);
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [1] });
    const pages = await Promise.all(Array.from({ length: 20 }, () => sendForm(server, offer)));
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
    const mails = await mail.waitFor(20);
    expect(mails.filter(({ email }) => email.text?.includes('/join/'))).toHaveLength(1);
  });

  test('takes no less time for an address that there is nothing to do for than for a new one', async () => {
    await using mail = await startMailServer();
    await using server = await startWithMail(mail);
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [9] });
    await upsertUsers(acme, { email: 'gone@example.com', active: false });
    for (const email of ['gone@example.com', 'gone@example.com', 'new@example.com', 'new@example.com']) {
      const started = performance.now();
      await sendForm(server, offer, { email });
      expect(performance.now() - started).toBeGreaterThanOrEqual(59);
    }
  });

  test('is not undone by a mail server that is down: the mail goes out when it is back', async () => {
    const down = await startMailServer();
    await down[Symbol.asyncDispose]();
    await using server = await startWithMail(down);
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme);
    expect((await sendForm(server, offer)).status).toBe(200);
    await pause(QUIET_MS);

    await using back = await startMailServer({}, Number(new URL(down.url).port));
    server.clock.advance(2 * 60_000);
    await sendForm(server, offer);

    expect(await back.waitFor(2)).toHaveLength(2);
  });
});

test('where mail is not set up, none is written', async () => {
  await using server = await startTestServer();
  const acme = await server.createOrganization();
  await sendForm(server, await addOffer(server, acme));
  expect(await server.database.reader.kysely.selectFrom('mails').selectAll().execute()).toEqual([]);
});
