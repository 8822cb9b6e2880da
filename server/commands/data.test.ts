import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createInstallation } from '../test/support/program.ts';

test('"migrate" makes the database and says what it applied; the second time there is nothing to do', async () => {
  await using installation = await createInstallation();
  const first = await installation.run('migrate');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain(installation.dataDirectory);
  expect(first.stdout).toMatch(/Applied:\n {2}0001-foundation\n/);
  const second = await installation.run('migrate');
  expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to do') });
  expect(await installation.json('migrate')).toEqual({ applied: [] });
});

test('"migrate --json" names what it applied', async () => {
  await using installation = await createInstallation();
  const { applied } = await installation.json<{ applied: string[] }>('migrate');
  expect(applied[0]).toBe('0001-foundation');
  expect(applied).toEqual(applied.toSorted());
});

test('the data directory is for the eyes of its owner only', async () => {
  await using installation = await createInstallation();
  await installation.run('migrate');
  const { mode } = await stat(installation.dataDirectory);
  expect(process.platform === 'win32' ? 0 : mode & 0o077).toBe(0);
});

test.each(['migrate', 'serve'])('"%s" says in one line that the data is of a newer version', async (command) => {
  await using installation = await createInstallation();
  await installation.run('migrate');
  {
    using file = new DatabaseSync(join(installation.dataDirectory, 'rollcall.db'));
    file.exec("insert into kysely_migration (name, timestamp) values ('9999-later', '2099-01-01T00:00:00.000Z')");
  }
  const { code, stdout, stderr } = await installation.run(command);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^rollcall: .*newer version.*\n$/);
});

test.each(['migrate', 'serve'])('"%s" says in one line that the data directory cannot be used', async (command) => {
  await using installation = await createInstallation();
  const { dataDirectory } = installation;
  await mkdir(dataDirectory);
  const file = join(dataDirectory, 'file');
  await writeFile(file, 'not a directory');
  for (const directory of [file, join(file, 'below')]) {
    const { code, stdout, stderr } = await installation.runWith({ DATA_DIR: directory }, command);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^rollcall: cannot use the data directory .*Set DATA_DIR .*\n$/);
    expect(stderr).toContain(directory);
  }
  await writeFile(join(dataDirectory, 'rollcall.db'), 'this is not a database '.repeat(100));
  const { code, stdout, stderr } = await installation.run(command);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^rollcall: cannot use the database in .*not a database.*\n$/);
});

test('a command waits for another program that writes to the database, longer than one attempt takes', async () => {
  await using installation = await createInstallation();
  await installation.run('migrate');
  using file = new DatabaseSync(join(installation.dataDirectory, 'rollcall.db'));
  file.exec('begin immediate');
  const { child, ended } = installation.spawn(['org', 'create', 'acme', '--name', 'Acme']);
  await new Promise((resolve) => child.stderr.once('data', resolve));
  await sleep(100);
  file.exec('rollback');
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/^rollcall: the database is busy, waiting/);
  expect(await installation.json('org', 'list')).toMatchObject([{ slug: 'acme' }]);
});
