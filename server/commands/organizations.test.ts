import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createInstallation, type Installation } from '../test/support/program.ts';
import { sendRequest } from '../test/support/request.ts';

/** The organization's events, oldest first. */
function readEvents({ dataDirectory }: Installation): { type: string; data: unknown }[] {
  using file = new DatabaseSync(join(dataDirectory, 'rollcall.db'), { readOnly: true });
  const rows = file.prepare('select type, data from events order by organization_id, number').all();
  return rows.map(({ type, data }) => ({ type: String(type), data: JSON.parse(String(data)) }));
}

test('an organization that was made is listed with its settings, in the one spelling of each', async () => {
  await using installation = await createInstallation();
  const { json } = installation;
  const made = await json(
    ...['org', 'create', 'acme', '--name', '  Acme Ltd '],
    ...['--trusted-domain', 'ACME.example', '--trusted-domain', 'bücher.example', '--trusted-domain', 'acme.example'],
    ...['--embed-origin', 'https://Intranet.example/', '--accent-color', '#0A7F5A'],
  );
  expect(made).toEqual({
    slug: 'acme',
    name: 'Acme Ltd',
    test: false,
    testClock: null,
    trustedDomains: ['acme.example', 'xn--bcher-kva.example'],
    embedOrigins: ['https://intranet.example'],
    accentColor: '#0a7f5a',
    usersTotal: 0,
    usersActive: 0,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  const plain = await json('org', 'create', 'b-2', '--name', 'B');
  expect(plain).toMatchObject({ slug: 'b-2', trustedDomains: null, embedOrigins: [], accentColor: null });
  expect(await json('org', 'list')).toEqual([made, plain]);
});

test('a taken slug is refused, and the organization that has it stays as it is', async () => {
  await using installation = await createInstallation();
  const made = await installation.json('org', 'create', 'acme', '--name', 'Acme');
  const again = await installation.run('org', 'create', 'acme', '--name', 'Other', '--trusted-domain', 'other.example');
  expect(again).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^rollcall: .*"acme".*another slug/),
  });
  expect(await installation.json('org', 'list')).toEqual([made]);
});

test('what a running server takes in follows the trusted domains at once', async () => {
  await using installation = await createInstallation();
  const server = await installation.serve();
  await installation.json('org', 'create', 'acme', '--name', 'Acme', '--trusted-domain', 'acme.example');
  const { key } = await installation.json<{ key: string }>('key', 'create', '--org', 'acme', '--name', 'CI');
  const takesIn = async (email: string) => {
    const body = { users: [{ email }] };
    const url = `${server.address}/v1/users/batch-upsert`;
    const reply = await sendRequest(url, { method: 'POST', key, body });
    return reply.json<{ data: { success: unknown[] } }>().data.success.length === 1;
  };
  expect(await takesIn('ann@acme.example')).toBe(true);
  expect(await takesIn('bob@other.example')).toBe(false);

  await installation.json('org', 'set', 'acme', '--trusted-domain', 'other.example');
  expect(await takesIn('bob@other.example')).toBe(true);
  expect(await takesIn('cy@acme.example')).toBe(false);

  await installation.json('org', 'set', 'acme', '--no-trusted-domains');
  expect(await takesIn('cy@acme.example')).toBe(true);
  expect(await installation.json('org', 'list')).toMatchObject([{ usersTotal: 3, usersActive: 3 }]);
});

test('"org set" changes what it names and leaves the rest', async () => {
  await using installation = await createInstallation();
  const { json } = installation;
  const made = await json(
    ...['org', 'create', 'acme', '--name', 'Acme', '--trusted-domain', 'acme.example'],
    ...['--embed-origin', 'https://a.example', '--embed-origin', 'https://b.example', '--accent-color', '#000000'],
  );
  await json('org', 'create', 'other', '--name', 'Other');
  const set = (...options: string[]) => json('org', 'set', 'acme', ...options);

  const renamed = await set('--name', 'Acme Ltd');
  expect(renamed).toEqual({ ...made, name: 'Acme Ltd' });
  const framed = await set('--embed-origin', 'https://c.example');
  expect(framed).toEqual({ ...renamed, embedOrigins: ['https://c.example'] });
  const open = await set('--no-trusted-domains', '--no-embed-origins', '--no-accent-color');
  expect(open).toEqual({ ...renamed, trustedDomains: null, embedOrigins: [], accentColor: null });
  expect(await json('org', 'list')).toMatchObject([open, { slug: 'other', name: 'Other' }]);
});

test('each change of an organization leaves one event, and a change to what is there already none', async () => {
  await using installation = await createInstallation();
  await installation.json('org', 'create', 'acme', '--name', 'Acme');
  await installation.json('org', 'set', 'acme', '--name', 'Acme Ltd', '--accent-color', '#000000');
  await installation.json('org', 'set', 'acme', '--name', 'Acme Ltd', '--no-trusted-domains');
  expect(readEvents(installation)).toEqual([
    { type: 'organization.created', data: { slug: 'acme' } },
    { type: 'organization.updated', data: { changed: ['name', 'accentColor'] } },
  ]);
});

test('"org set" without anything to set, or with a contradiction, is wrong usage and changes nothing', async () => {
  await using installation = await createInstallation();
  const made = await installation.json('org', 'create', 'acme', '--name', 'Acme', '--trusted-domain', 'acme.example');
  const nothing = await installation.run('org', 'set', 'acme');
  expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing to set') });
  const both = await installation.run('org', 'set', 'acme', '--no-trusted-domains', '--trusted-domain', 'b.example');
  expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be used with') });
  expect(await installation.json('org', 'list')).toEqual([made]);
});

test.each([
  ['a slug', ['org', 'create', 'Acme', '--name', 'Acme'], 'lower-case letters'],
  ['a name', ['org', 'create', 'acme', '--name', ' '], 'empty'],
  ['a domain', ['org', 'create', 'acme', '--name', 'Acme', '--trusted-domain', '@acme.example'], 'such as example.com'],
  ['an origin', ['org', 'create', 'acme', '--name', 'Acme', '--embed-origin', 'https://a.example/b'], 'without a path'],
  ['a color', ['org', 'create', 'acme', '--name', 'Acme', '--accent-color', 'green'], 'six hex digits'],
])('%s that will not do is wrong usage, with what would', async (_what, argv, remedy) => {
  await using installation = await createInstallation();
  const outcome = await installation.run(...argv);
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr).toMatch(/^rollcall: /);
  expect(outcome.stderr).toContain(remedy);
});

test('an organization that is not there is named, with the place where it was looked for', async () => {
  await using installation = await createInstallation();
  await installation.json('org', 'create', 'acme', '--name', 'Acme');
  const outcome = await installation.run('org', 'set', 'acne', '--name', 'Acme');
  expect(outcome).toMatchObject({ code: 1, stdout: '' });
  expect(outcome.stderr).toMatch(/^rollcall: .*"acne".*rollcall org list/);
  expect(outcome.stderr).toContain(installation.dataDirectory);
});

test('people read sentences and aligned columns', async () => {
  await using installation = await createInstallation();
  const made = await installation.run(
    'org',
    'create',
    'acme',
    '--name',
    'Acme 株式会社',
    '--trusted-domain',
    'acme.example',
  );
  expect(made.stdout).toMatch(/^Made the organization acme\.\n/);
  expect(made.stdout).toMatch(/^ {2}trusted domains {2}acme\.example$/m);
  expect(made.stderr).toContain('rollcall key create --org acme');
  await installation.run('org', 'create', 'a-much-longer-slug', '--name', 'Other');
  const [head = '', first = '', second = '', rest] = (await installation.run('org', 'list')).stdout.split('\n');
  const at = head.indexOf('NAME');
  expect(first.slice(at)).toBe('Acme 株式会社');
  expect(second.slice(at)).toBe('Other');
  expect(rest).toBe('');
});

test('a list of nothing is empty, with a word on stderr about what to do', async () => {
  await using installation = await createInstallation();
  await installation.run('migrate');
  expect(await installation.run('org', 'list')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('rollcall org create'),
  });
  expect(await installation.json('org', 'list')).toEqual([]);
});
