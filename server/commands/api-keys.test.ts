import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { accountScopes } from '@rollcall/contract/scopes.ts';
import { expect, test } from 'vitest';
import { createInstallation, type Installation } from '../test/support/program.ts';
import { sendRequest } from '../test/support/request.ts';
import { newApiKey } from '../test/support/test-server.ts';

interface KeyJson {
  readonly id: string;
  readonly key: string;
}

function createKey({ json }: Installation, ...options: string[]): Promise<KeyJson> {
  return json<KeyJson>('key', 'create', '--org', 'acme', '--name', 'CI', ...options);
}

/** The status with which a server answers a request for users made with the key. */
async function statusOf(address: string, key: string, path = '/v1/users'): Promise<number> {
  return (await sendRequest(address + path, { key })).status;
}

test('a running server takes a new key with the next request and refuses a revoked one with the next', async () => {
  await using installation = await createInstallation();
  const server = await installation.serve();
  await installation.createOrganization('acme');
  const first = await createKey(installation);
  expect(await statusOf(server.address, first.key)).toBe(200);

  const revoked = await installation.run('key', 'revoke', first.id);
  expect(revoked).toMatchObject({ code: 0, stdout: expect.stringContaining('refused from now on') });
  expect(await statusOf(server.address, first.key)).toBe(401);

  const second = await createKey(installation);
  expect(await statusOf(server.address, second.key)).toBe(200);
});

test('a key has all scopes of the Account API unless scopes are named', async () => {
  await using installation = await createInstallation();
  await installation.createOrganization('acme');
  const server = await installation.serve();
  const whole = await createKey(installation);
  expect(whole).toEqual({
    id: expect.stringMatching(/^key_[0-9a-f]{16}$/),
    key: expect.stringMatching(/^rck_[0-9A-Za-z]{36}$/),
    org: 'acme',
    name: 'CI',
    scopes: [...accountScopes],
    lastFour: whole.key.slice(-4),
    state: 'active',
    createdAt: expect.stringMatching(/Z$/),
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
  });
  const narrow = await createKey(installation, '--scope', 'scim', '--scope', 'users:read', '--scope', 'users:read');
  expect(narrow).toMatchObject({ scopes: ['users:read', 'scim'] });
  expect(await statusOf(server.address, narrow.key)).toBe(200);
  expect(await statusOf(server.address, narrow.key, '/v1/clusters')).toBe(403);
  expect(await statusOf(server.address, whole.key, '/v1/clusters')).toBe(200);
});

test('a key is shown once: no list and no file has it', async () => {
  await using installation = await createInstallation();
  await installation.createOrganization('acme');
  const made = await installation.run('key', 'create', '--org', 'acme', '--name', 'CI');
  expect(made.stderr).toContain('only time');
  const [key = ''] = /rck_\w+/.exec(made.stdout) ?? [];
  expect(key).toHaveLength(40);
  const list = await installation.run('key', 'list', '--org', 'acme');
  expect(list.stdout).toContain(`…${key.slice(-4)}`);
  expect(list.stdout).not.toContain(key);
  expect(JSON.stringify(await installation.json('key', 'list', '--org', 'acme'))).not.toContain(key);
  const files = await readdir(installation.dataDirectory);
  expect(files).toContain('rollcall.db');
  for (const file of files) {
    expect((await readFile(join(installation.dataDirectory, file))).includes(key)).toBe(false);
  }
});

test('the list tells active, expired and revoked keys apart, and when they were used', async () => {
  await using installation = await createInstallation();
  await installation.createOrganization('acme');
  const used = await createKey(installation, '--expires', '2999-01-31');
  const expired = await createKey(installation, '--expires', '12h');
  const revoked = await createKey(installation);
  await installation.run('key', 'revoke', revoked.id);
  {
    using file = new DatabaseSync(join(installation.dataDirectory, 'rollcall.db'));
    file.prepare('update api_keys set expires_at = created_at where id = ?').run(expired.id);
  }
  const server = await installation.serve();
  expect(await statusOf(server.address, used.key)).toBe(200);
  expect(await statusOf(server.address, expired.key)).toBe(401);
  server.child.kill('SIGTERM');
  await server.ended;

  const moment = expect.stringMatching(/^20\d\d-.*Z$/);
  const keys = await installation.json<KeyJson[]>('key', 'list', '--org', 'acme');
  expect(keys).toHaveLength(3);
  expect(keys.find(({ id }) => id === used.id)).toMatchObject({
    state: 'active',
    expiresAt: '2999-01-31T00:00:00Z',
    lastUsedAt: moment,
    revokedAt: null,
  });
  expect(keys.find(({ id }) => id === expired.id)).toMatchObject({ state: 'expired', lastUsedAt: null });
  expect(keys.find(({ id }) => id === revoked.id)).toMatchObject({ state: 'revoked', revokedAt: moment });
  const { stdout } = await installation.run('key', 'list', '--org', 'acme');
  expect(stdout).toMatch(/^ID +KEY +STATE +CREATED +EXPIRES +LAST USED +SCOPES +NAME\n/);
  expect(stdout.match(/ (active|expired|revoked) /g)).toHaveLength(3);
});

test('a leaked key is revoked by pasting the key itself', async () => {
  await using installation = await createInstallation();
  await installation.createOrganization('acme');
  const { id, key } = await createKey(installation);
  const revoked = await installation.json('key', 'revoke', key);
  expect(revoked).toMatchObject({ id, org: 'acme', state: 'revoked' });
  expect(JSON.stringify(revoked)).not.toContain(key);
});

test('naming an organization binds the key to it: the key of another stays', async () => {
  await using installation = await createInstallation();
  await installation.createOrganization('acme');
  await installation.createOrganization('other');
  const { id, key } = await createKey(installation);
  for (const name of [id, key]) {
    const outcome = await installation.run('key', 'revoke', name, '--org', 'other');
    expect(outcome).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('of other') });
  }
  expect(await installation.json('key', 'list', '--org', 'acme')).toMatchObject([{ id, state: 'active' }]);
  expect(await installation.json('key', 'list', '--org', 'other')).toEqual([]);
  expect(await installation.json('key', 'revoke', id, '--org', 'acme')).toMatchObject({ state: 'revoked' });
});

test('revoking a key again is no failure, keeps the first time and leaves no second event', async () => {
  await using installation = await createInstallation();
  await installation.createOrganization('acme');
  const { id } = await createKey(installation);
  const first = await installation.json('key', 'revoke', id);
  expect(await installation.json('key', 'revoke', id)).toEqual(first);
  expect((await installation.run('key', 'revoke', id)).stdout).toContain('already');
  using file = new DatabaseSync(join(installation.dataDirectory, 'rollcall.db'), { readOnly: true });
  const events = file.prepare("select type, data from events where type like 'api_key.%' order by number").all();
  expect(events.map(({ type, data }) => [type, JSON.parse(String(data))])).toEqual([
    ['api_key.created', { apiKeyId: id }],
    ['api_key.revoked', { apiKeyId: id }],
  ]);
});

test('a key or organization that is not there is a failure that says where to look, and never repeats a secret', async () => {
  await using installation = await createInstallation();
  await installation.createOrganization('acme');
  const unknownId = await installation.run('key', 'revoke', 'key_0000000000000000');
  expect(unknownId).toMatchObject({ code: 1, stderr: expect.stringMatching(/key_0{16}.*key list/) });
  const secret = newApiKey();
  const unknownKey = await installation.run('key', 'revoke', secret);
  expect(unknownKey.code).toBe(1);
  expect(unknownKey.stderr).not.toContain(secret);
  const mistyped = `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`;
  const typo = await installation.run('key', 'revoke', mistyped);
  expect(typo.code).toBe(1);
  expect(typo.stderr).toContain('mistyped');
  expect(typo.stderr).not.toContain(mistyped);
  const noOrganization = await installation.run('key', 'create', '--org', 'acne', '--name', 'CI');
  expect(noOrganization).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('"acne"') });
});

test.each([
  ['a scope', ['--name', 'CI', '--scope', 'everything'], 'users:read'],
  ['an end in the past', ['--name', 'CI', '--expires', '2020-01-01'], 'future'],
  ['an end that is no moment', ['--name', 'CI', '--expires', '6m'], '90d'],
  ['an empty name', ['--name', ''], 'empty'],
  ['no name', [], '--name'],
])('%s is wrong usage and makes no key', async (_what, options, remedy) => {
  await using installation = await createInstallation();
  await installation.createOrganization('acme');
  const outcome = await installation.run('key', 'create', '--org', 'acme', ...options);
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr).toContain(remedy);
  expect(await installation.json('key', 'list', '--org', 'acme')).toEqual([]);
});
