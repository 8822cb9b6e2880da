import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createOrganization } from '../actions/create-organization.ts';
import { copyDatabase } from '../store/copy.ts';
import { openSqlite } from '../store/sqlite.ts';
import { testEngine } from './support/engine.ts';
import { createInstallation, type Installation } from './support/program.ts';

/** Leaves half of a copy in the installation, as a copy does that is killed. */
async function breakOffCopyTo(installation: Installation): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-half-'));
  try {
    await using from = openSqlite(folder);
    await from.migrate();
    const context = { database: from, now: Date.now };
    for (const slug of ['acme', 'other']) await createOrganization(context, { slug, name: slug });
    await using to = await installation.openDatabase();
    await to.migrate();
    const breakOff = () => {
      throw new Error('broken off');
    };
    const copy = copyDatabase(from, to, { source: 'the old place', onTotal: () => {}, onCopied: breakOff });
    await expect(copy).rejects.toThrow('broken off');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('half of a copy passes for no database: nothing but the same copy goes on with it', async () => {
  await using installation = await createInstallation();
  await installation.run('migrate');
  await breakOffCopyTo(installation);
  const argvs = [
    ['serve'],
    ['start'],
    ['migrate'],
    ['org', 'list'],
    ['org', 'create', 'new', '--name', 'New'],
    ['seed', '--org', 'new', '--users', '1'],
    ...(testEngine() === 'sqlite' ? [['backup', join(installation.dataDirectory, 'backup.db')]] : []),
  ];
  for (const argv of argvs) {
    const { code, stderr } = await installation.run(...argv);
    expect([argv, code, stderr]).toEqual([
      argv,
      1,
      expect.stringMatching(
        /^rollcall: .* holds a half-done copy of the old place, which was broken off\. Go on with it by .*\n$/,
      ),
    ]);
  }
});
