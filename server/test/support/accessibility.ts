import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';

const AXE = new URL(import.meta.resolve('axe-core/axe.min.js'));

/** What axe-core finds wrong with a page as it is now: each serious or critical fault with the elements that have it. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // Run by the driver and not by a script element, which the page's own policy would refuse.
  await page.evaluate(await readFile(AXE, 'utf8'));
  const found = await page.evaluate<{ id: string; impact: string; help: string; nodes: string[] }[]>(`
    axe.run(document).then(({ violations }) => violations.map(({ id, impact, help, nodes }) => ({
      id, impact, help, nodes: nodes.map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary),
    })))
  `);
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.join('\n  ')}`);
}
