import type { Locator, Page } from 'playwright-core';

/** How long a browser may take to show what it was told, on a machine that has several of them to run. */
const SHOW_MS_MAX = 20_000;

/** Waits until an element shows a text. */
export async function shows(page: Page, selector: string, text: string, timeout = SHOW_MS_MAX): Promise<void> {
  await page.locator(selector).filter({ hasText: text, visible: true }).waitFor({ timeout });
}

/** The button with just this name. */
export function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true });
}
