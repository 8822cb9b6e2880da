import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Completion } from '@rollcall/contract/completions.ts';
import type { Dataset } from '../datasets.ts';
import { ready, type Target } from '../rollcall.ts';
import type { Bench } from '../scenario.ts';
import type { Peers } from './install.ts';

export const TOKEN = 'bench-token';
const START_MS_MAX = 120_000;
const PING_EVERY_MS = 200;

/** A field that takes what we send, in a column of that type. */
const field = (name: string, type: string, schema: object = {}) => ({ field: name, type, meta: {}, schema });

const PEOPLE = [
  // Made by Directus where it is not given, as ours are.
  { ...field('id', 'string', { is_primary_key: true, max_length: 64 }), meta: { special: ['uuid'] } },
  field('firstName', 'string'),
  field('lastName', 'string'),
  field('email', 'string', { is_unique: true }),
  field('active', 'boolean', { default_value: true }),
  field('remoteId', 'string', { is_unique: true }),
];

const COMPLETIONS = Object.entries(Completion.properties).map(([name, schema]) => {
  const { type } = schema as { type?: string };
  const isKey = name === 'id';
  const fitting = type === 'integer' || type === 'boolean' ? type : isKey ? 'string' : 'text';
  return field(name, fitting, isKey ? { is_primary_key: true } : {});
});

/**
 * Starts a Directus on SQLite as fast as its settings make it: no cache to grow stale, no limits, no log, no history (its
 * collections have no accountability). It has the people and the completions of a dataset, in the same fields.
 */
export async function startDirectus(bench: Bench, { directory, node }: Peers, dataset: Dataset): Promise<Target> {
  const home = bench.datasets.scratch('directus');
  await mkdir(home, { recursive: true });
  const port = await freePort();
  const env = { ...process.env, ...settingsOf(home, port) };
  const program = join(directory, 'node_modules', 'directus', 'cli.js');
  await using bootstrap = bench.startPeer({ program: node, argv: [program, 'bootstrap'], env });
  await bootstrap.finish();
  const child = bench.startPeer({ program: node, argv: [program, 'start'], env });
  const address = `http://127.0.0.1:${port}`;
  const target = await ready(child, async () => answering(address));
  try {
    await addCollection(address, 'people', PEOPLE);
    await addCollection(address, 'completions', COMPLETIONS);
    copyRows(join(home, 'data.db'), join(dataset.directory, 'rollcall.db'));
    return target;
  } catch (error) {
    await target[Symbol.asyncDispose]();
    throw error;
  }
}

function settingsOf(home: string, port: number): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    DB_CLIENT: 'sqlite3',
    DB_FILENAME: join(home, 'data.db'),
    EXTENSIONS_PATH: join(home, 'extensions'),
    STORAGE_LOCAL_ROOT: join(home, 'uploads'),
    SECRET: 'a-secret-of-no-importance-here',
    ADMIN_EMAIL: 'admin@example.com',
    ADMIN_PASSWORD: 'bench-password',
    ADMIN_TOKEN: TOKEN,
    CACHE_ENABLED: 'false',
    RATE_LIMITER_ENABLED: 'false',
    PRESSURE_LIMITER_ENABLED: 'false',
    QUERY_LIMIT_MAX: '-1',
    TELEMETRY: 'false',
    LOG_LEVEL: 'fatal',
  };
}

/** It cannot choose a port by itself. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function answering(address: string): Promise<string> {
  const end = performance.now() + START_MS_MAX;
  while (performance.now() < end) {
    const response = await fetch(`${address}/server/ping`).catch(() => null);
    if (response?.ok) return address;
    await sleep(PING_EVERY_MS);
  }
  throw new Error(`Directus did not answer within ${START_MS_MAX} ms`);
}

async function addCollection(address: string, collection: string, fields: readonly object[]): Promise<void> {
  const response = await fetch(`${address}/collections`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ collection, meta: { accountability: null }, schema: {}, fields }),
  });
  if (!response.ok) throw new Error(`Directus does not take the collection: ${await response.text()}`);
}

/** Straight from one file to the other: how it came in is not what is measured. */
function copyRows(to: string, from: string): void {
  using database = new DatabaseSync(to, { timeout: 10_000 });
  const names = COMPLETIONS.map((completion) => completion.field);
  database.prepare('attach ? as ours').run(from);
  database.exec(`
    insert into people (id, firstName, lastName, email, active, remoteId)
      select id, first_name, last_name, email, active, remote_id from ours.users;
    insert into completions (${names.join(', ')})
      select ${names.map((name) => `document ->> '${name}'`).join(', ')} from ours.completions;
  `);
}
