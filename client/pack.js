import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/*
 * `npm pack` and `npm publish` call this before and after. In the repository the package is its TypeScript source, so
 * that nothing needs building; Node runs no TypeScript below node_modules, so what is packed is compiled, and its
 * package.json says so.
 */

const MANIFEST = new URL('package.json', import.meta.url);
const DIST = new URL('dist/', import.meta.url);
const SOURCE = './index.ts';
const COMPILED = { types: './dist/index.d.ts', default: './dist/index.js' };

function writeExports(/** @type {unknown} */ target) {
  const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8'));
  manifest.exports = { '.': target };
  writeFileSync(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
}

function compile() {
  // npm puts the repository's programs on PATH.
  execFileSync('tsc', ['--project', fileURLToPath(new URL('tsconfig.json', import.meta.url))], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}

/** The compiler writes `./file.js` for `./file.ts` in JavaScript, not in declarations. */
function nameCompiledFiles() {
  for (const name of readdirSync(DIST, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = new URL(name.replaceAll('\\', '/'), DIST);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'"));
  }
}

rmSync(DIST, { recursive: true, force: true });
if (process.argv[2] === 'before') {
  compile();
  nameCompiledFiles();
  writeExports(COMPILED);
} else {
  writeExports(SOURCE);
}
