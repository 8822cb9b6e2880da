/**
 * The least that could do the same work on PostgreSQL: one connection of the driver, one prepared statement, the same
 * tables and indexes, no HTTP. A program of its own: `pages|insert|stream URL`. Each message asks for a round:
 * `{seconds}` of random pages, `{file}` of batches (a JSON body a line, 200 users in a transaction; values are made ready
 * before the clock starts), `{}` for all completions once. Answers `{units, seconds, cpuSeconds}`, in pages, users and
 * megabytes.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { Template } from '../datasets.ts';

interface Asked {
  readonly seconds?: number;
  readonly file?: string;
}

const PAGE_USERS = 200;
/** More records than the server reads at once: greater chunks are quicker, and nobody else waits here. */
const CHUNK_RECORDS = 1_000;

const [mode, url = ''] = process.argv.slice(2);
const client = new pg.Client({ connectionString: url });
await client.connect();
const organization = await single<number>('select min(id) from organizations');

async function single<T>(sql: string): Promise<T> {
  const { rows } = await client.query<T[]>({ text: sql, rowMode: 'array' });
  return rows[0]?.[0] as T;
}

/** Work that is ready to run; answers how many units it did. */
type Round = () => Promise<number>;

async function pages({ seconds = 1 }: Asked): Promise<Round> {
  const count = Math.floor(Number(await single('select max(position) + 1 from users')) / PAGE_USERS);
  const text = `select string_agg(document, ',') from (select document from users
    where organization_id = $1 and position >= $2 and position < $3 order by position) page`;
  return async () => {
    const end = performance.now() + seconds * 1_000;
    let units = 0;
    for (; performance.now() < end; units++) {
      const from = Math.floor(Math.random() * count) * PAGE_USERS;
      await client.query({ name: 'page', text, values: [organization, from, from + PAGE_USERS], rowMode: 'array' });
    }
    return units;
  };
}

async function insert({ file = '' }: Asked): Promise<Round> {
  const columns =
    'organization_id, position, id, first_name, last_name, email, active, remote_id, document, created_at, updated_at, synced';
  const text = `insert into users (${columns}) select ${columns} from json_populate_recordset(null::users, $1::json)`;
  let position = Number(await single('select max(position) + 1 from users'));
  const bodies = readFileSync(file, 'utf8').trimEnd().split('\n');
  const batches = bodies.map((body) => {
    const { users } = JSON.parse(body) as { users: Template[] };
    return JSON.stringify(users.map((user) => rowOf(user, position++)));
  });
  return async () => {
    for (const rows of batches) {
      await client.query('begin');
      await client.query({ name: 'insert', text, values: [rows] });
      await client.query('commit');
    }
    return bodies.length * PAGE_USERS;
  };
}

function rowOf({ firstName, lastName, email, remoteId }: Template, position: number): object {
  const at = Date.now();
  const id = randomBytes(32).toString('hex');
  return {
    organization_id: organization,
    position,
    id,
    first_name: firstName,
    last_name: lastName,
    email,
    active: 1,
    remote_id: remoteId,
    document: JSON.stringify({ id, firstName, lastName, email, active: true, remoteId }),
    created_at: at,
    updated_at: at,
    synced: 1,
  };
}

async function stream(): Promise<Round> {
  const text = `select string_agg(document, ','), max(sort_key) from (select document, sort_key from completions
    where organization_id = $1 and sort_key > $2 order by sort_key limit ${CHUNK_RECORDS}) chunk`;
  return async () => {
    let bytes = 0;
    let after: string | null = '';
    while (after !== null) {
      const values: unknown[] = [organization, after];
      const { rows } = await client.query<[string | null, string | null]>({
        name: 'chunk',
        text,
        values,
        rowMode: 'array',
      });
      const [documents, last] = rows[0] ?? [null, null];
      bytes += Buffer.byteLength(documents ?? '');
      after = last;
    }
    return bytes / 1e6;
  };
}

const prepare = { pages, insert, stream }[mode as 'pages' | 'insert' | 'stream'];

process.on('message', async (asked: Asked) => {
  const run = await prepare(asked);
  const start = { at: performance.now(), cpu: process.cpuUsage() };
  const units = await run();
  const { user, system } = process.cpuUsage(start.cpu);
  process.send?.({ units, seconds: (performance.now() - start.at) / 1_000, cpuSeconds: (user + system) / 1e6 });
});
