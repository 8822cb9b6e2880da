import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import openapiTypes, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { expect, test } from 'vitest';
import { toolPath } from '../../scripts/checks.js';
import { runChild } from '../../scripts/child.js';
import { ROOT } from '../../scripts/setup.js';
import { addCluster, addCompletions, completionRecord } from './support/facts.ts';
import { startTestServer } from './support/test-server.ts';

const PROGRAM = fileURLToPath(new URL('fixtures/integrator.ts.txt', import.meta.url));
const TIMEOUT_MS = 120_000;

/** As strict as a careful integrator would be; nothing of this repository's own settings. */
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: 'esnext',
    module: 'nodenext',
    allowImportingTsExtensions: true,
    types: ['node'],
  },
  files: ['account-api.ts', 'integrator.ts'],
};

/** A folder of an integrator's own, with the client that the document generates. */
async function createProject(document: OpenAPI3): Promise<AsyncDisposable & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-integrator-'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await writeFile(join(folder, 'account-api.ts'), astToString(await openapiTypes(document)));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  await copyFile(PROGRAM, join(folder, 'integrator.ts'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Runs a program of Node in the folder; answers its exit code and all that it printed. */
function runNode(folder: string, argv: string[], environment: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, ...environment };
  return runChild(process.execPath, argv, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** One answer that the program met. */
interface Met {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly mediaType: string;
  readonly headers: readonly string[];
  readonly body: string;
}

interface Response {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, unknown>>;
}

/** Says of each answer where it is not as the document promises. */
function judgeBy(document: OpenAPI3): (answer: Met) => string[] {
  // Not strict, which would want the document as a whole to be a schema.
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'document');
  return ({ method, path, status, mediaType, headers, body }) => {
    const at = `/paths/${escapePointer(path)}/${method}/responses/${status}`;
    const named = (resolve(document, at) as Response | undefined)?.$ref?.slice(1) ?? at;
    const promised = resolve(document, named) as Response | undefined;
    if (!promised) return [`${method} ${path}: ${status} is not documented`];
    const missing = Object.keys(promised.headers ?? {}).filter(
      (name) => isAlwaysSent(name) && !headers.includes(name.toLowerCase()),
    );
    const faults = missing.map((name) => `${method} ${path}: ${status} without ${name}`);
    if (!promised.content) return body === '' ? faults : [...faults, `${method} ${path}: ${status} has a body`];
    if (!promised.content[mediaType])
      return [...faults, `${method} ${path}: ${status} as ${mediaType} is not documented`];
    const validate = ajv.compile({ $ref: `document#${named}/content/${escapePointer(mediaType)}/schema` });
    const value: unknown = mediaType === 'application/json' ? JSON.parse(body) : body;
    return validate(value) ? faults : [...faults, `${method} ${path}: ${status}: ${ajv.errorsText(validate.errors)}`];
  };
}

/** Only sent where a request was repeated. */
function isAlwaysSent(header: string): boolean {
  return header !== 'Idempotency-Replayed';
}

function escapePointer(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

function resolve(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
}

test(
  'a client generated from the served document compiles strictly, and does an integrator’s work on a running server',
  async () => {
    await using server = await startTestServer();
    const organization = await server.createOrganization();
    const clusterId = await addCluster(server, organization, { selfRegistration: true });
    server.clock.advance(1);
    await addCluster(server, organization);
    await addCompletions(server, organization, [
      completionRecord({ clusterId, remoteUserId: 'E1' }),
      completionRecord({ clusterId, visit: null, startAt: '2024-06-16T14:00:00Z' }),
    ]);
    const document = (await server.request('/openapi.json')).json<OpenAPI3>();
    await using project = await createProject(document);

    const check = await runNode(project.folder, [toolPath('ts7', 'tsc'), '--project', project.folder]);
    expect(check).toMatchObject({ code: 0, output: '' });

    const program = join(project.folder, 'integrator.ts');
    const run = await runNode(project.folder, [program], { ADDRESS: server.address, KEY: organization.key });
    expect(run.code, run.output).toBe(0);
    const { report, met } = JSON.parse(run.output) as { report: unknown; met: Met[] };
    expect(report).toEqual({
      users: Array.from({ length: 25 }, (_, index) => `E${index}`),
      failed: [expect.stringMatching(/^E99: email "nobody" /)],
      rehearsed: ['Rehearsed'],
      deactivated: ['E3', 'E4', 'E5'].map((remoteId) => [remoteId, false]),
      inactive: ['E3', 'E4', 'E5'],
      clusters: 2,
      embeds: [expect.stringContaining(`<iframe src="${server.address}/`), null],
      completions: [
        [53, 80],
        [0, 0],
      ],
      later: [],
      csvLines: 3,
      unchanged: 304,
      refused: ['pageSize'],
      stranger: 'unauthorized',
    });
    expect(met.length).toBeGreaterThan(12);
    expect(met.flatMap(judgeBy(document))).toEqual([]);
  },
  TIMEOUT_MS,
);
