import axe, { type AxeResults } from 'axe-core';
import type { Frame, Page } from 'playwright-core';

/**
 * The accessibility faults (WCAG 2.2 A and AA, and axe's best practices) that axe-core finds serious or critical on a
 * page or in a frame, one line each: rule, element, what is wrong.
 */
export async function seriousFaults(page: Page | Frame): Promise<string[]> {
  // What is still fading in has not the contrast that it will have.
  await page.evaluate('Promise.allSettled(document.getAnimations().map(({ finished }) => finished))');
  await page.evaluate(axe.source);
  const results = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResults;
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${help}`));
}
