import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file of which nobody sees a part: it appears whole, or stays as it was. */
export interface PendingFile extends AsyncDisposable {
  write(bytes: string | Uint8Array): Promise<void>;
  /** Puts it in its place, and on the disk. */
  commit(): Promise<void>;
}

/** Begins a file beside its place; without `commit` it is removed when disposed. */
export async function beginFile(path: string, mode = 0o666): Promise<PendingFile> {
  const temporary = join(dirname(path), `.${randomUUID()}.part`);
  const file = await open(temporary, 'wx', mode);
  let isOpen = true;
  const close = async () => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  return {
    async write(bytes) {
      await writeAll(file, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    },
    async commit() {
      await file.sync();
      await close();
      await rename(temporary, path);
      await syncDirectory(dirname(path));
    },
    async [Symbol.asyncDispose]() {
      await close();
      await rm(temporary, { force: true });
    },
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

/** A rename is on the disk once its directory is. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Writes a file of settings that nobody else may read. */
export async function writePrivately(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await using file = await beginFile(path, 0o600);
  await file.write(`${JSON.stringify(value, null, 2)}\n`);
  await file.commit();
}

/** The JSON in a file; null where there is no file. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new Error(`cannot read ${path}: ${error.message}`, { cause: error });
  });
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} is damaged: it holds no JSON. Mend or remove it`, { cause });
  }
}
