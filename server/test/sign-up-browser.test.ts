import { afterAll, describe, expect, test } from 'vitest';
import { embedCode } from '../domain/addresses.ts';
import { seriousFaults } from './support/axe.ts';
import { DESKTOP, openBrowser, PHONE } from './support/browser.ts';
import { frameOf, messagesOf, startHostSite } from './support/host-page.ts';
import { addOffer, changeSettings, fillSession, type TestOffer } from './support/offers.ts';
import { sendSignUpForm } from './support/sign-up-form.ts';
import { startTestServer } from './support/test-server.ts';
import { readPage } from './support/users.ts';

const TIMEOUT_MS = 120_000;

const server = await startTestServer({ environment: { SIGN_UP_LIMIT: '0' } });
afterAll(() => server[Symbol.asyncDispose]());

const formUrl = ({ path }: TestOffer) => server.address + path;

/** Form answers that are no success are such by design. */
function unexpected(complaints: readonly string[]): string[] {
  return complaints.filter((complaint) => !/status of 4\d\d/.test(complaint));
}

describe('in a frame on another site', () => {
  test(
    'somebody signs up by the keyboard alone, and the host page learns the height and that a seat was taken, not whose',
    async () => {
      const acme = await server.createOrganization();
      const offer = await addOffer(server, acme);
      await using host = await startHostSite(embedCode(`${formUrl(offer)}?email=ada@example.com`));
      await changeSettings(server, acme, { embedOrigins: [host.origin] });
      await using browser = await openBrowser({ viewport: PHONE });
      const { page } = browser;
      await page.goto(`${host.origin}/`);
      const frame = frameOf(page);
      await frame.waitForSelector('form');

      await frame.focus('#session');
      await page.keyboard.press('Tab');
      await page.keyboard.type('Ada');
      await page.keyboard.press('Tab');
      await page.keyboard.type('Lovelace');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      await page.keyboard.press('Enter');
      await frame.waitForSelector('text=You have a seat');

      // A screen reader goes on from what is new.
      expect(await frame.evaluate('document.activeElement.textContent')).toBe('You have a seat');
      expect((await readPage(acme)).items.map(({ email }) => email)).toEqual(['ada@example.com']);
      const registered = { type: 'rollcall:registered', clusterId: offer.clusterId, sessionId: offer.sessions[0]?.id };
      await expect.poll(() => messagesOf(page)).toContainEqual({ origin: server.address, data: registered });
      const messages = await messagesOf(page);
      const heights = messages
        .map(({ data }) => data as { type: string; height?: number })
        .filter((data) => data.height);
      expect(heights.length).toBeGreaterThanOrEqual(2);
      for (const data of heights) expect(data).toEqual({ type: 'rollcall:height', height: expect.any(Number) });
      expect(messages).toHaveLength(heights.length + 1);
      // The frame is as high as its content: nothing is left to scroll in it.
      const rest = 'document.documentElement.scrollHeight - document.documentElement.clientHeight';
      await expect.poll(() => frame.evaluate(rest)).toBe(0);
      expect(await browser.context.cookies()).toEqual([]);
      expect(browser.complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'the form is not shown on a site that the organization has not named',
    async () => {
      const acme = await server.createOrganization();
      const offer = await addOffer(server, acme);
      await changeSettings(server, acme, { embedOrigins: ['https://intranet.example.com'] });
      await using host = await startHostSite(embedCode(formUrl(offer)));
      await using browser = await openBrowser();
      await browser.page.goto(`${host.origin}/`);
      await expect.poll(() => browser.complaints.join('\n')).toMatch(/frame-ancestors/);
      expect(await frameOf(browser.page).content()).not.toContain('<form');
      expect(await messagesOf(browser.page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'a host page of any site is told, where the organization has named none',
    async () => {
      const acme = await server.createOrganization();
      const offer = await addOffer(server, acme);
      await using host = await startHostSite(embedCode(formUrl(offer)));
      await using browser = await openBrowser();
      const { page } = browser;
      await page.goto(`${host.origin}/`);
      const frame = frameOf(page);
      await sendSignUpForm(frame);
      await frame.waitForSelector('text=You have a seat');
      const types = async () => new Set((await messagesOf(page)).map(({ data }) => (data as { type: string }).type));
      await expect.poll(types).toEqual(new Set(['rollcall:height', 'rollcall:registered']));
      expect(browser.complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

test(
  'the form works without script, and names the time zone in which it shows the times',
  async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { firstStartAt: Date.parse('2027-03-10T14:00:00Z') });
    await using browser = await openBrowser({ javaScriptEnabled: false, timezoneId: 'Asia/Kolkata' });
    const { page } = browser;
    await page.goto(formUrl(offer));
    expect(await page.textContent('.choice')).toContain('14:00 – 15:00 UTC');
    await page.click('button[type=submit]');
    expect(await page.textContent('.faults')).toContain('Enter your first name.');
    // The answer opens at the form, with the faults in view.
    expect(await page.isVisible('.faults')).toBe(true);
    await page.click('.faults >> text=Enter your first name.');
    expect(page.url()).toMatch(/#firstName$/);
    await sendSignUpForm(page);
    expect(await page.textContent('h1')).toBe('You have a seat');
    expect(await page.isVisible('[data-copy]')).toBe(false);
  },
  TIMEOUT_MS,
);

describe('times', () => {
  test.each([
    [
      'Asia/Kolkata',
      '2027-03-10T20:00:00Z',
      /Thursday,? 11 March 2027.*01:30 – 02:30 (IST|GMT\+5:30)/,
      'Asia/Calcutta',
    ],
    [
      'America/New_York',
      '2027-03-10T02:00:00Z',
      /Tuesday,? 9 March 2027.*21:00 – 22:00 (EST|GMT-5)/,
      'America/New York',
    ],
    // The clocks go back in the middle of it: an hour's session that begins and ends at the same time of day.
    ['Europe/Berlin', '2027-10-31T00:30:00Z', /Sunday,? 31 October 2027.*02:30 CEST – 02:30 CET/, 'Europe/Berlin'],
    // The clocks go forward in the middle of it.
    ['Europe/Berlin', '2027-03-28T00:30:00Z', /Sunday,? 28 March 2027.*01:30 CET – 03:30 CEST/, 'Europe/Berlin'],
  ])(
    'are those of the viewer in %s at %s',
    async (timezoneId, start, expected, zone) => {
      const acme = await server.createOrganization();
      const offer = await addOffer(server, acme, { firstStartAt: Date.parse(start) });
      await using browser = await openBrowser({ timezoneId, locale: 'en-GB' });
      const { page } = browser;
      await page.goto(formUrl(offer));
      await expect.poll(() => page.textContent('[data-zone]')).toBe(zone);
      expect(await page.textContent('.choice')).toMatch(expected);
      await sendSignUpForm(page);
      await expect.poll(() => page.textContent('.appointment')).toMatch(expected);
    },
    TIMEOUT_MS,
  );
});

test(
  'markup in any text of a page does nothing in a browser',
  async () => {
    const attack = `</script><img src=x onerror="alert(1)"><svg onload=alert(2)>"'><a href="javascript:alert(3)">x</a>`;
    const acme = await server.createOrganization();
    await changeSettings(server, acme, { name: attack });
    const module = { name: attack, category: attack, description: attack, thumbnailUrl: 'javascript:alert(4)' };
    const offer = await addOffer(server, acme, { module, capacities: [6, 6] });
    await using browser = await openBrowser();
    const { page } = browser;
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const query = new URLSearchParams({ firstName: attack, lastName: attack, email: attack });
    await page.goto(`${formUrl(offer)}?${query}`);
    expect(await page.textContent('h1')).toBe(attack);
    await page.click('button[type=submit]');
    await page.waitForSelector('.faults');
    expect(await page.inputValue('#firstName')).toBe(attack);
    await page.fill('#email', 'ada@example.com');
    await page.check('#session');
    await page.check('#consent');
    await page.click('button[type=submit]');
    await page.waitForSelector('.done');
    expect(await page.textContent('.overline')).toBe(attack);
    expect(dialogs).toEqual([]);
    expect(unexpected(browser.complaints)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'the join link is copied by a button',
  async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme);
    await using browser = await openBrowser();
    const { page } = browser;
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(formUrl(offer));
    await sendSignUpForm(page);
    await page.click('text=Copy');
    await page.waitForSelector('text=Copied');
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await page.inputValue('#link'));
  },
  TIMEOUT_MS,
);

test(
  'a form that is sent twice by an impatient finger is sent once',
  async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme);
    await using browser = await openBrowser();
    const { page } = browser;
    const posts: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') posts.push(request.url());
    });
    await page.goto(formUrl(offer));
    await page.evaluate(`
      document.querySelector('#firstName').value = 'Ada';
      document.querySelector('#lastName').value = 'Lovelace';
      document.querySelector('#email').value = 'ada@example.com';
      document.querySelector('#consent').checked = true;
      for (let count = 0; count < 3; count++) document.querySelector('button[type=submit]').click();
    `);
    await page.waitForSelector('.done');
    expect(posts).toHaveLength(1);
  },
  TIMEOUT_MS,
);

describe.each([
  ['a phone', PHONE],
  ['a desk', { ...DESKTOP, height: 800 }],
])('on %s', (_where, viewport) => {
  test.each(['light', 'dark'] as const)(
    'in %s colors, no page has a serious fault of accessibility, and none is wider than the window',
    async (colorScheme) => {
      const acme = await server.createOrganization();
      await changeSettings(server, acme, { accentColor: '#ffd400' });
      const open = await addOffer(server, acme, { capacities: [6, 1, 6, 6, 6, 6, 6, 6] });
      await fillSession(server, acme, open.sessions[1]?.id ?? '', 1);
      const full = await addOffer(server, acme, { capacities: [1] });
      await fillSession(server, acme, full.sessions[0]?.id ?? '', 1);
      const invited = await addOffer(server, acme, { selfRegistration: false });
      const undated = await addOffer(server, acme, { capacities: [] });
      await using browser = await openBrowser({ viewport, colorScheme });
      const { page } = browser;
      const look = async (state: string) => {
        expect([state, await seriousFaults(page)]).toEqual([state, []]);
        const width = await page.evaluate('document.documentElement.scrollWidth');
        expect([state, width]).toEqual([state, viewport.width]);
      };

      for (const offer of [open, full, invited, undated]) {
        await page.goto(formUrl(offer));
        await look(offer.path);
      }
      await page.goto(`${server.address}/embed/nobody/nothing`);
      await look('unknown');
      await page.goto(formUrl(open));
      await page.click('summary');
      await page.click('button[type=submit]');
      await page.waitForSelector('.faults');
      await look('faults');
      await sendSignUpForm(page);
      await page.waitForSelector('.done');
      await look('done');
      expect(unexpected(browser.complaints)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
