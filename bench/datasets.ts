import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { Cores } from './cores.ts';
import type { Engine } from './options.ts';
import { environmentOf, PostgresDatasets } from './postgres-datasets.ts';
import { type DatasetSize, seed } from './seed.ts';

const DATABASE = 'rollcall.db';
const KEYS = 'keys.jsonl';
/** Names the migrations that made the tables, so that a kept database of other tables is made anew. */
const SCHEMA = 'schema';
const MIGRATIONS = fileURLToPath(new URL('../server/store/migrations', import.meta.url));
const READ_BYTES = 4_194_304;

/** A data directory full of generated rows, and the API keys of its organizations. */
export interface Dataset {
  readonly directory: string;
  readonly keys: readonly string[];
  /** Where its rows are instead, with PostgreSQL. */
  readonly databaseUrl?: string;
}

/** The settings by which the server finds a dataset. */
export function settingsOf({ directory, databaseUrl }: Dataset): NodeJS.ProcessEnv {
  return databaseUrl === undefined ? { DATA_DIR: directory } : environmentOf({ directory, databaseUrl });
}

/** A user of a dataset as a directory of people would send it. */
export interface Template {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly remoteId: string;
}

/**
 * The databases of a run, each generated once by `rollcall seed` and left as generated: what writes, writes to a copy.
 * They are removed at the end unless the run was told where to keep them.
 */
export class Datasets implements AsyncDisposable {
  readonly #root: string;
  /** Below the root, so that copies are on its disk; always removed. */
  readonly #scratch: string;
  readonly #kept: boolean;
  readonly #cores: Cores;
  readonly #say: (text: string) => void;
  #postgres: PostgresDatasets | undefined;

  static async open(keep: string | undefined, cores: Cores, say: (text: string) => void): Promise<Datasets> {
    if (keep !== undefined) await mkdir(keep, { recursive: true });
    const root = keep === undefined ? await mkdtemp(join(tmpdir(), 'rollcall-bench-')) : resolve(keep);
    return new Datasets(root, await mkdtemp(join(root, 'scratch-')), keep !== undefined, cores, say);
  }

  private constructor(root: string, scratch: string, kept: boolean, cores: Cores, say: (text: string) => void) {
    this.#root = root;
    this.#scratch = scratch;
    this.#kept = kept;
    this.#cores = cores;
    this.#say = say;
  }

  /** The dataset of that size; with SQLite its file is in the operating system's cache. */
  async get({ organizations = 1, users, completions = 0 }: DatasetSize, engine: Engine = 'sqlite'): Promise<Dataset> {
    if (engine === 'postgres') return this.#getPostgres({ organizations, users, completions });
    const directory = join(this.#root, `${organizations}x${users}-users-${completions}-completions`);
    if (!(await isUsable(directory))) await this.#generate(directory, { organizations, users, completions });
    const keys = await readKeys(directory);
    if (keys.length < organizations) throw new Error(`${directory} has ${keys.length} keys, not ${organizations}`);
    await readThrough(join(directory, DATABASE));
    return { directory, keys };
  }

  /** A copy to write to; gone once disposed. */
  async copy(dataset: Dataset): Promise<Dataset & AsyncDisposable> {
    const { databaseUrl, keys } = dataset;
    if (databaseUrl !== undefined) {
      const copied = await (await this.#startedPostgres()).copy({ ...dataset, databaseUrl });
      return { ...copied, keys };
    }
    const directory = await mkdtemp(join(this.#scratch, 'copy-'));
    const source = join(dataset.directory, DATABASE);
    emptyLog(source);
    await copyFile(source, join(directory, DATABASE), constants.COPYFILE_FICLONE);
    await flush(join(directory, DATABASE));
    return {
      directory,
      keys,
      [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
    };
  }

  /** Adds to a copy what it lacks to a greater size. */
  async grow(copy: Dataset, size: DatasetSize): Promise<void> {
    await seed({ env: settingsOf(copy) }, size, this.#cores);
  }

  /** Where a file of this run may be written; gone at its end. */
  scratch(name: string): string {
    return join(this.#scratch, name);
  }

  /** A directory below the root, kept where databases are. */
  async directory(name: string): Promise<string> {
    const path = join(this.#root, name);
    await mkdir(path, { recursive: true });
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#postgres?.[Symbol.asyncDispose]();
    await rm(this.#scratch, { recursive: true, force: true });
    if (!this.#kept) await rm(this.#root, { recursive: true, force: true });
  }

  async #generate(directory: string, size: Required<DatasetSize>): Promise<void> {
    this.#say(`generating ${describe(size)}`);
    const unfinished = `${directory}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    await seed({ env: { DATA_DIR: unfinished }, keysFile: join(unfinished, KEYS) }, size, this.#cores);
    await flush(join(unfinished, DATABASE));
    await writeFile(join(unfinished, SCHEMA), await schemaFingerprint());
    await rm(directory, { recursive: true, force: true });
    await rename(unfinished, directory);
  }

  async #getPostgres(size: Required<DatasetSize>): Promise<Dataset> {
    const postgres = await this.#startedPostgres();
    if (!postgres.has(size)) this.#say(`generating on PostgreSQL: ${describe(size)}`);
    const made = await postgres.get(size, KEYS);
    return { ...made, keys: await readKeys(made.directory) };
  }

  async #startedPostgres(): Promise<PostgresDatasets> {
    this.#postgres ??= await PostgresDatasets.start(this.#scratch, this.#cores);
    return this.#postgres;
  }
}

function describe({ organizations, users, completions }: Required<DatasetSize>): string {
  return `${organizations} x ${users} users, ${completions} completions`;
}

async function isUsable(directory: string): Promise<boolean> {
  const schema = await readFile(join(directory, SCHEMA), 'utf8').catch(() => null);
  return schema !== null && schema === (await schemaFingerprint());
}

async function schemaFingerprint(): Promise<string> {
  const files = (await readdir(MIGRATIONS)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(MIGRATIONS, file), 'utf8')));
  return hash('sha256', texts.join('\n'), 'hex');
}

async function readKeys(directory: string): Promise<string[]> {
  const lines = (await readFile(join(directory, KEYS), 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { key: string }).key);
}

/** Moves what is still in the write-ahead log into the database file, so that the file alone is the database. */
function emptyLog(path: string): void {
  using database = new DatabaseSync(path);
  database.exec('pragma wal_checkpoint(truncate)');
}

/** Brings a file into the operating system's cache: the disk is not what is measured. */
async function readThrough(path: string): Promise<void> {
  await using file = await open(path);
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  while ((await file.read(buffer)).bytesRead > 0);
}

/** To disk with it now, so that no later sync pays for the copying. */
async function flush(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}

/** The users at these positions of the dataset's first organization, in their order. */
export function readTemplates({ directory }: Dataset, positions: readonly number[]): Template[] {
  using database = new DatabaseSync(join(directory, DATABASE));
  const statement = database.prepare(
    `select first_name as firstName, last_name as lastName, email, remote_id as remoteId from users
     where organization_id = (select min(id) from organizations) and position = ?`,
  );
  return positions.map((position) => ({ ...statement.get(position) }) as unknown as Template);
}
