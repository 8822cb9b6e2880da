import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { BROWSER_REMEDY, findBrowser } from '../../../scripts/browser.js';

/** What works as root and in containers, and keeps the browser from calling home. */
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const DESKTOP = { width: 1280, height: 900 } as const;
export const PHONE = { width: 390, height: 844 } as const;

/** What a viewer's browser is like: window, time zone, colors, script or none. */
export type BrowserOptions = Pick<
  BrowserContextOptions,
  'viewport' | 'timezoneId' | 'colorScheme' | 'locale' | 'javaScriptEnabled'
>;

/** A headless Chromium with an empty profile of its own, and all that it complained about. */
export interface TestBrowser extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors and warnings, uncaught errors, failed requests and content-security-policy violations, as they came. */
  readonly complaints: readonly string[];
  /** Every address that was asked for over the network. */
  readonly addresses: readonly string[];
}

/** Starts a browser; dispose it to end it and to remove its profile. Throws where the system has none, with the remedy. */
export async function openBrowser(options: BrowserOptions = {}): Promise<TestBrowser> {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error(`No Chromium was found. What helps: ${BROWSER_REMEDY}.`);
  const profile = await mkdtemp(join(tmpdir(), 'rollcall-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: FLAGS,
    viewport: DESKTOP,
    ...options,
  });
  const complaints: string[] = [];
  const addresses: string[] = [];
  await context.addInitScript(reportViolations);
  context.on('request', (request) => {
    if (/^(https?|wss?):/.test(request.url())) addresses.push(request.url());
  });
  context.on('requestfailed', (request) => {
    complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(`uncaught: ${error.error().message}`));
  return {
    page: context.pages()[0] ?? (await context.newPage()),
    context,
    complaints,
    addresses,
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * Runs in each page: a violation that the console does not show is seen all the same. Not counted is a library that asks
 * whether it may compile code, and goes on without; one that could not go on would throw an uncaught error.
 */
function reportViolations(): void {
  const target = globalThis as unknown as EventTarget;
  target.addEventListener('securitypolicyviolation', (event) => {
    const { violatedDirective, blockedURI } = event as Event & { violatedDirective: string; blockedURI: string };
    if (blockedURI !== 'eval') console.error(`content security policy: ${violatedDirective} forbids ${blockedURI}`);
  });
}
