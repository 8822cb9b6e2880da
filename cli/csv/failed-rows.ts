import { basename, dirname, extname, join } from 'node:path';
import { beginFile, type PendingFile } from '../files.ts';
import { encode, encodedMark } from './encoding.ts';
import type { Roster } from './roster.ts';
import { csvLine } from './write.ts';

/** Header of the column that says why. Importing ignores it, so that the corrected file can be sent as it is. */
const REASON = 'Rollcall reason';

/** `staff.csv` -> `staff.failed.csv`; null for stdin, which has no place. */
export function failedRowsPath(source: string): string | null {
  if (source === '-') return null;
  const extension = extname(source);
  return join(dirname(source), `${basename(source, extension)}.failed${extension || '.csv'}`);
}

/** Writes rows that failed in the shape of the file they come from, to be corrected and sent again. */
export class FailedRows implements AsyncDisposable {
  readonly #path: string | null;
  readonly #roster: Roster;
  #file: PendingFile | null = null;
  #lines: string[] = [];
  count = 0;

  /** `path` null: they are only counted. */
  constructor(path: string | null, roster: Roster) {
    this.#path = path;
    this.#roster = roster;
  }

  add(cells: readonly string[], reason: string): void {
    this.count += 1;
    if (this.#path === null) return;
    // The reason of an earlier attempt gives way to the new one; a row that is too long keeps what it has.
    const { headers } = this.#roster.mapping;
    const hasReason = headers.at(-1) === REASON;
    const own = hasReason ? [...cells.slice(0, headers.length - 1), ...cells.slice(headers.length)] : cells;
    this.#lines.push(this.#line([...own, ...missing(own.length, headers.length - (hasReason ? 1 : 0)), reason]));
  }

  /** Writes what was added; to be called now and then, so that memory stays flat. */
  async flush(): Promise<void> {
    if (this.#path === null || this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#file ??= await this.#begin(this.#path);
    await this.#file.write(encode(lines.join(''), this.#roster.shape().encoding));
  }

  /** Puts the file in its place; answers where that is, or null where no row failed. */
  async commit(): Promise<string | null> {
    await this.flush();
    await this.#file?.commit();
    return this.#file ? this.#path : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.[Symbol.asyncDispose]();
  }

  async #begin(path: string): Promise<PendingFile> {
    const file = await beginFile(path);
    const shape = this.#roster.shape();
    const headers = this.#roster.mapping.headers.filter((header) => header !== REASON);
    await file.write(encodedMark(shape));
    await file.write(encode(this.#line([...headers, REASON]), shape.encoding));
    return file;
  }

  #line(cells: readonly string[]): string {
    return csvLine(cells, this.#roster.delimiter) + this.#roster.lineEnd;
  }
}

/** Empty cells that a short row lacks, so that the reason stands in its column. */
function missing(length: number, wanted: number): string[] {
  return Array.from({ length: Math.max(0, wanted - length) }, () => '');
}
