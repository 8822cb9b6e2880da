import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { accountScopes } from '@rollcall/contract/scopes.ts';
import type { ActionContext } from '../../actions/context.ts';
import { createApiKey } from '../../actions/create-api-key.ts';
import { createOrganization } from '../../actions/create-organization.ts';
import { readConfig } from '../../config.ts';
import type { Database } from '../../store/database.ts';
import { openDatabase } from '../../store/open-database.ts';
import type { OrganizationId } from '../../store/tables.ts';
import { createStorage, type TestStorage } from './engine.ts';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));
/** Where `npm` scripts keep compiled code too: a start costs half as much. */
const COMPILE_CACHE = fileURLToPath(new URL('../../../node_modules/.cache/rollcall', import.meta.url));

/** How a program ended, and all that it wrote. */
export interface Outcome {
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real program, as an operator runs it, on a data directory of its own. */
export interface Installation extends AsyncDisposable {
  /** Does not exist until a command makes it. */
  readonly dataDirectory: string;
  /** What the environment of its programs says of the storage. */
  readonly environment: { readonly DATA_DIR: string; readonly DATABASE_URL?: string };
  /** Opens what the programs store in. */
  openDatabase(): Promise<Database>;
  /** Runs `rollcall ARGV…` to its end. */
  run(...argv: string[]): Promise<Outcome>;
  /** As `run`, with other settings. */
  runWith(environment: Readonly<Record<string, string>>, ...argv: string[]): Promise<Outcome>;
  /** Runs a command that must succeed, with `--json`; answers what it printed. */
  json<T = Record<string, unknown>>(...argv: string[]): Promise<T>;
  /** Makes an organization, quicker than by a command. */
  createOrganization(slug: string): Promise<OrganizationId>;
  /** Makes a key of all scopes of the Account API, quicker than by a command. */
  createKey(organization: OrganizationId): Promise<string>;
  /** Starts `rollcall ARGV…` and leaves it to the test. */
  spawn(argv: readonly string[], environment?: Readonly<Record<string, string>>): Running;
  /** Runs `rollcall serve` until it is ready. */
  serve(environment?: Readonly<Record<string, string>>): Promise<RunningServer>;
}

export interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Outcome>;
  /** The first line on stdout; what there is of it where the program ends before. */
  readonly firstLine: Promise<string>;
}

export interface RunningServer extends Running {
  readonly address: string;
}

/**
 * An installation that nobody has used yet; dispose it to end its programs and to remove its files. It stores in what
 * this run of the tests is about, unless a place is given.
 */
export async function createInstallation(given?: TestStorage): Promise<Installation> {
  const storage = given ?? (await createStorage({ migrated: false }));
  const dataDirectory = join(storage.environment.DATA_DIR, 'data');
  const settings = { ...storage.environment, DATA_DIR: dataDirectory };
  const running = new Set<Running>();
  const start: Installation['spawn'] = (argv, environment = {}) => {
    const program = startProgram(argv, { ...settings, PORT: '0', ...environment });
    running.add(program);
    void program.ended.then(() => running.delete(program));
    return program;
  };
  const open = () => openDatabase(readConfig({ ...settings }));
  const run = (...argv: string[]) => start(argv).ended;
  return {
    dataDirectory,
    environment: settings,
    openDatabase: open,
    run,
    runWith: (environment, ...argv) => start(argv, environment).ended,
    async json<T>(...argv: string[]) {
      const { code, stdout, stderr } = await run(...argv, '--json');
      if (code !== 0) throw new Error(`rollcall ${argv.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
    createOrganization: (slug) =>
      act(open, async (context) => (await createOrganization(context, { slug, name: slug })).id),
    createKey: (organization) =>
      act(open, async (context) => (await createApiKey(context, organization, ALL_SCOPES)).key),
    spawn: start,
    async serve(environment) {
      const program = start(['serve'], environment);
      return { ...program, address: await readAddress(program) };
    },
    async [Symbol.asyncDispose]() {
      const ends = [...running].map(({ child, ended }) => {
        child.kill('SIGKILL');
        return ended;
      });
      await Promise.all(ends);
      await storage[Symbol.asyncDispose]();
    },
  };
}

const ALL_SCOPES = { name: 'test', scopes: accountScopes, expiresAt: null };

async function act<T>(open: () => Promise<Database>, action: (context: ActionContext) => Promise<T>): Promise<T> {
  await using database = await open();
  await database.migrate();
  return await action({ database, now: Date.now });
}

function startProgram(argv: readonly string[], environment: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    // Nothing of the developer's own settings: the program sees what the test says.
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILE_CACHE, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const firstLine = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('\n')) resolve(stdout.slice(0, stdout.indexOf('\n')));
    });
    child.stdout.once('close', () => resolve(stdout));
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended, firstLine };
}

async function readAddress({ child, ended, firstLine }: Running): Promise<string> {
  const address = /^rollcall listening on (http:\/\/\S+)$/.exec(await firstLine)?.[1];
  if (address) return address;
  child.kill('SIGKILL');
  throw new Error(`the server did not become ready: ${JSON.stringify(await ended)}`);
}
