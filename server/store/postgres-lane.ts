import { PostgresConnection } from './postgres-connection.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { openClient } from './postgres-pool.ts';
import type { Lane } from './snapshot-pool.ts';

/** A connection for long reads. */
export async function openLane(options: Pick<PostgresOptions, 'url' | 'statementTimeoutMs'>): Promise<Lane> {
  const client = await openClient(options);
  const connection = new PostgresConnection(client);
  return {
    connection,
    begin: () => connection.exec('begin isolation level repeatable read read only'),
    end: () => connection.exec('rollback'),
    close: () => client.end().catch(() => {}),
  };
}
