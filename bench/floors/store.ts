/**
 * The least that could do the work of a batch in the store: bare prepared statements in one process, on a copy of the
 * same database (same tables, indexes and constraints), durable as the server's writes are (WAL, synchronous=FULL), 200
 * users in a transaction. A program of its own: `insert|lookup|update DATABASE`. Each message `{file}` names batches to
 * run, a JSON body a line as the server gets them; values are made ready before the clock starts. Answers
 * `{seconds, cpuSeconds}`.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Template } from '../datasets.ts';

type Value = string | number | null;

const [mode, path = ''] = process.argv.slice(2);
const database = new DatabaseSync(path);
// A greater cache than the server's; more brings nothing, since the operating system holds the file.
database.exec(`
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma foreign_keys = on;
  pragma cache_size = -16000;
`);
const { id: organization } = database.prepare('select min(id) as id from organizations').get() as { id: number };

function readBodies(file: string): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

function templatesOf(body: string): Template[] {
  return (JSON.parse(body) as { users: Template[] }).users;
}

function document(id: string, { firstName, lastName, email, remoteId }: Template): string {
  return JSON.stringify({ id, firstName, lastName, email, active: true, remoteId });
}

/** Runs one statement for each row, a transaction for each batch. */
function runBatches(statement: StatementSync, batches: readonly (readonly Value[])[][]): void {
  for (const batch of batches) {
    database.exec('begin immediate');
    for (const row of batch) statement.run(...row);
    database.exec('commit');
  }
}

function insert(bodies: readonly string[]): () => void {
  const { next } = database
    .prepare('select max(position) + 1 as next from users where organization_id = ?')
    .get(organization) as { next: number };
  const statement = database.prepare(
    `insert into users (organization_id, position, id, first_name, last_name, email, active, remote_id, document,
     created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const at = Date.now();
  let position = next;
  const batches = bodies.map((body) =>
    templatesOf(body).map((user) => {
      const id = at.toString(16).padStart(12, '0') + randomBytes(26).toString('hex');
      const { firstName, lastName, email, remoteId } = user;
      const named = [position++, id, firstName, lastName, email, 1, remoteId, document(id, user)];
      return [organization, ...named, at, at];
    }),
  );
  return () => runBatches(statement, batches);
}

/** By primary key, and only the columns that a change of name touches. */
function update(bodies: readonly string[]): () => void {
  const find = database.prepare('select position, id from users where organization_id = ? and remote_id = ?');
  const statement = database.prepare(
    'update users set first_name = ?, last_name = ?, document = ?, updated_at = ? where organization_id = ? and position = ?',
  );
  const at = Date.now();
  const batches = bodies.map((body) =>
    templatesOf(body).map((user) => {
      const { position, id } = find.get(organization, user.remoteId) as { position: number; id: string };
      return [user.firstName, user.lastName, document(id, user), at, organization, position];
    }),
  );
  return () => runBatches(statement, batches);
}

function lookup(bodies: readonly string[]): () => void {
  const statement = database.prepare('select document from users where organization_id = ? and remote_id = ?');
  statement.setReturnArrays(true);
  return () => {
    for (const body of bodies) {
      database.exec('begin');
      for (const { remoteId } of templatesOf(body)) {
        if (!statement.get(organization, remoteId)) throw new Error(`no user has the remoteId ${remoteId}`);
      }
      database.exec('commit');
    }
  };
}

const prepare = { insert, lookup, update }[mode as 'insert' | 'lookup' | 'update'];

process.on('message', ({ file }: { file: string }) => {
  const run = prepare(readBodies(file));
  const start = { at: performance.now(), cpu: process.cpuUsage() };
  run();
  const { user, system } = process.cpuUsage(start.cpu);
  process.send?.({ seconds: (performance.now() - start.at) / 1_000, cpuSeconds: (user + system) / 1e6 });
});
