import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { type Cli, createCli } from './support/cli.ts';
import { newApiKey, startTestServer } from './support/test-server.ts';
import { createUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

async function runBash(cwd: string, script: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script], { cwd });
  return stdout.trim();
}

const WITHOUT = { ROLLCALL_URL: undefined, ROLLCALL_KEY: undefined };

async function addProfile(cli: Cli, name: string, url: string, key: string) {
  const outcome = await cli.run(['profile', 'add', name, '--url', url], { environment: WITHOUT, stdin: `${key}\n` });
  expect(outcome.code, outcome.stderr).toBe(0);
}

describe('which server is meant', () => {
  test('profiles keep address and key in a file that only its owner reads, and never show the key', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 1);
    await using cli = await createCli(server, acme.key);
    await addProfile(cli, 'acme', `${server.address}/`, acme.key);
    await addProfile(cli, 'other', 'https://rollcall.example.com', newApiKey());
    const file = cli.path('.config/rollcall/profiles.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain(acme.key);
    const shown = await cli.run(['profile', 'list'], { environment: WITHOUT });
    expect(shown.stdout).toBe(`*  acme   ${server.address}\n   other  https://rollcall.example.com\n`);
    const listed = await cli.run(['users', 'list', '--json'], { environment: WITHOUT });
    expect(JSON.parse(listed.stdout)).toMatchObject([{ remoteId: 'E0' }]);
    expect((await cli.run(['profile', 'use', 'other'])).code).toBe(0);
    const byFlag = await cli.run(['users', 'get', 'E0', '--profile', 'acme', '--json'], { environment: WITHOUT });
    expect(JSON.parse(byFlag.stdout)).toMatchObject({ remoteId: 'E0' });
    expect((await cli.run(['profile', 'remove', 'acme'])).code).toBe(0);
    const gone = await cli.run(['users', 'list', '--profile', 'acme'], { environment: WITHOUT });
    expect([gone.code, gone.stderr]).toEqual([2, expect.stringContaining('there is no profile "acme"')]);
  });

  test('flags come before the environment, and that before the profile', async () => {
    const [acme, beta] = [await server.createOrganization(), await server.createOrganization()];
    await createUsers(acme, 1);
    await createUsers(beta, 1, 7);
    await using cli = await createCli(server, acme.key);
    await addProfile(cli, 'beta', server.address, beta.key);
    const ids = async (argv: readonly string[], environment = {}) => {
      const { stdout } = await cli.run(['users', 'list', '--json', ...argv], { environment });
      return (JSON.parse(stdout) as { remoteId: string }[]).map(({ remoteId }) => remoteId);
    };
    expect(await ids([])).toEqual(['E0']);
    expect(await ids([], WITHOUT)).toEqual(['E7']);
    expect(await ids(['--profile', 'beta'])).toEqual(['E7']);
    expect(await ids(['--key', beta.key])).toEqual(['E7']);
  });

  test('a key is not sent to a server that it was not given for', async () => {
    const seen: string[] = [];
    const stranger = createServer((request, reply) => {
      seen.push(String(request.headers.authorization));
      reply.end();
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const acme = await server.createOrganization();
    await using cli = await createCli(server, acme.key);
    await addProfile(cli, 'acme', server.address, acme.key);
    const byFlag = await cli.run(['users', 'list', '--url', url], { environment: WITHOUT });
    expect([byFlag.code, byFlag.stderr]).toEqual([2, expect.stringContaining('give the key too')]);
    const byEnvironment = await cli.run(['users', 'list'], { environment: { ...WITHOUT, ROLLCALL_URL: url } });
    expect(byEnvironment.code).toBe(2);
    const otherKey = await cli.run(['users', 'list'], { environment: { ROLLCALL_URL: undefined } });
    expect([otherKey.code, otherKey.stderr]).toEqual([2, expect.stringContaining('set ROLLCALL_URL too')]);
    expect(seen).toEqual([]);
    await new Promise((resolve) => stranger.close(resolve));
  });

  test('without any it says what to set', async () => {
    await using cli = await createCli(server, 'x');
    const { code, stderr } = await cli.run(['users', 'list'], { environment: WITHOUT });
    expect([code, stderr]).toEqual([2, expect.stringContaining('ROLLCALL_URL')]);
  });
});

describe('rollcall doctor', () => {
  interface Report {
    readonly ok: boolean;
    readonly findings: readonly { readonly check: string; readonly state: string }[];
  }

  test('finds nothing wrong with a server that is well, and changes nothing', async () => {
    const acme = await server.createOrganization();
    await using cli = await createCli(server, acme.key);
    const { ok, findings } = await cli.json<Report>('doctor');
    expect(ok).toBe(true);
    expect(findings.map(({ check, state }) => [check, state])).toEqual([
      ['address', 'ok'],
      ['TLS', 'ok'],
      ['clock', 'ok'],
      ['latency', expect.any(String)],
      ['scope users:read', 'ok'],
      ['scope users:write', 'ok'],
      ['scope clusters:read', 'ok'],
      ['scope completions:read', 'ok'],
    ]);
  });

  test('tells of scopes that a key lacks, of a key that is none, and of an address where nothing is', async () => {
    const acme = await server.createOrganization();
    const { key } = await acme.createKey({ scopes: ['users:read'] });
    await using cli = await createCli(server, key);
    const narrow = await cli.run(['doctor']);
    expect(narrow.code).toBe(0);
    expect(narrow.stdout).toMatch(/^warn +scope users:write +the key lacks it\n +-> .*--scope users:write$/m);
    const unknown = await cli.run(['doctor'], { environment: { ROLLCALL_KEY: newApiKey() } });
    expect([unknown.code, unknown.stdout]).toEqual([
      1,
      expect.stringMatching(/^fail +key +the server does not know the key/m),
    ]);
    const nowhere = await cli.run(['doctor'], { environment: { ROLLCALL_URL: 'http://127.0.0.1:1' } });
    expect([nowhere.code, nowhere.stdout]).toEqual([1, expect.stringMatching(/^fail +address +.*\n +-> .+/m)]);
  });
});

describe('people and clusters', () => {
  test('are listed, found and deactivated', async () => {
    const acme = await server.createOrganization();
    await createUsers(acme, 203);
    await using cli = await createCli(server, acme.key);
    expect(await cli.json<unknown[]>('users', 'list')).toHaveLength(203);
    expect(await cli.json<unknown[]>('users', 'list', '--limit', '201')).toHaveLength(201);
    const done = await cli.run(['users', 'deactivate', 'E0', 'nobody@example.com']);
    expect([done.code, done.stdout]).toEqual([4, '1 user is inactive.\n']);
    expect(done.stderr).toContain('nobody@example.com: No user has email');
    expect(await cli.json('users', 'get', 'E0')).toMatchObject({ active: false });
    expect(await cli.json('users', 'list', '--inactive')).toMatchObject([{ remoteId: 'E0' }]);
    const table = await cli.run(['users', 'list', '--inactive']);
    expect(table.stdout.split('\n')[1]).toMatch(/^inactive +E0 +-/);
    expect((await cli.run(['users', 'get', 'E999'])).code).toBe(1);
    expect(await cli.json('clusters', 'list')).toEqual([]);
  });

  test('a key that lacks the scope is told so, with the id of the request and without the key', async () => {
    const acme = await server.createOrganization();
    const { key } = await acme.createKey({ scopes: ['clusters:read'] });
    await using cli = await createCli(server, key);
    const { code, stderr, stdout } = await cli.run(['users', 'list']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/scope "users:read".*\(forbidden, request \S+\)$/m);
    expect(stderr).not.toContain(key);
  });
});

describe('rollcall completion', () => {
  test.each(['bash', 'zsh', 'fish'])(
    'prints a script for %s that knows the commands and their options',
    async (shell) => {
      await using cli = await createCli(server, 'x');
      const { code, stdout } = await cli.run(['completion', shell], { environment: WITHOUT });
      expect(code).toBe(0);
      for (const word of ['users', 'import', 'max-deactivations', 'since-last', 'doctor'])
        expect(stdout).toContain(word);
    },
  );

  test('the one for bash completes commands below commands, and options', async () => {
    await using cli = await createCli(server, 'x');
    const { stdout } = await cli.run(['completion', 'bash'], { environment: WITHOUT });
    await cli.write('completion.bash', stdout);
    const complete = async (...words: string[]) => {
      const script = `source completion.bash; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _rollcall; echo "\${COMPREPLY[*]}"`;
      return await runBash(cli.directory, script);
    };
    expect(await complete('rollcall', 'us')).toBe('users');
    expect(await complete('rollcall', 'users', 's')).toBe('sync');
    expect(await complete('rollcall', 'users', 'sync', '--max')).toBe('--max-deactivations');
  });
});
