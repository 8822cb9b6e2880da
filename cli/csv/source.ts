import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../exit.ts';

/** A file of rosters, or stdin. */
export interface RosterSource extends AsyncDisposable {
  /** How people know it. */
  readonly name: string;
  /** Its length in bytes; null where it is not known. */
  readonly size: number | null;
  /** Its bytes from the beginning, each time it is called; of stdin once, unless it was kept. */
  read(): AsyncIterable<Uint8Array>;
  /** Bytes handed out since the last `read`. */
  readonly position: number;
}

/** Larger than Node's own, as each piece is work for the parser. */
const READ_BYTES = 262_144;

/** `-` is stdin; with `keep` it is kept in a file, so that it can be read again. */
export async function openSource(path: string, keep: boolean): Promise<RosterSource> {
  if (path !== '-') return fileSource(path, path, await sizeOf(path), null);
  if (!keep) return stdinSource();
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-'));
  const copy = join(directory, 'roster.csv');
  try {
    await using file = await open(copy, 'wx', 0o600);
    for await (const bytes of process.stdin) await file.writeFile(bytes);
    return fileSource('stdin', copy, await sizeOf(copy), directory);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      error.code === 'ENOENT' ? `there is no file ${path}` : `cannot read ${path}: ${error.message}`,
    );
  });
  if (found.isDirectory()) throw new CommandError(`${path} is a directory: name the file in it`);
  return found.size;
}

function fileSource(name: string, path: string, size: number, directory: string | null): RosterSource {
  let position = 0;
  return {
    name,
    // A pipe with a name has no length.
    size: size > 0 ? size : null,
    get position() {
      return position;
    },
    async *read() {
      position = 0;
      for await (const bytes of createReadStream(path, { highWaterMark: READ_BYTES })) {
        position += bytes.length;
        yield bytes;
      }
    },
    async [Symbol.asyncDispose]() {
      if (directory !== null) await rm(directory, { recursive: true, force: true });
    },
  };
}

function stdinSource(): RosterSource {
  let position = 0;
  return {
    name: 'stdin',
    size: null,
    get position() {
      return position;
    },
    async *read() {
      for await (const bytes of process.stdin) {
        position += bytes.length;
        yield bytes;
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}
