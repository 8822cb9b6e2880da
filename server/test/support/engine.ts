import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';

/** The migrated database of which every test's own is a copy. */
export const TEMPLATE = 'rollcall_template';

/** Which engine the tests of this run store in. */
export function testEngine(): 'sqlite' | 'postgres' {
  return inject('postgresUrl') === undefined ? 'sqlite' : 'postgres';
}

/** An empty place to store in, of the engine that this run of the tests is about. */
export interface TestStorage extends AsyncDisposable {
  /** What the environment says of it. */
  readonly environment: { readonly DATA_DIR: string; readonly DATABASE_URL?: string };
}

/** `migrated` where the tables should be there already (which saves time on PostgreSQL). */
export async function createStorage({ migrated }: { readonly migrated: boolean }): Promise<TestStorage> {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-'));
  const removeDirectory = () => rm(directory, { recursive: true, force: true, maxRetries: 5 });
  const url = inject('postgresUrl');
  if (url === undefined) return { environment: { DATA_DIR: directory }, [Symbol.asyncDispose]: removeDirectory };
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runStatement(url, `create database ${name}${migrated ? ` template ${TEMPLATE}` : ''}`);
  return {
    environment: { DATA_DIR: directory, DATABASE_URL: Object.assign(new URL(url), { pathname: name }).href },
    async [Symbol.asyncDispose]() {
      await runStatement(url, `drop database ${name} with (force)`);
      await removeDirectory();
    },
  };
}

/** Runs one statement on a connection of its own. */
export async function runStatement(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
