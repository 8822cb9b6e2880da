import { sql } from 'kysely';
import { listTableShapes, type TableShape } from './copy-catalog.ts';
import { type Comparison, compareDatabases, type Side } from './copy-compare.ts';
import { countRows, insertRows, keyOf, readRowsAfter } from './copy-rows.ts';
import { createCopyState, dropCopyState, findCopySource, findMark, isEmpty, putMark } from './copy-state.ts';
import type { Connection, Database } from './database.ts';
import { engineOf } from './dialect.ts';
import { listOrganizations } from './organizations.ts';
import type { OrganizationId } from './tables.ts';

/** Rows of one transaction of the target. */
const ROWS_AT_ONCE = 2_000;

export interface CopyOptions {
  /** What is copied, in words: a half-done copy goes on only with the same source. */
  readonly source: string;
  /** Told of the number of all rows once it is known. */
  readonly onTotal: (rows: number) => void;
  readonly onCopied: (rows: number) => void;
}

/** Why a target cannot be copied to. */
export class CopyTargetError extends Error {
  override readonly name = 'CopyTargetError';
}

/**
 * Copies everything to a database that is up to date and empty, or holds a copy of the same source that was broken off.
 * Nobody can write to the source meanwhile; reading goes on. Answers how both compare; where they differ (the source was
 * written to while a copy was broken off), the target is of no use.
 */
export async function copyDatabase(from: Database, to: Database, options: CopyOptions): Promise<Comparison> {
  await prepareTarget(to, options.source);
  const comparison = await from.transaction(null, async (source) => {
    await keepWritersOut(source);
    await copyAll(source, to, options);
    const side: Side = {
      reader: source,
      snapshot: async () => ({ connection: source, async [Symbol.asyncDispose]() {} }),
    };
    return compareDatabases(side, to);
  });
  if (comparison.differences.length === 0) await to.transaction(null, dropCopyState);
  return comparison;
}

async function prepareTarget(to: Database, source: string): Promise<void> {
  const begun = await findCopySource(to.reader);
  if (begun === source) return;
  if (begun !== null && begun !== '') throw new CopyTargetError(`it holds a half-done copy of ${begun}`);
  if (!(await isEmpty(to.reader))) throw new CopyTargetError('it is not empty');
  if (begun === null) await to.transaction(null, createCopyState);
}

/** A transaction of SQLite does that by itself; in PostgreSQL each writer begins by locking its organization's row. */
async function keepWritersOut({ kysely }: Connection): Promise<void> {
  if (engineOf(kysely) === 'postgres') await sql`lock table organizations in exclusive mode`.execute(kysely);
}

async function copyAll(source: Connection, to: Database, options: CopyOptions): Promise<void> {
  const tables = await listTableShapes(source);
  let total = 0;
  for (const table of tables) total += await countRows(source, table);
  options.onTotal(total);
  const organizations = await listOrganizations(source);
  // Keys at the end: who asks a server on a half-done copy is nobody there.
  for (const keys of [false, true]) {
    for (const { id } of organizations) {
      for (const table of tables.filter(({ name }) => (name === 'api_keys') === keys)) {
        await copyTable(id, source, to, table, options);
      }
    }
  }
  if (engineOf(to.reader.kysely) === 'postgres') await continueNumbers(to);
}

async function copyTable(
  organization: OrganizationId,
  source: Connection,
  to: Database,
  table: TableShape,
  { source: name, onCopied }: CopyOptions,
): Promise<void> {
  let mark = await findMark(organization, to.reader, table.name);
  while (!mark?.isDone) {
    const after = mark?.after ?? null;
    const rows = await readRowsAfter(organization, source, table, after, ROWS_AT_ONCE);
    const last = rows.at(-1);
    const next = { after: last ? keyOf(table, last) : after, isDone: rows.length < ROWS_AT_ONCE };
    await to.transaction(null, async (transaction) => {
      if (rows.length > 0) await insertRows(transaction, table, rows);
      await putMark(organization, transaction, { source: name, table: table.name, ...next });
    });
    onCopied(rows.length);
    mark = next;
  }
}

/** The next organization gets the next number, which SQLite sees to by itself. */
async function continueNumbers(to: Database): Promise<void> {
  await to.transaction(null, async ({ kysely }) => {
    await sql`
      select setval(pg_get_serial_sequence('organizations', 'id'), (select coalesce(max(id), 0) + 1 from organizations), false)
    `.execute(kysely);
  });
}
