import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toolPath } from '../scripts/checks.js';
import { runChild } from '../scripts/child.js';
import { ROOT } from '../scripts/setup.js';
import { addCompletions, completionRecord } from '../server/test/support/facts.ts';
import { startTestServer } from '../server/test/support/test-server.ts';

const TIMEOUT_MS = 120_000;
const NODE_MAJOR_MIN = 20;

const PROGRAM = `
import { ApiError, Rollcall, verifyWebhook } from '@rollcall/client';

const rollcall = new Rollcall({ url: process.env.ADDRESS, key: process.env.KEY });
const people = Array.from({ length: 250 }, (_, index) => ({ remoteId: \`E\${index}\` }));
const { succeeded, failures } = await rollcall.users.upsert([...people, { remoteId: 'X', email: 'nobody' }]);
let listed = 0;
for await (const user of rollcall.users.list()) listed += user.active ? 1 : 0;
const completions = [];
for await (const { remoteUserId } of rollcall.completions.list()) completions.push(remoteUserId);
const refusal = await rollcall.users.page({ pageSize: 0 }).catch((error) => error);
const forged = await verifyWebhook({ body: '{}', headers: {}, secret: 'whsec_AAAA' }).catch((error) => error.name);
console.log(JSON.stringify({
  succeeded,
  failed: failures.map(({ index }) => index),
  listed,
  completions,
  refused: refusal instanceof ApiError && refusal.code,
  forged,
}));
`;

const CONSUMER = `
import { ApiError, type Completion, Rollcall, type User, type UserTemplate, verifyWebhook } from '@rollcall/client';

const rollcall = new Rollcall({ url: new URL('https://rollcall.example.com'), key: 'rck_', fetch, timeoutMs: 5_000 });
async function* roster(): AsyncGenerator<UserTemplate> {
  yield { remoteId: 'E1', email: null, active: true };
}
const { failures } = await rollcall.users.upsert(roster(), { signal: AbortSignal.timeout(1_000) });
export const places: number[] = failures.map(({ index }) => index);
export const users: User[] = [];
for await (const user of rollcall.users.list({ active: true, updatedSince: new Date() })) users.push(user);
for await (const { items, next } of rollcall.users.list().pages()) console.log(items.length, next);
const list = rollcall.completions.list({ changedSince: 'c' });
for await (const completion of list) console.log(completion satisfies Completion);
export const cursor: string | null = list.nextCursor;
export const event = await verifyWebhook<{ type: string }>({ body: '', headers: new Headers(), secret: 'whsec_' });
const { digest, threshold } = await rollcall.syncRuns.plan('run');
if (!threshold.exceeded) await rollcall.syncRuns.commit('run', { digest });
try {
  // @ts-expect-error A typing error in a field is found before anything is sent.
  await rollcall.users.upsert([{ emial: 'a@example.com' }]);
} catch (error) {
  if (error instanceof ApiError) console.log(error.code, error.status, error.requestId, error.issues);
}
`;

const compilerOptions = { strict: true, skipLibCheck: false, noEmit: true, target: 'es2022', module: 'nodenext' };

let folder = '';
let project = '';

/** Without what an npm that runs these tests says of itself. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_')));

async function run(command: string, argv: string[], cwd: string, more: Readonly<Record<string, string>> = {}) {
  const shell = process.platform === 'win32' && command === 'npm';
  const ended = await runChild(command, argv, {
    cwd,
    shell,
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(ended.code, ended.output).toBe(0);
  return ended.output;
}

/** A folder of an integrator's own with the packed client in it; nothing comes from a registry. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-client-'));
  const npm = { npm_config_cache: join(folder, 'cache'), npm_config_update_notifier: 'false' };
  // A copy, as packing changes package.json for a moment and others are using the client.
  const source = join(folder, 'client');
  await cp(join(ROOT, 'client'), source, {
    recursive: true,
    filter: (path) => !/[\\/](dist|node_modules)$|\.test\.ts$/.test(path),
  });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const manifest = await readFile(join(source, 'package.json'), 'utf8');
  await run('npm', ['pack', '--pack-destination', folder], source, npm);
  expect(await readFile(join(source, 'package.json'), 'utf8')).toBe(manifest);

  project = await mkdtemp(join(tmpdir(), 'rollcall-integrator-'));
  await writeFile(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
  const [archive = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, archive)], project, npm);
}, TIMEOUT_MS);

afterAll(() => Promise.all([folder, project].map((path) => rm(path, { recursive: true, force: true }))));

test('the package is compiled, complete and alone', async () => {
  expect(await readdir(join(project, 'node_modules'))).toEqual(['.package-lock.json', '@rollcall']);
  const installed = join(project, 'node_modules', '@rollcall', 'client');
  const files = await readdir(installed, { recursive: true });
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
  expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file))).toEqual([]);
  for (const file of files.filter((name) => name.endsWith('.d.ts'))) {
    expect(await readFile(join(installed, file), 'utf8')).not.toMatch(/from '[^']*(?<!\.js)'/);
  }
  const { exports, dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  expect(exports).toEqual({ '.': { types: './dist/index.d.ts', default: './dist/index.js' } });
  expect(dependencies).toBeUndefined();
});

/** The Node that runs this, and one of another major version on PATH where the host has one that the client supports. */
async function nodes(): Promise<[version: string, path: string][]> {
  const found = new Map([[process.versions.node.split('.')[0] ?? '', process.execPath]]);
  for (const place of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(place, process.platform === 'win32' ? 'node.exe' : 'node');
    const { stdout } = await promisify(execFile)(path, ['--version']).catch(() => ({ stdout: '' }));
    const major = /^v(\d+)/.exec(stdout)?.[1];
    if (major && Number(major) >= NODE_MAJOR_MIN && !found.has(major)) found.set(major, path);
  }
  return [...found];
}

describe.each(await nodes())('on Node %s', (_, node) => {
  test(
    'it does an integrator’s work in an empty project',
    async () => {
      await using server = await startTestServer();
      const organization = await server.createOrganization();
      await addCompletions(server, organization, [completionRecord({ remoteUserId: 'E1' })]);
      const program = join(project, 'program.js');
      await writeFile(program, PROGRAM);
      const output = await run(node, [program], project, { ADDRESS: server.address, KEY: organization.key });
      expect(JSON.parse(output)).toEqual({
        succeeded: 250,
        failed: [250],
        listed: 250,
        completions: ['E1'],
        refused: 'invalid_request',
        forged: 'WebhookVerificationError',
      });
    },
    TIMEOUT_MS,
  );
});

test.each([
  ['Node', { lib: ['es2022'], types: ['node'], typeRoots: [join(ROOT, 'node_modules', '@types')] }],
  ['browsers', { lib: ['es2022', 'dom', 'dom.iterable'], types: [] }],
  [
    'a careful project',
    { lib: ['esnext', 'dom'], types: [], exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
  ],
])(
  'its types hold in a strict program for %s, libraries checked too',
  async (name, options) => {
    const place = join(project, name.replaceAll(' ', '-'));
    await mkdir(place);
    await writeFile(join(place, 'consumer.ts'), CONSUMER);
    const tsconfig = { compilerOptions: { ...compilerOptions, ...options }, files: ['consumer.ts'] };
    await writeFile(join(place, 'tsconfig.json'), JSON.stringify(tsconfig));
    expect(await run(process.execPath, [toolPath('ts7', 'tsc'), '--project', place], place)).toBe('');
  },
  TIMEOUT_MS,
);
