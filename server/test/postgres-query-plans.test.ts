import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStorage, runStatement, type TestStorage } from './support/engine.ts';
import { createInstallation } from './support/program.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

/** Enough that to read all of them costs more than the hundred looks at an index that a JSON array is taken for. */
const USERS = 20_000;
const COMPLETIONS = 20_000;
/** The tables that are that large: none of an organization's requests may read them from end to end. */
const LARGE = ['users', 'completions', 'registrations'];
/** As statements are planned the first times, and as they may be once they were prepared. */
const MODES = ['force_custom_plan', 'force_generic_plan'];

/** The seed's completions have no sessions behind them: here is a seat for each user. */
const SEATS = [
  `insert into sessions (organization_id, id, cluster_id, scheduled_start_at, scheduled_end_at, capacity, state, created_at)
    select organization_id, 's' || number, id, number, number + 1, 6, 'ended', 0
    from (select organization_id, id from clusters limit 1) as one, generate_series(0, 4999) as number`,
  `insert into registrations (organization_id, id, session_id, user_id, join_token, created_at)
    select organization_id, 'r' || position, 's' || position % 5000, id, 'j' || position, 0 from users`,
];

interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** A node of a plan in PostgreSQL's JSON. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Recheck Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

let storage: TestStorage;
let server: TestServer;
let key: string;
beforeAll(async () => {
  storage = await createStorage({ migrated: true });
  const { DATA_DIR, DATABASE_URL: url = '' } = storage.environment;
  await using installation = await createInstallation();
  const keys = join(DATA_DIR, 'keys.jsonl');
  const size = ['--users', `${USERS}`, '--completions', `${COMPLETIONS}`, '--keys-file', keys];
  const seeded = await installation.runWith({ DATABASE_URL: url }, 'seed', '--org', 'large', ...size);
  expect(seeded).toMatchObject({ code: 0 });
  ({ key } = JSON.parse(await readFile(keys, 'utf8')) as { key: string });
  for (const statement of [...SEATS, 'analyze']) await runStatement(url, statement);
  server = await startTestServer({ environment: { DATABASE_URL: url } });
}, 120_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await storage[Symbol.asyncDispose]();
});

/** The statements with values that are run meanwhile, each text once. */
async function statementsDuring(work: () => Promise<unknown>): Promise<Statement[]> {
  const statements = new Map<string, Statement>();
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
    const [statement] = given as [Partial<Statement> | string];
    if (typeof statement === 'object' && statement.text) statements.set(statement.text, statement as Statement);
    return query.apply(this, given as never);
  } as typeof query;
  try {
    await work();
  } finally {
    pg.Client.prototype.query = query;
  }
  expect(statements.size, 'statements seen').toBeGreaterThan(2);
  return [...statements.values()].filter(({ text }) => /^(select|insert|update|delete|with)/i.test(text));
}

/** What in the plans of the statements reads all rows of a large table, or all of an organization's. */
async function readsOfAll(statements: readonly Statement[]): Promise<string[]> {
  const client = new pg.Client(storage.environment.DATABASE_URL);
  await client.connect();
  try {
    // As docs/postgresql.md tells operators: disks have no heads to move any more.
    await client.query('set random_page_cost = 1.1');
    const found: string[] = [];
    for (const mode of MODES) {
      await client.query(`set plan_cache_mode = ${mode}`);
      for (const statement of statements) {
        const node = await planOf(client, statement);
        found.push(...nodesThatReadAll(node, false).map((what) => `${what} (${mode})\n    in ${statement.text}`));
      }
    }
    return found;
  } finally {
    await client.end();
  }
}

async function planOf(client: pg.Client, { text, values = [] }: Statement): Promise<PlanNode> {
  const literals = values.map((value) => (value === null ? 'null' : client.escapeLiteral(String(value))));
  await client.query(`prepare statement as ${text}`);
  const list = literals.length === 0 ? '' : `(${literals.join()})`;
  const { rows } = await client.query(`explain (format json) execute statement${list}`);
  await client.query('deallocate statement');
  return (rows as { 'QUERY PLAN': [{ Plan: PlanNode }] }[])[0]?.['QUERY PLAN'][0].Plan as PlanNode;
}

/** Up to a limit is not all, as long as nothing has to be sorted first. */
function nodesThatReadAll(node: PlanNode, isLimited: boolean): string[] {
  const { 'Node Type': type, 'Relation Name': table = '', Plans = [] } = node;
  const condition = node['Index Cond'] ?? node['Recheck Cond'];
  const isWhole = /^(Seq|(Bitmap )?(Heap|Index)( Only)?) Scan$/.test(type) && isAll(type, condition);
  const here = LARGE.includes(table) && isWhole && !isLimited ? [`${type} of ${table}: ${condition}`] : [];
  const below = type === 'Limit' || (isLimited && !/^(Sort|Hash|Aggregate)$/.test(type));
  return [...here, ...Plans.flatMap((plan) => nodesThatReadAll(plan, below))];
}

function isAll(type: string, condition: string | undefined): boolean {
  return type === 'Seq Scan' || condition === undefined || /^\(+(\w+\.)?organization_id = [^)]+\)+$/.test(condition);
}

test('no batch and no list reads all users, completions or registrations of an organization', async () => {
  const get = async (path: string) => expect((await server.request(path, { key })).status).toBe(200);
  const post = async (path: string, users: object[], headers = {}) =>
    expect((await server.request(path, { method: 'POST', key, body: { users }, headers })).status).toBe(200);
  const statements = await statementsDuring(async () => {
    const users = [{ remoteId: 'new', email: 'new@example.com' }, { remoteId: 'new-2' }];
    await post('/v1/users/batch-upsert', users, { 'Idempotency-Key': 'k1' });
    await post('/v1/users/batch-upsert', [{ ...users[0], firstName: 'Ada', active: false }]);
    const many = Array.from({ length: 200 }, (_, index) => ({ remoteId: `many-${index}` }));
    await post('/v1/users/batch-upsert', many);
    await post('/v1/users/batch-deactivate', many);
    await get('/v1/users?page=20');
    await get('/v1/users?email=new@example.com');
    await get('/v1/users?remoteId=new');
    await get('/v1/users?active=false');
    await get('/v1/users?updatedSince=2020-01-01T00:00:00Z&active=true');
    await get('/v1/clusters');
    await get('/v1/completions');
    await get('/v1/completions?from=2024-01-01T00:00:00Z&remoteUserId=new');
    await get('/v1/completions?clusterId=0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11&to=2030-01-01T00:00:00Z');
  });
  expect(await readsOfAll(statements)).toEqual([]);
});

test('the plans tell when all is read', async () => {
  const all = 'select count(*) from users where organization_id = $1';
  const some = 'select document from users where organization_id = $1 and position >= $2 and position < $3';
  const found = await readsOfAll([
    { text: all, values: [1] },
    { text: some, values: [1, 0, 200] },
  ]);
  expect(found).toEqual([expect.stringContaining(all), expect.stringContaining(all)]);
});
