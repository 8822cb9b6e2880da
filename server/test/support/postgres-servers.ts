import pg from 'pg';
import { createStorage } from './engine.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/** Two servers on one PostgreSQL database, each with a pool, jobs and a clock of its own, as two processes have. */
export interface TwoServers extends AsyncDisposable {
  readonly one: TestServer;
  readonly other: TestServer;
  /** Of their database. */
  readonly url: string;
}

export async function startTwo(environment: Readonly<Record<string, string>> = {}): Promise<TwoServers> {
  const storage = await createStorage({ migrated: true });
  const { DATABASE_URL: url = '' } = storage.environment;
  const start = () => startTestServer({ environment: { ...environment, DATABASE_URL: url } });
  const one = await start();
  const other = await start();
  return {
    one,
    other,
    url,
    async [Symbol.asyncDispose]() {
      await one[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
    },
  };
}

/** The rows of a statement on a connection of its own. */
export async function askServer<Row extends object>(url: string, statement: string): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}
