import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { readConfig } from '../config.ts';
import { listMigrations } from '../store/migration-journal.ts';
import { openDatabase } from '../store/open-database.ts';
import { createStorage, runStatement } from './support/engine.ts';
import { createInstallation } from './support/program.ts';

/** Makes an empty database, does the work, and drops it. */
async function withDatabase(settings: string, work: (url: string) => Promise<void>): Promise<void> {
  const server = inject('postgresUrl') as string;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runStatement(server, `create database ${name} ${settings}`);
  try {
    await work(Object.assign(new URL(server), { pathname: name }).href);
  } finally {
    await runStatement(server, `drop database ${name} with (force)`);
  }
}

test('migrations that several processes start at once run once', async () => {
  await using storage = await createStorage({ migrated: false });
  const config = readConfig({ ...storage.environment });
  const databases = await Promise.all([1, 2, 3, 4].map(() => openDatabase(config)));
  try {
    await Promise.all(databases.map((database) => database.migrate()));
    const [applied, ...others] = await Promise.all(databases.map(({ reader }) => listMigrations(reader)));
    expect(applied?.length).toBeGreaterThan(1);
    expect(new Set(applied).size).toBe(applied?.length);
    for (const other of others) expect(other).toEqual(applied);
  } finally {
    for (const database of databases) await database[Symbol.asyncDispose]();
  }
});

test('two servers that start at once on an empty database both serve it', async () => {
  await using installation = await createInstallation();
  const servers = await Promise.all([installation.serve(), installation.serve()]);
  for (const { address } of servers) expect((await fetch(`${address}/readyz`)).status).toBe(200);
});

test.each(['serve', 'migrate', 'org list'])(
  '"%s" says that the database does not answer, without its password',
  async (command) => {
    await using installation = await createInstallation();
    const DATABASE_URL = 'postgres://rollcall:secret@127.0.0.1:1/rollcall';
    const { code, stdout, stderr } = await installation.runWith(
      { DATABASE_URL, LOG_LEVEL: 'silent' },
      ...command.split(' '),
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^rollcall: cannot use the database "rollcall" of 127\.0\.0\.1:1 \(.*ECONNREFUSED.*\n$/);
    expect(stderr).toContain('Check DATABASE_URL');
    expect(stderr).not.toContain('secret');
  },
);

test('a user who may not make tables is told so, and what helps', async () => {
  await using installation = await createInstallation();
  const { DATABASE_URL = '' } = installation.environment;
  const name = `guest_${randomUUID().replaceAll('-', '')}`;
  await runStatement(DATABASE_URL, `create role ${name} login`);
  const url = Object.assign(new URL(DATABASE_URL), { username: name }).href;
  const { code, stderr } = await installation.runWith({ DATABASE_URL: url, LOG_LEVEL: 'silent' }, 'serve');
  await runStatement(DATABASE_URL, `drop role ${name}`);
  expect(code).toBe(1);
  expect(stderr).toBe(
    `rollcall: the user "${name}" of DATABASE_URL may not make tables; make it the owner: alter database … owner to "${name}"\n`,
  );
});

test('a database that is not there is named', async () => {
  await using installation = await createInstallation();
  const url = Object.assign(new URL(inject('postgresUrl') as string), { pathname: 'nowhere' }).href;
  const { code, stderr } = await installation.runWith({ DATABASE_URL: url, LOG_LEVEL: 'silent' }, 'serve');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^rollcall: cannot use the database "nowhere" of .* \(database "nowhere" does not exist\).*\n$/,
  );
});

test('a database with another encoding than UTF8 is refused before anything is made in it', async () => {
  const settings = "encoding 'SQL_ASCII' locale_provider libc locale 'C' template template0";
  await withDatabase(settings, async (url) => {
    await using installation = await createInstallation();
    const { code, stderr } = await installation.runWith({ DATABASE_URL: url, LOG_LEVEL: 'silent' }, 'serve');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^rollcall: .*encoding SQL_ASCII.*encoding 'UTF8'.*\n$/);
    await using database = await openDatabase(readConfig({ DATABASE_URL: url }));
    expect(await listMigrations(database.reader)).toEqual([]);
  });
});
