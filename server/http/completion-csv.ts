import { Completion } from '@rollcall/contract/completions.ts';
import { stringify } from 'csv-stringify/sync';

const COLUMNS = Object.keys(Completion.properties);

const OPTIONS = {
  columns: COLUMNS,
  record_delimiter: 'windows',
  escape_formulas: true,
  cast: { boolean: (value: boolean) => (value ? 'true' : 'false') },
} as const;

/**
 * Completions as CSV (RFC 4180) with a header line; the fields and their order are the contract's, null is an empty
 * field. Cells that a spreadsheet would run as a formula are made harmless with an apostrophe.
 */
export async function* completionCsv(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder();
  yield Buffer.from(stringify([], { ...OPTIONS, header: true }));
  for await (const chunk of chunks) {
    const records = decoder
      .decode(chunk)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Completion);
    yield Buffer.from(stringify(records, OPTIONS));
  }
}
