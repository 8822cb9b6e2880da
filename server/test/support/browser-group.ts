import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { BROWSER_REMEDY, findBrowser } from '../../../scripts/browser.js';
import { DESKTOP, FLAGS } from './browser.ts';

/** One of several people, each with a profile of their own. */
export interface BrowserGuest {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, uncaught errors, and dialogs that a page opened. */
  readonly complaints: readonly string[];
}

export interface BrowserGroup extends AsyncDisposable {
  /** Somebody new, with an empty profile. */
  join(options?: {
    readonly viewport?: { width: number; height: number };
    readonly javaScript?: boolean;
  }): Promise<BrowserGuest>;
}

/** Starts one headless Chromium for several people; dispose it to end it. */
export async function openBrowserGroup(): Promise<BrowserGroup> {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error(`No Chromium was found. What helps: ${BROWSER_REMEDY}.`);
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  return {
    async join({ viewport = DESKTOP, javaScript = true } = {}) {
      const context = await browser.newContext({ viewport, javaScriptEnabled: javaScript, locale: 'en-GB' });
      const complaints: string[] = [];
      context.on('weberror', (error) => complaints.push(`uncaught: ${error.error().message}`));
      context.on('dialog', (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      context.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      return { page: await context.newPage(), context, complaints };
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
