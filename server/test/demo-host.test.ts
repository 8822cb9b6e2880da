import { expect, test } from 'vitest';
import { seriousFaults } from './support/axe.ts';
import { openBrowser } from './support/browser.ts';
import { frameOf } from './support/host-page.ts';
import { createInstallation } from './support/program.ts';
import { sendRequest } from './support/request.ts';
import { sendSignUpForm } from './support/sign-up-form.ts';
import { startTestServer } from './support/test-server.ts';

const TIMEOUT_MS = 120_000;
const HOST_PAGE = /http:\/\/\S+\/demo\/intranet/;

test(
  'the first start prints the address of a host page, on which somebody can sign up at once',
  async () => {
    await using installation = await createInstallation();
    const { child, ended } = installation.spawn(['start']);
    let output = '';
    const address = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (text: string) => {
        output += text;
        const [found] = HOST_PAGE.exec(output) ?? [];
        if (found) resolve(found);
      });
      void ended.then((outcome) => reject(new Error(JSON.stringify(outcome))));
    });
    await using browser = await openBrowser();
    const { page } = browser;
    await page.goto(address);
    await expect.poll(() => page.textContent('[data-log]')).toContain('rollcall:height');
    expect(await seriousFaults(page)).toEqual([]);
    const height = await page.evaluate('document.querySelector("iframe").clientHeight');

    const frame = frameOf(page);
    await sendSignUpForm(frame);
    await frame.waitForSelector('text=You have a seat');

    await expect.poll(() => page.textContent('[data-thanks]')).toBe('You are on the list. See you there!');
    await expect.poll(() => page.evaluate('document.querySelector("iframe").clientHeight')).not.toBe(height);
    expect(browser.complaints).toEqual([]);
    // Others of its forms are a click away.
    const [other] = await page.$$('.offers a:not([aria-current])');
    await other?.click();
    await page.waitForURL(/\?module=/);
    expect(await frameOf(page).waitForSelector('form')).toBeTruthy();
  },
  TIMEOUT_MS,
);

test('a server without the demo has no such page', async () => {
  await using server = await startTestServer();
  expect((await server.request('/demo/intranet')).status).toBe(404);
});

test(
  'a start without the demo has no such page, and does not speak of it',
  async () => {
    await using installation = await createInstallation();
    const program = installation.spawn(['start', '--no-demo']);
    const address = (await program.firstLine).replace('rollcall listening on ', '');
    expect((await sendRequest(`${address}/demo/intranet`)).status).toBe(404);
    program.child.kill('SIGTERM');
    expect((await program.ended).stdout).not.toMatch(HOST_PAGE);
  },
  TIMEOUT_MS,
);
