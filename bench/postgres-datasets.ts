import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type Postgres, startPostgres } from '../scripts/postgres.js';
import type { Cores } from './cores.ts';
import { type DatasetSize, seed } from './seed.ts';

/** As an operator would have it: nothing that was answered is lost with the machine. */
const DURABLE = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' };
/** A gigabyte of cache, rare checkpoints and a disk without heads, with which any guide to PostgreSQL begins. */
const SIZED = { shared_buffers: '1GB', max_wal_size: '4GB', random_page_cost: '1.1', max_connections: '100' };

export interface PostgresDataset {
  /** Where the server keeps what it keeps in files. */
  readonly directory: string;
  readonly databaseUrl: string;
}

/** A PostgreSQL of a run's own on 127.0.0.1, with a database for each dataset; gone at the end of the run. */
export class PostgresDatasets implements AsyncDisposable {
  readonly #postgres: Postgres;
  readonly #root: string;
  readonly #cores: Cores;
  readonly #made = new Set<string>();
  #copies = 0;

  /** `root`: a directory for keys and scratch, which is there. */
  static async start(root: string, cores: Cores): Promise<PostgresDatasets> {
    return new PostgresDatasets(await startPostgres({ settings: { ...DURABLE, ...SIZED } }), root, cores);
  }

  private constructor(postgres: Postgres, root: string, cores: Cores) {
    this.#postgres = postgres;
    this.#root = root;
    this.#cores = cores;
  }

  has(size: Required<DatasetSize>): boolean {
    return this.#made.has(nameOf(size));
  }

  /** The database of that size, made where it is missing; its keys are in `keysFile` of its directory. */
  async get(size: Required<DatasetSize>, keysFile: string): Promise<PostgresDataset> {
    const name = nameOf(size);
    const dataset = { directory: join(this.#root, name), databaseUrl: this.#postgres.url(name) };
    if (this.#made.has(name)) return dataset;
    await mkdir(dataset.directory, { recursive: true });
    await this.#administer(`create database ${name}`);
    await seed({ env: environmentOf(dataset), keysFile: join(dataset.directory, keysFile) }, size, this.#cores);
    // What a database in use has done long ago, and would else do while it is measured.
    await run(dataset.databaseUrl, 'vacuum analyze');
    await this.#administer('checkpoint');
    this.#made.add(name);
    return dataset;
  }

  /** A copy to write to; gone once disposed. Nobody may be connected to the original meanwhile. */
  async copy({ databaseUrl }: PostgresDataset): Promise<PostgresDataset & AsyncDisposable> {
    const name = `bench_copy_${++this.#copies}`;
    const original = new URL(databaseUrl).pathname.slice(1);
    await this.#administer(`create database ${name} template ${original} strategy file_copy`);
    const directory = await mkdtemp(join(this.#root, 'copy-'));
    return {
      directory,
      databaseUrl: this.#postgres.url(name),
      [Symbol.asyncDispose]: async () => {
        await this.#administer(`drop database ${name} with (force)`);
        await rm(directory, { recursive: true, force: true });
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#postgres.remove();
  }

  #administer(sql: string): Promise<void> {
    return run(this.#postgres.url('postgres'), sql);
  }
}

/** The settings by which the server finds a dataset. */
export function environmentOf({ directory, databaseUrl }: PostgresDataset): NodeJS.ProcessEnv {
  return { DATA_DIR: directory, DATABASE_URL: databaseUrl };
}

function nameOf({ organizations, users, completions }: Required<DatasetSize>): string {
  return `bench_${organizations}_${users}_${completions}`;
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
