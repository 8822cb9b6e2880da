import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createInstallation } from '../test/support/program.ts';

test.each([
  { argv: ['fly'], says: "unknown command 'fly'", help: 'rollcall --help' },
  { argv: ['org', 'mak'], says: "unknown command 'mak'", help: 'rollcall org --help' },
  { argv: ['key', 'lst'], says: 'Did you mean list?', help: 'rollcall key --help' },
  { argv: ['org', 'list', '--jsn'], says: 'Did you mean --json?', help: 'rollcall org list --help' },
  {
    argv: ['org', 'create', '--name', 'A'],
    says: "missing required argument 'slug'",
    help: 'rollcall org create --help',
  },
  { argv: ['org', 'create', 'a'], says: '--name', help: 'rollcall org create --help' },
  { argv: ['key', 'list'], says: '--org', help: 'rollcall key list --help' },
  { argv: ['key', 'revoke'], says: "missing required argument 'id'", help: 'rollcall key revoke --help' },
  { argv: ['serve', 'now'], says: 'too many arguments', help: 'rollcall serve --help' },
])('"rollcall $argv" is wrong usage, said with where the right one is told', async ({ argv, says, help }) => {
  await using installation = await createInstallation();
  const { code, stdout, stderr } = await installation.run(...argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^rollcall: /);
  expect(stderr).toContain(says);
  expect(stderr).toContain(`See: ${help}\n`);
});

test.each([[[]], [['org']], [['key']]])('"rollcall %j" shows what there is, as wrong usage', async (argv) => {
  await using installation = await createInstallation();
  const { code, stdout, stderr } = await installation.run(...argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Commands:');
});

const readText = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');

test.each(['serve', 'start', 'migrate', 'org create', 'org list', 'org set', 'key create', 'key list', 'key revoke'])(
  '"rollcall %s --help" explains the command with an example, and the guide tells of all that it takes',
  async (command) => {
    await using installation = await createInstallation();
    const { code, stdout, stderr } = await installation.run(...command.split(' '), '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: rollcall ${command} `));
    expect(stdout).toMatch(new RegExp(`Examples?:\n.*rollcall ${command}`));
    const guide = await readText('../../docs/command-line.md');
    expect(guide).toContain(`| \`rollcall ${command}`);
    const options = [...stdout.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);
    expect(options).toContain('--help');
    for (const option of options) expect(guide).toContain(option);
  },
);

test('every setting is told in the table of docs/configuration.md', async () => {
  const settings = [...(await readText('../config.ts')).matchAll(/value\('([A-Z_]+)'/g)].map(([, name]) => name);
  expect(settings).toContain('DATA_DIR');
  const guide = await readText('../../docs/configuration.md');
  for (const name of settings) expect(guide).toContain(`\n| \`${name}\` |`);
});

test('"rollcall --version" tells the version of the package', async () => {
  await using installation = await createInstallation();
  const { version } = JSON.parse(await readText('../package.json')) as { version: string };
  expect(await installation.run('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each([
  ['PORT', '99999'],
  ['PUBLIC_URL', 'rollcall.example'],
  ['LOG_LEVEL', 'loud'],
  ['RATE_LIMIT', '-1'],
])('%s=%s is a wrong setting, named in one line, for every command', async (name, value) => {
  await using installation = await createInstallation();
  for (const argv of [['serve'], ['org', 'list']]) {
    const { code, stdout, stderr } = await installation.runWith({ [name]: value }, ...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^rollcall: ${name} .*"${value}"\n$`));
  }
});

test('a command that finds no data says where it looked and leaves nothing behind', async () => {
  await using installation = await createInstallation();
  const { dataDirectory } = installation;
  for (const argv of [
    ['org', 'list'],
    ['org', 'set', 'a', '--name', 'A'],
    ['key', 'list', '--org', 'a'],
  ]) {
    const { code, stderr } = await installation.run(...argv);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^rollcall: .*DATA_DIR.*\n$/);
    expect(stderr).toContain(dataDirectory);
  }
  expect(existsSync(dataDirectory)).toBe(false);
});

test('a result that cannot be written is a failure, not a stack trace', async () => {
  await using installation = await createInstallation();
  await installation.run('org', 'create', 'acme', '--name', 'Acme');
  const { child, ended } = installation.spawn(['org', 'list']);
  child.stdout.destroy();
  const { code, stderr } = await ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^rollcall: cannot write the output: .*\n$/);
});
