import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup.js';

/**
 * @typedef {object} Check what `npm test` does besides running the tests
 * @property {string} title
 * @property {string[]} argv arguments for Node: a program and its own arguments
 */

const DOCUMENTS = ['contract/openapi.json', 'contract/manage-openapi.json'];

/**
 * The checks, in order. All of them work without a network.
 *
 * @param {boolean} color whether the terminal shows colors
 * @returns {Check[]}
 */
export function listChecks(color) {
  return [
    { title: 'types (tsc)', argv: [toolPath('ts7', 'tsc'), '--project', ROOT] },
    {
      title: 'types in the browser (tsc)',
      argv: [toolPath('ts7', 'tsc'), '--project', join(ROOT, 'server', 'pages', 'browser')],
    },
    {
      title: 'style (biome)',
      argv: [toolPath('@biomejs/biome', 'biome'), 'ci', `--colors=${color ? 'force' : 'off'}`, '--error-on-warnings'],
    },
    { title: 'import rules (dependency-cruiser)', argv: [join(ROOT, 'scripts', 'import-rules.js')] },
    { title: 'dead code (knip)', argv: [toolPath('knip', 'knip'), '--no-progress'] },
    {
      title: 'OpenAPI (redocly)',
      argv: [toolPath('@redocly/cli', 'redocly'), 'lint', '--config=.redocly.yaml', ...DOCUMENTS],
    },
    {
      title: 'OpenAPI (spectral)',
      argv: [
        toolPath('@stoplight/spectral-cli', 'spectral'),
        'lint',
        '--ruleset=.spectral.yaml',
        '--fail-severity=error',
        ...DOCUMENTS,
      ],
    },
  ];
}

/**
 * The program of an installed package. Node runs it, so that it works alike where programs have no `#!` line.
 *
 * @param {string} packageName
 * @param {string} program
 * @returns {string} path
 */
export function toolPath(packageName, program) {
  const folder = join(ROOT, 'node_modules', packageName);
  if (!existsSync(folder)) throw new Error(`${packageName} is not installed: npm ci --include=dev`);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[program]);
}
