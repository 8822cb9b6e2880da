import pg from 'pg';
import { postgresError } from './dialect.ts';
import type { PostgresOptions } from './postgres-options.ts';

/** How long anyone waits for a free connection, or for the server to answer to a new one. */
const CONNECT_MS_MAX = 5_000;
/** A writer that stands still holds its organization's lock; only a process that is gone without a word does. */
const IDLE_IN_TRANSACTION_MS_MAX = 60_000;
const IDLE_MS_MAX = 30_000;
/** Beyond the server's own limit for a statement: who says nothing by then is gone without a word. */
const SILENCE_MS = 5_000;

function clientConfig({
  url,
  statementTimeoutMs,
}: Pick<PostgresOptions, 'url' | 'statementTimeoutMs'>): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    statement_timeout: statementTimeoutMs,
    ...(statementTimeoutMs > 0 && { query_timeout: statementTimeoutMs + SILENCE_MS }),
    application_name: 'rollcall',
    keepAlive: true,
  };
}

/**
 * A pool whose connections may break at any time: nobody is told but whoever uses one at that moment. Without the two
 * listeners a server that goes away would end our process.
 */
export function openPool(options: Pick<PostgresOptions, 'url' | 'poolSize' | 'statementTimeoutMs'>): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(options),
    max: options.poolSize,
    idleTimeoutMillis: IDLE_MS_MAX,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS_MAX,
  });
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}

/** A connection of its own, connected; the caller ends it. */
export async function openClient(options: Pick<PostgresOptions, 'url' | 'statementTimeoutMs'>): Promise<pg.Client> {
  const client = new pg.Client(clientConfig(options));
  client.on('error', ignore);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(ignore);
    throw postgresError(error);
  }
  return client;
}

/** Whoever waits for a statement of the connection hears of it as that statement's error. */
function ignore(): void {}
