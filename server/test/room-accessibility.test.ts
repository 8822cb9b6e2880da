import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { seriousFaults } from './support/axe.ts';
import { DESKTOP, PHONE } from './support/browser.ts';
import { openBrowserGroup } from './support/browser-group.ts';
import { here, makeRoom, type TestGuest, type TestRoom } from './support/room.ts';
import { startTestServer } from './support/test-server.ts';
import { deactivateUsers } from './support/users.ts';

const TIMEOUT_MS = 120_000;

const server = await startTestServer();
const browsers = await openBrowserGroup();
afterAll(async () => {
  await browsers[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** A prompt with all that Markdown has. */
const PROMPT = `# A heading

Some *text* with \`code\` and a [link](https://example.com).

- one
- two

1. three
2. four

> A quotation

| Column | Another |
| --- | --- |
| a cell with a rather long text in it | and another with more of it, so that it must scroll on a phone |

\`\`\`
a line of code that is longer than a phone is wide, so that it has to scroll as well
\`\`\``;

const steps = [
  { title: 'Arrive', prompt: PROMPT, minutes: 5 },
  { title: 'Decide', prompt: PROMPT, minutes: 5 },
];

const names = Array.from({ length: 12 }, (_, index) => [`Person${index}`, `Surname${index}`] as const);

/** What a page has to be like, by the way that leads there from an empty page. */
const STATES: Readonly<Record<string, (page: Page, room: TestRoom) => Promise<void>>> = {
  'before the room opens': async (page, room) => {
    room.moveTo(-60);
    await open(page, room, '.waiting');
  },
  'in the lobby': async (page, room) => {
    room.moveTo(-5);
    await open(page, room, '#lobby');
  },
  'at the first step': async (page, room) => {
    room.moveTo(1);
    await open(page, room, '#step');
  },
  'with the question whether to end it': async (page, room) => {
    room.moveTo(1);
    await open(page, room, '#step');
    await page.getByRole('button', { name: /End the session/ }).click();
    await page.locator('#end').waitFor();
  },
  'at the last step, cut off, past the planned time': async (page, room) => {
    const [guest] = room.guests as [TestGuest];
    room.moveTo(1);
    await here(guest);
    await guest.post('move', { from: 0, step: 1 });
    room.moveTo(61);
    await page.route('**/{events,state,signal}', (route) => route.abort());
    await open(page, room, '#overtime');
    await page.locator('#connection').waitFor();
  },
  'after the session': async (page, room) => {
    const [guest] = room.guests as [TestGuest];
    for (const minute of [1, 1.25, 1.5]) {
      room.moveTo(minute);
      await here(guest);
    }
    await guest.post('end', {});
    await open(page, room, '#feedback');
    await page.getByText('Which steps').click();
    await page.locator('.choice').first().click();
  },
  'of somebody who is out': async (page, room) => {
    const [{ userId }] = room.guests as [TestGuest];
    await deactivateUsers(room.organization, { id: userId });
    await open(page, room, '.notice');
  },
};

async function open(page: Page, room: TestRoom, selector: string): Promise<void> {
  await page.goto(`${server.address}${room.guests[0]?.link}`);
  await page.locator(selector).waitFor();
}

test.each(Object.entries(STATES))(
  'the page %s has no serious fault, on a phone and on a desk, in light and in dark',
  async (_state, reach) => {
    const room = await makeRoom(server, { steps, names });
    const { page } = await browsers.join();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await reach(page, room);
    for (const viewport of [PHONE, DESKTOP]) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await seriousFaults(page)).toEqual([]);
      }
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(width).toBeLessThanOrEqual(viewport.width);
    }
  },
  TIMEOUT_MS,
);
