import { createHash } from 'node:crypto';
import type { TableShape } from './copy-catalog.ts';
import { keyOf, type RowKey, readRowsAfter } from './copy-rows.ts';
import type { Connection } from './database.ts';
import type { OrganizationId } from './tables.ts';

/** What an organization has in a table: the same on both engines exactly where all values are the same. */
export interface Fingerprint {
  readonly rows: number;
  /** SHA-256 of all values in the order of the rows' keys, hex. */
  readonly digest: string;
}

/** Rows read by one statement; the largest (completions) have about a kilobyte. */
const ROWS_AT_ONCE = 2_000;

/** Reads all rows; on a snapshot where others write. `onRows` is told how many were read. */
export async function fingerprintTable(
  organization: OrganizationId,
  connection: Connection,
  table: TableShape,
  onRows: (count: number) => void = () => {},
): Promise<Fingerprint> {
  const hash = createHash('sha256');
  let rows = 0;
  for (let after: RowKey | null = null; ; ) {
    const chunk = await readRowsAfter(organization, connection, table, after, ROWS_AT_ONCE);
    for (const row of chunk) hash.update(`${JSON.stringify(table.columns.map((column) => row[column]))}\n`);
    rows += chunk.length;
    onRows(chunk.length);
    const last = chunk.at(-1);
    if (!last || chunk.length < ROWS_AT_ONCE) return { rows, digest: hash.digest('hex') };
    after = keyOf(table, last);
  }
}
