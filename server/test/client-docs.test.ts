import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toolPath } from '../../scripts/checks.js';
import { runChild } from '../../scripts/child.js';
import { ROOT } from '../../scripts/setup.js';
import { addCluster, addCompletions, completionRecord } from './support/facts.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';

const TIMEOUT_MS = 120_000;
const CLIENT = `import { Rollcall } from '@rollcall/client';`;

/** The guide's samples, each a program of its own: with what the first one sets up, as the guide says. */
async function samples(): Promise<string[]> {
  const guide = await readFile(join(ROOT, 'docs', 'integrate', 'client.md'), 'utf8');
  const blocks = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block);
  const [, setUp = ''] = /(^const \{ ROLLCALL_URL.*?\n.*?\n)/m.exec(blocks[0] ?? '') ?? [];
  return blocks.map((block) => {
    const goesOn = /\brollcall\./.test(block) && !block.includes('new Rollcall');
    return goesOn ? `${CLIENT}\n${setUp}\n${block}` : block;
  });
}

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    target: 'esnext',
    module: 'nodenext',
    allowImportingTsExtensions: true,
    types: ['node'],
  },
  include: ['*.ts'],
};

const programs = await samples();
const server = await startTestServer();
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-guide-'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  for (const [index, program] of programs.entries()) await writeFile(join(folder, `sample-${index}.ts`), program);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function run(argv: string[], environment: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const env = { ...process.env, ...environment };
  const { code, output } = await runChild(process.execPath, argv, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(code, output).toBe(0);
  return output.split('\n').filter((line) => line !== '');
}

function runSample(index: number, { key }: TestOrganization): Promise<string[]> {
  return run([join(folder, `sample-${index}.ts`)], { ROLLCALL_URL: server.address, ROLLCALL_KEY: key });
}

test(
  'all samples of the guide are typed right',
  async () => {
    expect(programs.length).toBe(7);
    expect(await run([toolPath('ts7', 'tsc'), '--project', folder])).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'its samples run one after the other and print what they say',
  async () => {
    const organization = await server.createOrganization();
    const clusterId = await addCluster(server, organization, { selfRegistration: true });
    await addCompletions(server, organization, [completionRecord({ clusterId, remoteUserId: 'E1001' })]);

    expect((await runSample(0, organization)).join('\n')).toContain("remoteId: 'E1001'");
    expect(await runSample(1, organization)).toEqual([
      'E1001 amelie.laurent@example.com',
      'page 0: 1 of 2',
      'page 1: 1 of 2',
      expect.stringMatching(/^Meetings that decide <iframe /),
    ]);
    const sent = await runSample(2, organization);
    expect(sent.filter((line) => line.endsWith(' sent'))).toHaveLength(6);
    expect(sent.slice(-2)).toEqual(['1000', expect.stringMatching(/^1000 R1001 email /)]);
    expect(await runSample(3, organization)).toEqual([
      '1 0 0 false',
      expect.stringMatching(/^create someone new firstName: Noor, .*remoteId: E1003/),
      'committed',
    ]);
    expect(await runSample(4, organization)).toEqual(['E1001 true 80', 'true']);
    expect(await runSample(5, organization)).toEqual(['invalid_request 400 true pageSize']);
  },
  TIMEOUT_MS,
);

test(
  'its receiver takes a signed webhook and refuses a forged one',
  async () => {
    const key = Buffer.from('a secret of the guide');
    const body = '{"type":"users.created"}';
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', key).update(`m1.${timestamp}.${body}`).digest('base64');
    const headers = { 'webhook-id': 'm1', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
    const program = `
import { once } from 'node:events';
import { receiver } from './sample-6.ts';

receiver.listen(0, '127.0.0.1');
await once(receiver, 'listening');
const url = \`http://127.0.0.1:\${receiver.address().port}\`;
for (const body of ${JSON.stringify([body, `${body} `])}) {
  console.log((await fetch(url, { method: 'POST', body, headers: ${JSON.stringify(headers)} })).status);
}
receiver.closeAllConnections();
receiver.close();
`;
    await writeFile(join(folder, 'post.js'), program);
    const secret = `whsec_${key.toString('base64')}`;
    expect(await run([join(folder, 'post.js')], { WEBHOOK_SECRET: secret })).toEqual([
      "{ type: 'users.created' }",
      '204',
      '401',
    ]);
  },
  TIMEOUT_MS,
);
