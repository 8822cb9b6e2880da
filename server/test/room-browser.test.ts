import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { listVisits } from '../store/visits.ts';
import { PHONE } from './support/browser.ts';
import { type BrowserGuest, openBrowserGroup } from './support/browser-group.ts';
import { here, makeRoom, type RoomOptions, type TestGuest } from './support/room.ts';
import { button, shows } from './support/screen.ts';
import { startTestServer } from './support/test-server.ts';
import { deactivateUsers } from './support/users.ts';

const TIMEOUT_MS = 120_000;

const server = await startTestServer();
const browsers = await openBrowserGroup();
afterAll(async () => {
  await browsers[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

type Three<T> = [T, T, T];

/** A room with three people in it, each in a browser profile of their own. */
async function openRoom(options: RoomOptions = {}) {
  const room = await makeRoom(server, { minute: 1, ...options });
  const people: BrowserGuest[] = [];
  for (const guest of room.guests) {
    const person = await browsers.join();
    await person.page.goto(server.address + guest.link);
    people.push(person);
  }
  for (const { page } of people) await shows(page, '#here', `${people.length} of ${people.length} here`);
  return {
    room,
    guests: room.guests as unknown as Three<TestGuest>,
    people: people as Three<BrowserGuest>,
    pages: people.map(({ page }) => page) as Three<Page>,
  };
}

test(
  'three people go through a session together, to the summary and the question at its end',
  async () => {
    const { room, guests, people, pages } = await openRoom({ minute: -1 });
    const [ada, grace, alan] = pages;
    for (const page of pages) await page.locator('#countdown').waitFor();
    await button(ada, 'Begin now, for everyone').click();
    for (const page of pages) await shows(page, '#step-title', 'Arrive');
    await button(grace, 'Next step').click();
    for (const page of pages) await shows(page, '#step-title', 'Look back');
    expect(await alan.locator('#announcement').textContent()).toBe('Grace H. moved the group. Step 2 of 3: Look back');
    expect(await alan.title()).toBe('Step 2 of 3: Look back · Meetings that decide');
    await button(alan, 'Back').click();
    for (const page of pages) await shows(page, '#step-title', 'Arrive');
    await button(ada, 'Next step').click();
    await shows(ada, '#step-title', 'Look back');
    expect(await ada.locator('#early').isVisible()).toBe(false);
    room.moveTo(0);
    await button(ada, 'Next step').click();
    for (const page of pages) await shows(page, '#step-title', 'Decide');
    server.clock.advance(15_000);
    for (const guest of guests) await here(guest);
    await button(ada, 'Finish…').click();
    await button(ada, 'End for everyone').click();
    for (const page of pages) await shows(page, 'main', 'The session is over.');
    await grace.locator('label').filter({ hasText: 'Very useful' }).click();
    await grace.getByLabel('What should we keep').fill('More time for the second step.');
    await button(grace, 'Send').click();
    await shows(grace, '[role=status]', 'Thank you, your answer is saved.');
    expect(people.flatMap(({ complaints }) => complaints)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'a group whose module has lost its steps is told, calmly, to talk freely, and can finish',
  async () => {
    const room = await makeRoom(server, { minute: -0.05, steps: [] });
    const { page } = await browsers.join();
    await page.goto(server.address + (room.guests[0] as TestGuest).link);
    await page.locator('#countdown').waitFor();
    room.moveTo(0);
    await shows(page, '#step-title', 'Talk freely', 10_000);
    await shows(page, '#prompt', 'This session has no steps: the time is yours.');
    expect(await page.locator('.controls button:visible').allTextContents()).toEqual(['Finish…']);
    await page.reload();
    await shows(page, '#step-title', 'Talk freely');
    expect(await page.locator('.controls button:visible').allTextContents()).toEqual(['Finish…']);
  },
  TIMEOUT_MS,
);

test(
  'the lobby moves on by itself when it is time',
  async () => {
    const room = await makeRoom(server, { minute: -0.05 });
    const { page } = await browsers.join();
    await page.goto(`${server.address}${room.guests[0]?.link}`);
    await page.locator('#lobby').waitFor();
    room.moveTo(0);
    await shows(page, '#step-title', 'Arrive', 10_000);
  },
  TIMEOUT_MS,
);

test(
  'the page before the room moves on to the lobby by itself',
  async () => {
    const room = await makeRoom(server, { minute: -10.05 });
    const { page } = await browsers.join({ viewport: PHONE });
    await page.goto(`${server.address}${room.guests[0]?.link}`);
    await shows(page, 'main', 'The room opens in');
    room.moveTo(-10);
    await page.locator('#lobby').waitFor({ timeout: 20_000 });
  },
  TIMEOUT_MS,
);

test(
  'somebody who is deactivated in mid-session is out at once, and the others see it',
  async () => {
    const { room, guests, pages } = await openRoom();
    await deactivateUsers(room.organization, { id: guests[0].userId });
    await shows(pages[0], 'h1', 'This link is closed');
    expect(await pages[0].content()).not.toContain('Say ');
    await shows(pages[1], '#here', '2 of 2 here');
    await button(pages[1], 'Next step').click();
    await shows(pages[2], '#step-title', 'Look back');
  },
  TIMEOUT_MS,
);

test(
  'a page that is closed or hidden is counted no longer, and is again once it is back in view',
  async () => {
    const { room, guests, pages } = await openRoom();
    await pages[0].goto('about:blank');
    await shows(pages[1], '#here', '2 of 3 here');
    const [visit] = await listVisits(room.organization.id, server.database.reader, guests[0].registration.id);
    expect(visit).toMatchObject({ closed: true });
    const turn = (state: string) =>
      pages[2].evaluate(`
        Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      `);
    await turn('hidden');
    await shows(pages[1], '#here', '1 of 3 here');
    server.clock.advance(1_000);
    await turn('visible');
    await shows(pages[1], '#here', '2 of 3 here');
  },
  TIMEOUT_MS,
);

test(
  'nothing that anybody wrote runs in the pages of the others',
  async () => {
    const hostile = '<img src=x onerror=alert(1)><script>alert(1)</script>"\'>';
    const { people, pages } = await openRoom({
      name: hostile,
      steps: [
        { title: 'First', prompt: 'Talk.', minutes: 5 },
        { title: hostile, prompt: `${hostile}\n\n[x](javascript:alert(1))\n\n<svg onload=alert(1)>`, minutes: 5 },
      ],
      names: [
        [hostile, hostile],
        ['Grace', hostile],
        ['<b>Alan</b>', ''],
      ],
    });
    await button(pages[0], 'Next step').click();
    for (const page of pages) {
      await shows(page, '#step-title', hostile);
      await shows(page, '#prompt', '<svg onload=alert(1)>');
      expect(await page.locator('#room :is(img, script, b, svg, [href^="javascript"])').count()).toBe(0);
    }
    expect(people.flatMap(({ complaints }) => complaints)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'everything can be done from the keyboard, and the focus is never lost',
  async () => {
    const { pages } = await openRoom();
    const [ada, grace] = pages;
    const focused = () => ada.evaluate<string>('document.activeElement.id');
    await ada.locator('#next').focus();
    await ada.keyboard.press('Enter');
    await shows(grace, '#step-title', 'Look back');
    await shows(ada, '#step-title', 'Look back');
    expect(await focused()).toBe('next');
    await ada.keyboard.press('Enter');
    await shows(ada, '#step-title', 'Decide');
    expect(await focused()).toBe('step-title');
    await ada.locator('#finish').focus();
    await ada.keyboard.press('Enter');
    await ada.locator('#end').waitFor();
    expect(await ada.evaluate<string>('document.activeElement.textContent')).toBe('Go on');
    await ada.keyboard.press('Escape');
    await ada.locator('#end').waitFor({ state: 'hidden' });
    expect(await focused()).toBe('finish');
    await ada.keyboard.press('Enter');
    await ada.keyboard.press('Tab');
    await ada.keyboard.press('Enter');
    await shows(grace, 'main', 'The session is over');
  },
  TIMEOUT_MS,
);

test(
  'a page gets back in step after the server was away, and says meanwhile that it is cut off',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rollcall-room-'));
    const environment = { DATA_DIR: directory };
    const first = await startTestServer({ environment });
    const { port } = new URL(first.address);
    const room = await makeRoom(first, { minute: 1 });
    const at = first.clock.now();
    const [ada, grace] = room.guests as unknown as Three<TestGuest>;
    const { page } = await browsers.join();
    await page.goto(first.address + ada.link);
    await shows(page, '#here', '1 of 3 here');
    await first[Symbol.asyncDispose]();
    await shows(page, '#connection', 'Connection lost');

    await using second = await startTestServer({ environment: { ...environment, PORT: port } });
    second.clock.set(at + 30_000);
    const move = { from: 0, step: 1 };
    expect((await second.request(`${grace.link}/move`, { method: 'POST', body: move })).status).toBe(200);
    await shows(page, '#step-title', 'Look back', 15_000);
    await page.locator('#connection').waitFor({ state: 'hidden' });
    await second.request(`${grace.link}/move`, { method: 'POST', body: { from: 1, step: 2 } });
    await shows(page, '#step-title', 'Decide');
    await rm(directory, { recursive: true, force: true });
  },
  TIMEOUT_MS,
);

test(
  'somebody who presses next without a connection is told that it was not sent, and can press again',
  async () => {
    const room = await makeRoom(server, { minute: 1 });
    const [ada, grace] = room.guests as unknown as Three<TestGuest>;
    await here(grace);
    const { page } = await browsers.join({ viewport: PHONE });
    await page.goto(server.address + ada.link);
    await shows(page, '#step-title', 'Arrive');
    await page.route('**/move', (route) => route.abort());
    await button(page, 'Next step').click();
    await shows(page, '#connection', 'Your step was not sent');
    await page.unroute('**/move');
    await button(page, 'Next step').click();
    await shows(page, '#step-title', 'Look back');
    await page.locator('#connection').waitFor({ state: 'hidden' });
  },
  TIMEOUT_MS,
);

test(
  'a page whose events do not come through keeps in step by asking',
  async () => {
    const room = await makeRoom(server, { minute: 1 });
    const [ada, grace] = room.guests as unknown as Three<TestGuest>;
    const { page } = await browsers.join();
    await page.route('**/events', (route) => route.fulfill({ status: 502, body: 'Bad gateway' }));
    await here(grace);
    await page.goto(server.address + ada.link);
    await grace.post('move', { from: 0, step: 1 });
    await shows(page, '#step-title', 'Look back', 15_000);
  },
  TIMEOUT_MS,
);

test(
  'without JavaScript, somebody can still follow and move the group',
  async () => {
    const room = await makeRoom(server, { minute: 1 });
    const [ada, grace] = room.guests as unknown as Three<TestGuest>;
    const { page } = await browsers.join({ javaScript: false });
    await page.goto(server.address + ada.link);
    await button(page, 'I am here').click();
    await button(page, 'Next step').click();
    await shows(page, '#step-title', 'Look back');
    await grace.post('move', { from: 1, step: 2 });
    await page.getByRole('link', { name: 'load it again' }).click();
    await shows(page, '#step-title', 'Decide');
  },
  TIMEOUT_MS,
);
