import type { listCompletions } from '@rollcall/contract/completions.ts';
import { readCursor, writeCursor } from '../domain/cursor.ts';
import {
  type CompletionChunk,
  type CompletionFilter,
  lastCompletionChange,
  streamCompletions,
} from '../store/completions.ts';
import { mostWanted } from './accept.ts';
import { completionCsv } from './completion-csv.ts';
import type { Call, Handler, StreamedBody } from './context.ts';
import { withDueSessionsEnded } from './due-sessions.ts';

/** GET /v1/completions as a JSON array, NDJSON or CSV; streamed, so that memory stays flat whatever its length. */
export const handleListCompletions: Handler<typeof listCompletions> = async (received) => {
  const call = await withDueSessionsEnded(received);
  const { account, query } = call;
  const format = mostWanted(call.header('accept'), formatOf, 'json');
  const filter = completionFilter(call);
  return {
    contentType: CONTENT_TYPES[format],
    version: `completions ${account.organization} ${account.completionsVersion} ${JSON.stringify(query)}`,
    body: () => openBody(call, filter, format),
  };
};

/** The cursor is read on the same snapshot as the records, so that no change is missed or seen twice. */
async function openBody(call: Call, filter: CompletionFilter, format: Format): Promise<StreamedBody> {
  const { organization, completionsVersion: version } = call.account;
  const stringing = format === 'json' ? { opening: '[', separator: ',' } : { opening: '', separator: '\n' };
  const snapshot = await call.database.beginSnapshot(
    organization,
    { column: 'completions_version', version },
    async (connection) => ({
      change: await lastCompletionChange(organization, connection),
      chunks: await begun(streamCompletions(organization, connection, filter, stringing)),
    }),
  );
  const { change, chunks } = snapshot.begun;
  return {
    headers: { 'x-next-cursor': writeCursor(organization, change) },
    chunks: FORMATS[format](counted(call, chunks)),
    close: async () => snapshot[Symbol.asyncDispose](),
  };
}

/** The same chunks, the first of them read already: where that fails, nothing has been sent yet. */
async function begun<T>(chunks: AsyncGenerator<T, void>): Promise<AsyncIterable<T>> {
  const first = await chunks.next();
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* chunks;
  })();
}

async function* counted({ metrics }: Call, chunks: AsyncIterable<CompletionChunk>): AsyncGenerator<Uint8Array> {
  for await (const { bytes, records } of chunks) {
    metrics.completionsStreamed.inc(records);
    yield bytes;
  }
}

type Format = 'json' | 'ndjson' | 'csv';

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
};

const FORMATS: Readonly<Record<Format, (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>>> = {
  json: jsonArray,
  ndjson: jsonLines,
  csv: completionCsv,
};

function formatOf(type: string): Format | null {
  if (type === 'text/csv') return 'csv';
  if (type === 'application/x-ndjson' || type === 'application/ndjson') return 'ndjson';
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return null;
}

function completionFilter({ account, query }: Call<typeof listCompletions>): CompletionFilter {
  const { from, to, clusterId, remoteUserId, changedSince } = query;
  return {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(clusterId !== undefined && { clusterId }),
    ...(remoteUserId !== undefined && { remoteUserId }),
    ...(changedSince !== undefined && {
      changedSince: readCursor(account.organization, changedSince, account.completionsChangeLast),
    }),
  };
}

const encoder = new TextEncoder();
const EMPTY = encoder.encode('[]');
const CLOSE = encoder.encode(']');
const NEWLINE = encoder.encode('\n');

/** The array is closed only after the last chunk: whoever sees the bracket has everything. */
async function* jsonArray(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let end = EMPTY;
  for await (const chunk of chunks) {
    yield chunk;
    end = CLOSE;
  }
  yield end;
}

async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isEmpty = true;
  for await (const chunk of chunks) {
    yield chunk;
    isEmpty = false;
  }
  if (!isEmpty) yield NEWLINE;
}
