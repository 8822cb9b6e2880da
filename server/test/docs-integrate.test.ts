import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountApi } from '@rollcall/contract/account.ts';
import { errorCatalog } from '@rollcall/contract/errors.ts';
import { limits } from '@rollcall/contract/limits.ts';
import { accountScopes } from '@rollcall/contract/scopes.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/setup.js';
import { addCompletions, completionRecord } from './support/facts.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';

const GUIDES = join(ROOT, 'docs', 'integrate');
const TIMEOUT_MS = 120_000;

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

interface Block {
  readonly language: string;
  /** What stands behind the language: of a `csv` block the name of its file. */
  readonly name: string;
  readonly text: string;
}

async function guide(file: string): Promise<string> {
  return await readFile(join(GUIDES, file), 'utf8');
}

async function blocksOf(file: string): Promise<Block[]> {
  const blocks = (await guide(file)).matchAll(/^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, language = '', name = '', text = '']) => ({ language, name, text }));
}

const files = (await readdir(GUIDES)).filter((file) => file.endsWith('.md'));

/** A folder with what the guides take as given: `rollcall` and `node` on the PATH, the client. */
async function prepare(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-guide-'));
  await mkdir(join(directory, 'bin'));
  const program = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'server/main.ts')}' "$@"\n`;
  await writeFile(join(directory, 'bin', 'rollcall'), program, { mode: 0o755 });
  await symlink(process.execPath, join(directory, 'bin', 'node'));
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'), 'junction');
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  return directory;
}

/** Runs to the end in the folder; answers exit code and output together. */
function run(argv: readonly string[], cwd: string, { key }: { readonly key: string }) {
  const env = {
    PATH: `${join(cwd, 'bin')}:${process.env.PATH}`,
    HOME: cwd,
    NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/rollcall'),
    ROLLCALL_URL: server.address,
    ROLLCALL_KEY: key,
  };
  const [command = '', ...rest] = argv;
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn(command, rest, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** An organization with something of everything, and a key with the scopes that guides speak of. */
async function play(): Promise<TestOrganization & { readonly key: string }> {
  const organization = await server.createOrganization();
  const module = {
    id: crypto.randomUUID(),
    name: 'M',
    category: 'C',
    thumbnailUrl: null,
    description: '',
    duration: 60,
  };
  await addCompletions(server, organization, [
    completionRecord({
      module,
      id: crypto.randomUUID(),
      registrationId: crypto.randomUUID(),
      clusterId: crypto.randomUUID(),
    }),
  ]);
  const { key } = await organization.createKey({ scopes: [...accountScopes, 'scim', 'manage'] });
  return { ...organization, key };
}

const KNOWN = ['sh', 'ts', 'csv', 'json', 'text'];

describe.each(files)('docs/integrate/%s', (file) => {
  test('has code of kinds that are tried here only; what is not to be run is called text', async () => {
    const blocks = await blocksOf(file);
    expect(blocks.filter(({ language }) => !KNOWN.includes(language))).toEqual([]);
    for (const { language, text } of blocks) if (language === 'json') JSON.parse(text);
    expect(blocks.filter(({ language, name }) => language === 'csv' && !/^[\w.-]+$/.test(name))).toEqual([]);
  });

  // The samples of client.md are tried, and their types checked, by client-docs.test.ts.
  test(
    'every command in it succeeds, one after the other',
    async () => {
      const blocks = (await blocksOf(file)).filter(({ language }) => language !== 'text' && language !== 'json');
      const organization = await play();
      const directory = await prepare();
      try {
        for (const [at, { language, name, text }] of blocks.entries()) {
          if (language === 'csv') await writeFile(join(directory, name), text);
          if (language === 'ts' && file !== 'client.md') {
            await writeFile(join(directory, `sample-${at}.ts`), text);
            expect(await run(['node', `sample-${at}.ts`], directory, organization)).toMatchObject({ code: 0 });
          }
          if (language !== 'sh') continue;
          const outcome = await run(['bash', '--norc', '-euo', 'pipefail', '-c', text], directory, organization);
          expect(outcome, `${text}\n${outcome.output}`).toMatchObject({ code: 0 });
        }
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    TIMEOUT_MS,
  );
});

test('the guide to errors has each error of the API, with its status and meaning', async () => {
  const rows = [...(await guide('errors.md')).matchAll(/^\| `(\w+)` \| (\d+) \| (.+) \|$/gm)];
  expect(rows.map(([, code, status, text]) => [code, Number(status), text])).toEqual(
    Object.entries(errorCatalog).map(([code, { status, description }]) => [code, status, description]),
  );
});

test('the guide to limits says what the contract says', async () => {
  const rows = [...(await guide('limits.md')).matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gm)];
  const said = new Map(rows.map(([, what = '', limit = '']) => [what, limit]));
  const bytes = limits.bodyBytesMax / 1_048_576;
  const batches = limits.syncBatchNumberMax + 1;
  expect(Object.fromEntries(said)).toMatchObject({
    'users in one batch (upsert, deactivate, sync run)': `${limits.batchUsersMax}`,
    'users on one page': `${limits.pageSizeMax}`,
    'size of a request body': `${bytes} MiB`,
    '`firstName`, `lastName`': `${limits.nameCharactersMax} characters`,
    '`remoteId`': `${limits.remoteIdCharactersMax} characters`,
    '`email`': `${limits.emailCharactersMax} characters`,
    '`Idempotency-Key`': `${limits.idempotencyKeyCharactersMax} characters, kept ${limits.idempotencyKeyHours} hours`,
    'batches in one sync run': `${batches.toLocaleString('en')} (${(batches * limits.batchUsersMax).toLocaleString('en')} rows)`,
    'open sync runs of one organization': `1; it expires when nothing is added for ${limits.syncIdleHours} hours`,
    'undoing a sync run': `${limits.syncUndoDays} days`,
    'sync runs are listed': `${limits.syncRunDays} days`,
    'trusted domains of one organization': `${limits.trustedDomainsMax}`,
  });
});

test('the changelog begins with the version that this server speaks', async () => {
  const [, latest] = /^## (\S+)$/m.exec(await guide('changelog.md')) ?? [];
  expect(latest).toBe(accountApi.version);
});
