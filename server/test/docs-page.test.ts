import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accountOperations } from '@rollcall/contract/account.ts';
import { manageOperations } from '@rollcall/contract/manage/manage.ts';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { DESKTOP, openBrowser, PHONE, type TestBrowser } from './support/browser.ts';
import { startTestServer } from './support/test-server.ts';

/** A browser has to start and to digest a large script, on a machine that may be busy. */
const TIMEOUT_MS = 120_000;
const WAIT_MS = 60_000;

/** Opens the reference and waits until the first operation is there. */
async function openReference(browser: TestBrowser, address: string): Promise<Page> {
  const { page } = browser;
  page.setDefaultTimeout(WAIT_MS);
  await page.goto(`${address}/docs`);
  await page.getByRole('heading', { name: accountOperations[0].tag, exact: true }).first().waitFor();
  return page;
}

test(
  'the reference shows every operation, asks no other host for anything and breaks no rule of its own',
  async () => {
    await using server = await startTestServer();
    await using browser = await openBrowser({ viewport: DESKTOP });
    const page = await openReference(browser, server.address);

    for (const { summary } of accountOperations) {
      await page.getByRole('link', { name: summary }).first().click();
      await page.getByRole('heading', { name: summary, exact: true }).first().waitFor();
    }

    const strangers = browser.addresses.filter((address) => !address.startsWith(`${server.address}/`));
    expect(strangers).toEqual([]);
    expect(browser.complaints).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'the reference offers the document for download, the same that /openapi.json gives',
  async () => {
    await using server = await startTestServer();
    await using browser = await openBrowser({ viewport: DESKTOP });
    const page = await openReference(browser, server.address);

    const started = page.waitForEvent('download');
    await page.getByRole('button', { name: /Download OpenAPI Document as JSON/ }).click();
    const file = await (await started).path();
    const served = await server.request('/openapi.json');

    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(served.json());
    expect(browser.complaints).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'the reference can be read on a phone without scrolling sideways, and error codes stay whole',
  async () => {
    await using server = await startTestServer();
    await using browser = await openBrowser({ viewport: PHONE });
    const page = await openReference(browser, server.address);

    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(PHONE.width);
    const lines = "document.querySelector('.markdown td:first-child code').getClientRects().length";
    expect(await page.evaluate(lines), 'an error code in one line').toBe(1);
    expect(browser.complaints).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'the reference works behind a proxy that serves it below a path',
  async () => {
    await using server = await startTestServer();
    await using proxy = await startProxy(server.address, '/rollcall');
    await using browser = await openBrowser();

    await openReference(browser, proxy.address);

    expect(browser.page.url()).toBe(`${proxy.address}/docs/`);
    expect(browser.addresses.filter((address) => !address.startsWith(`${proxy.address}/`))).toEqual([]);
    expect(browser.complaints).toEqual([]);
  },
  TIMEOUT_MS,
);

/** A reverse proxy that serves `target` below a path, and nothing else. */
async function startProxy(target: string, path: string): Promise<AsyncDisposable & { address: string }> {
  const proxy = createServer((incoming, outgoing) => {
    const url = incoming.url ?? '';
    if (!url.startsWith(`${path}/`)) return void outgoing.writeHead(404).end();
    const { method, headers } = incoming;
    const upstream = request(target + url.slice(path.length), { method, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    incoming.pipe(upstream);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}${path}`,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

test(
  'the reference of the management API stands beside it, with every operation and a document of its own',
  async () => {
    await using server = await startTestServer();
    await using browser = await openBrowser({ viewport: DESKTOP });
    const { page } = browser;
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(`${server.address}/manage/docs`);

    for (const { summary } of manageOperations) await page.getByRole('link', { name: summary }).first().waitFor();

    expect(browser.addresses).toContain(`${server.address}/manage/openapi.json`);
    expect(browser.addresses.filter((address) => !address.startsWith(`${server.address}/manage/`))).toEqual([]);
    expect(browser.complaints).toEqual([]);
  },
  TIMEOUT_MS,
);

/** What the contract gives as example of a run's id, with which the reference fills it in. */
const EXAMPLE_RUN = '0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11';

test(
  'requests of the reference carry nothing that the reader has not filled in, but for the page and its size',
  async () => {
    await using server = await startTestServer();
    await using browser = await openBrowser({ viewport: DESKTOP });
    const page = await openReference(browser, server.address);

    const snippets = page.locator('pre', { hasText: 'curl' });
    for (const { summary, path } of accountOperations) {
      await page.getByRole('link', { name: summary }).first().click();
      await snippets
        .filter({ hasText: path.replace('{runId}', EXAMPLE_RUN) })
        .first()
        .waitFor();
    }

    const texts = await snippets.allInnerTexts();
    const sent = texts.map((text) => [
      /^curl '?([^'\s]+)/.exec(text)?.[1]?.slice(server.address.length),
      ...[...text.matchAll(/--header '([\w-]+):/g)].map(([, name]) => name),
    ]);
    const run = `/v1/sync-runs/${EXAMPLE_RUN}`;
    expect(sent).toEqual([
      ['/v1/users?page=0&pageSize=200', 'Authorization'],
      ['/v1/users/batch-upsert', 'Content-Type', 'Authorization'],
      ['/v1/users/batch-deactivate', 'Content-Type', 'Authorization'],
      ['/v1/sync-runs', 'Content-Type', 'Authorization'],
      ['/v1/sync-runs?limit=50', 'Authorization'],
      [run, 'Authorization'],
      [run, 'Authorization'],
      [`${run}/users`, 'Content-Type', 'Authorization'],
      [`${run}/plan`, 'Authorization'],
      [`${run}/plan/items?limit=50`, 'Authorization'],
      [`${run}/commit`, 'Content-Type', 'Authorization'],
      [`${run}/undo`, 'Authorization'],
      ['/v1/clusters', 'Authorization'],
      ['/v1/completions', 'Authorization'],
    ]);
  },
  TIMEOUT_MS,
);
