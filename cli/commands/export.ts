import { ApiError } from '@rollcall/client';
import { type ClientOptions, type Context, withContext } from '../context.ts';
import { readCursor, writeCursor } from '../cursors.ts';
import { CommandError, usageError } from '../exit.ts';
import { beginFile } from '../files.ts';
import { counted } from '../ui.ts';

export const exportFormats = ['csv', 'ndjson', 'json'] as const;

export interface ExportOptions extends ClientOptions {
  readonly from?: string;
  readonly to?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly format: (typeof exportFormats)[number];
  readonly out?: string;
  readonly sinceLast?: true;
  readonly cursor: string;
  readonly again?: true;
}

type Write = (bytes: string | Uint8Array) => Promise<void>;

/** `rollcall completions export`. */
export async function exportCompletions(options: ExportOptions): Promise<void> {
  if (options.json && options.out === undefined) {
    throw usageError(
      '--json tells of the export on stdout, where the records go without --out FILE: name a file, or write --format json',
    );
  }
  if (options.again && !options.sinceLast) throw usageError('--again begins --since-last anew: write both');
  await withContext(options, async (context) => {
    const query = queryOf(options);
    const since = options.sinceLast && !options.again ? await lastCursor(context, options.cursor, query) : undefined;
    const asked = { ...query, ...(since !== undefined && { changedSince: since }) };
    const { records, cursor } = await deliver(context, options, asked).catch((error) => {
      if (since === undefined || !(error instanceof ApiError) || !aboutCursor(error)) throw error;
      throw new CommandError(
        `the server does not know the cursor "${options.cursor}" of ${context.target.name}: it is of another organization. Use another --cursor NAME, or fetch everything anew with --again`,
        1,
        { cause: error },
      );
    });
    // Only now: until what it stands for is where it belongs, the next run must fetch it again.
    if (options.sinceLast && cursor !== null) {
      const savedAt = new Date().toISOString();
      await writeCursor(context.environment, context.target.name, options.cursor, { cursor, query, savedAt });
    }
    const { ui } = context;
    if (ui.json) await ui.printJson({ out: options.out, records, cursor });
    else ui.note(`${counted(records, 'record')}${options.out === undefined ? '' : ` written to ${options.out}`}.`);
  });
}

function queryOf({ from, to, cluster, user }: ExportOptions): Record<string, string> {
  return {
    ...(from && { from }),
    ...(to && { to }),
    ...(cluster && { clusterId: cluster }),
    ...(user && { remoteUserId: user }),
  };
}

async function lastCursor({ environment, target }: Context, name: string, query: Record<string, string>) {
  const stored = await readCursor(environment, target.name, name);
  if (!stored) return undefined;
  if (sorted(stored.query) === sorted(query)) return stored.cursor;
  throw usageError(
    `the cursor "${name}" goes on with an export of ${sorted(stored.query)}, not of ${sorted(query)}. Ask for the same, use another --cursor NAME, or begin anew with --again`,
  );
}

function sorted(query: Readonly<Record<string, string>>): string {
  const text = Object.entries(query).sort(([one], [other]) => (one < other ? -1 : 1));
  return text.length === 0 ? 'all records' : text.map(([name, value]) => `${name} ${value}`).join(', ');
}

function aboutCursor(error: ApiError): boolean {
  return error.issues.some(({ parameter }) => parameter === 'changedSince');
}

/** Brings the records where they belong; a file appears whole or not at all. */
async function deliver(context: Context, options: ExportOptions, query: Record<string, string>) {
  if (options.out === undefined) return await copy(context, options, query, context.ui.write);
  await using file = await beginFile(options.out);
  const result = await copy(context, options, query, (bytes) => file.write(bytes));
  await file.commit();
  return result;
}

async function copy(
  { rollcall, ui, signal }: Context,
  { format, out }: ExportOptions,
  query: Record<string, string>,
  write: Write,
) {
  using progress = ui.progress(out === undefined ? 'Exporting' : `Writing ${out}`);
  let records = 0;
  const show = (count: number) => {
    records += count;
    progress.show(counted(records, 'record'), null);
  };
  if (format === 'json') {
    const list = rollcall.completions.list(query, { signal });
    let text = '[';
    for await (const record of list) {
      text += `${records === 0 ? '' : ','}\n${JSON.stringify(record)}`;
      show(1);
      if (text.length < 65_536) continue;
      await write(text);
      text = '';
    }
    await write(`${text}\n]\n`);
    return { records, cursor: list.nextCursor };
  }
  const stream = rollcall.completions.download(format, query, { signal });
  const counter = format === 'csv' ? csvCounter() : lineCounter();
  for await (const bytes of stream) {
    show(counter(bytes));
    await write(bytes);
  }
  return { records, cursor: stream.nextCursor };
}

function lineCounter(): (bytes: Uint8Array) => number {
  return (bytes) => bytes.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
}

/** Lines outside of quotes, without the header. A quote within quotes is doubled, so that it opens them again at once. */
function csvCounter(): (bytes: Uint8Array) => number {
  let isQuoted = false;
  let isHeader = true;
  return (bytes) => {
    let count = 0;
    for (const byte of bytes) {
      if (byte === 0x22) isQuoted = !isQuoted;
      if (byte !== 0x0a || isQuoted) continue;
      count += isHeader ? 0 : 1;
      isHeader = false;
    }
    return count;
  };
}
