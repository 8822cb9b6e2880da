import ICAL from 'ical.js';
import { afterAll, expect, test } from 'vitest';
import { cancelRegistration } from '../actions/cancel-registration.ts';
import { findJoinLink } from '../store/registrations.ts';
import { contextOf } from './support/learning.ts';
import { addOffer, changeSettings, joinLinkOn, sendForm } from './support/offers.ts';
import type { Reply } from './support/request.ts';
import { startTestServer } from './support/test-server.ts';
import { deactivateUsers } from './support/users.ts';

const server = await startTestServer({ environment: { SIGN_UP_LIMIT: '0' } });
afterAll(() => server[Symbol.asyncDispose]());

const NAME = 'Talk; listen, “repeat” \\ and so on';

async function signUp() {
  const acme = await server.createOrganization();
  await changeSettings(server, acme, { name: 'Acme & Sons' });
  const module = { name: NAME, description: `Two lines;\n\nand a long one: ${'ü'.repeat(200)}`, durationMinutes: 90 };
  const offer = await addOffer(server, acme, { module, firstStartAt: Date.parse('2026-03-29T00:30:00Z') });
  const page = await sendForm(server, offer, { email: 'ada@example.com' });
  const link = joinLinkOn(page) ?? '';
  return { acme, page, link, path: new URL(link).pathname };
}

function readEvent(file: Reply): ICAL.Event {
  const calendar = new ICAL.Component(ICAL.parse(file.text));
  return new ICAL.Event(calendar.getFirstSubcomponent('vevent') ?? undefined);
}

test('the calendar file of a seat is read by another program as the session that it is for', async () => {
  const { link, path } = await signUp();
  const file = await server.request(`${path}/session.ics`);
  expect(file.status).toBe(200);
  expect(file.headers).toMatchObject({
    'content-type': 'text/calendar; charset=utf-8; method=PUBLISH',
    'content-disposition': 'attachment; filename="session.ics"',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  for (const line of file.text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  const event = readEvent(file);
  expect(event.summary).toBe(NAME);
  expect(event.startDate.toJSDate().toISOString()).toBe('2026-03-29T00:30:00.000Z');
  expect(event.endDate.toJSDate().toISOString()).toBe('2026-03-29T02:00:00.000Z');
  expect(event.location).toBe(link);
  expect(event.description).toContain('Acme & Sons');
  expect(event.description).toContain('Two lines;\n\nand a long one');
  const alarm = event.component.getFirstSubcomponent('valarm');
  expect(String(alarm?.getFirstPropertyValue('trigger'))).toBe('-PT10M');
});

test('the same seat is the same entry in a calendar, however often its file is fetched', async () => {
  const { path } = await signUp();
  const one = readEvent(await server.request(`${path}/session.ics`));
  server.clock.advance(60_000);
  const other = readEvent(await server.request(`${path}/session.ics`));
  expect(one.uid).toBe(other.uid);
  expect(readEvent(await server.request(`${(await signUp()).path}/session.ics`)).uid).not.toBe(one.uid);
});

test('the confirmation links to web calendars in which the session is filled in', async () => {
  const { page, link } = await signUp();
  const hrefs = [...page.text.matchAll(/<li><a class="button quiet" href="([^"]+)"/g)].map(([, href = '']) =>
    href.replaceAll('&amp;', '&'),
  );
  const [file = '', ...addresses] = hrefs;
  expect(file).toBe(`${link}/session.ics`);
  const links = new Map(
    addresses.map((href) => [new URL(href).hostname, Object.fromEntries(new URL(href).searchParams)]),
  );
  // The secret goes to another company: once, where its owner sees it.
  for (const href of addresses)
    expect(new URL(href).searchParams.toString().split(encodeURIComponent(link))).toHaveLength(2);
  expect(links.get('calendar.google.com')).toMatchObject({
    action: 'TEMPLATE',
    text: NAME,
    dates: '20260329T003000Z/20260329T020000Z',
  });
  for (const host of ['outlook.live.com', 'outlook.office.com']) {
    expect(links.get(host)).toMatchObject({
      path: '/calendar/action/compose',
      rru: 'addevent',
      subject: NAME,
      startdt: '2026-03-29T00:30:00.000Z',
      enddt: '2026-03-29T02:00:00.000Z',
    });
  }
  expect(links.get('calendar.yahoo.com')).toMatchObject({
    v: '60',
    title: NAME,
    st: '20260329T003000Z',
    et: '20260329T020000Z',
  });
});

test('there is no calendar file for a seat that is cancelled, a user who is deactivated, a link that is made up', async () => {
  const cancelled = await signUp();
  const found = await findJoinLink(cancelled.path.split('/').at(-1) ?? '', server.database.reader);
  await cancelRegistration(contextOf(server), cancelled.acme.id, found?.registration.id ?? '');
  const deactivated = await signUp();
  await deactivateUsers(deactivated.acme, { email: 'ada@example.com' });
  for (const path of [cancelled.path, deactivated.path, '/join/1.AAAAAAAAAAAAAAAAAAAAAAAA', '/join/x']) {
    const reply = await server.request(`${path}/session.ics`);
    expect([path, reply.status]).toEqual([path, 404]);
  }
});
