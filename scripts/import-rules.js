import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { runMain } from './remedy.js';
import { ROOT } from './setup.js';

const FOLDERS = ['contract', 'server', 'client', 'cli', 'console', 'bench', 'scripts'];

/**
 * Checks the imports of a source tree against the rules of .dependency-cruiser.cjs and prints each that breaks one,
 * with the rule's reason.
 *
 * @param {string} tree the folder that holds `contract`, `server` and the others
 * @returns {Promise<number>} exit code: 1 for any violation, also where there was nothing to check
 */
async function checkImports(tree) {
  const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
  const { enhancedResolveOptions, ...cruiseOptions } = options;
  const { output } = await cruise(
    FOLDERS.filter((folder) => existsSync(join(tree, folder))),
    { ...cruiseOptions, ruleSet: { forbidden }, validate: true, baseDir: tree, outputType: 'json' },
    enhancedResolveOptions,
  );
  /** @type {import('dependency-cruiser').ICruiseResult} */
  const { modules, summary } = JSON.parse(String(output));
  // Without a TypeScript that it knows, dependency-cruiser skips every .ts file and finds no fault with what is left.
  if (!modules.some((module) => module.source.endsWith('.ts'))) {
    process.stdout.write('no TypeScript module was read: the rules have checked nothing\n');
    return 1;
  }
  const reasons = new Map(
    forbidden.map((/** @type {{ name: string, comment: string }} */ rule) => [rule.name, rule.comment]),
  );
  for (const violation of summary.violations) {
    process.stdout.write(describe(violation, reasons.get(violation.rule.name)));
  }
  const count = summary.violations.length;
  process.stdout.write(
    `${modules.length} modules, ${summary.totalDependenciesCruised} imports, ${count} against a rule\n`,
  );
  return count === 0 ? 0 : 1;
}

/**
 * @param {import('dependency-cruiser').IViolation} violation
 * @param {string} reason
 */
function describe({ from, to, cycle, rule }, reason) {
  const path = cycle ? [from, ...cycle.map((step) => step.name)] : from === to ? [from] : [from, to];
  return `${path.join(' -> ')}\n  ${rule.name}: ${reason}\n`;
}

await runMain(() => checkImports(resolve(process.argv[2] ?? ROOT)));
