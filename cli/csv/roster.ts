import { CommandError, usageError } from '../exit.ts';
import { type Encoding, RosterDecoder, type TextShape } from './encoding.ts';
import { countKnown, mapHeader, type RosterMapping } from './header.ts';
import { type RosterRow, readRow } from './row.ts';
import { type CsvRow, CsvSplitter, UnclosedQuoteError } from './split.ts';

export const delimiters = [',', ';', '\t', '|'] as const;

export interface RosterOptions {
  /** Instead of what the bytes say. */
  readonly encoding: Encoding | null;
  /** Instead of what the header says. */
  readonly delimiter: string | null;
  /** Pairs of header and field. */
  readonly map: readonly (readonly [string, string])[];
  readonly clearEmpty: boolean;
}

/** A roster whose header has been read. */
export interface Roster {
  readonly mapping: RosterMapping;
  readonly delimiter: string;
  /** What the lines end with. */
  readonly lineEnd: string;
  /** How the bytes stand for text; sure once all rows were read. */
  shape(): TextShape;
  /** The rows in the order of the file, read as they are asked for, some at a time; the source is read once. */
  rows(): AsyncGenerator<RosterRow[]>;
}

/** Text of a file that is looked for a header at most. */
const HEADER_LENGTH_MAX = 1_048_576;

/** Reads a roster's header; throws where there is none, or none that tells who is who. */
export async function openRoster(source: AsyncIterable<Uint8Array>, options: RosterOptions): Promise<Roster> {
  const decoder = new RosterDecoder(options.encoding);
  const pieces = decode(source, decoder);
  let head = '';
  let isWhole = false;
  while (!hasWholeRow(head)) {
    const { value, done } = await pieces.next();
    if (done) {
      isWhole = true;
      break;
    }
    head += value;
    if (head.length > HEADER_LENGTH_MAX)
      throw new CommandError('the first row of the file has no end: it is no CSV file');
  }
  if (head.trim() === '')
    throw new CommandError('the file is empty: it must have a row with the names of its columns first');
  const said = /^sep=(.)(\r\n|\n|\r)/i.exec(head);
  const body = said ? head.slice(said[0].length) : head;
  const delimiter = options.delimiter ?? said?.[1] ?? detectDelimiter(body);
  const splitter = new CsvSplitter(delimiter, said ? 2 : 1);
  const first = splitter.push(body).filter(isFilled);
  while (first.length === 0 && !isWhole) {
    const { value, done } = await pieces.next();
    isWhole = done === true;
    first.push(...(done ? [] : splitter.push(value).filter(isFilled)));
  }
  if (isWhole) first.push(...splitter.end().filter(isFilled));
  const header = first.shift();
  if (!header) throw new CommandError('the file has no row with the names of its columns');
  const mapping = mapHeader(trimmed(header.cells), options.map);
  const lineEnd = /\r\n|\n|\r/.exec(body)?.[0] ?? '\n';
  return {
    mapping,
    delimiter,
    lineEnd,
    shape: () => decoder.shape,
    async *rows() {
      yield readRows(first, mapping, options);
      if (isWhole) return;
      for await (const piece of pieces) yield readRows(splitter.push(piece), mapping, options);
      yield readRows(splitter.end(), mapping, options);
    },
  };
}

async function* decode(source: AsyncIterable<Uint8Array>, decoder: RosterDecoder): AsyncGenerator<string, void> {
  for await (const bytes of source) {
    const text = decoder.push(bytes);
    if (text !== '') yield text;
  }
  const text = decoder.end();
  if (text !== '') yield text;
}

/** Rows in which nothing is filled in, such as spreadsheets leave at the end, are none. */
function readRows(rows: readonly CsvRow[], mapping: RosterMapping, options: RosterOptions): RosterRow[] {
  return rows.filter(isFilled).map((row) => readRow(row, mapping, options));
}

function isFilled({ cells }: CsvRow): boolean {
  return cells.some((cell) => cell.trim() !== '');
}

function hasWholeRow(text: string): boolean {
  return delimiters.some((delimiter) => firstRow(text, delimiter) !== null);
}

/** Cells of the first row; null where it is not complete. */
function firstRow(text: string, delimiter: string): readonly string[] | null {
  try {
    return new CsvSplitter(delimiter).push(text).find(isFilled)?.cells ?? null;
  } catch (error) {
    if (error instanceof UnclosedQuoteError) return null;
    throw error;
  }
}

/** The delimiter by which the header has the most names that are known; among equals, the most cells. */
function detectDelimiter(text: string): string {
  const candidates = delimiters.map((delimiter) => {
    const row = firstRow(`${text}\n`, delimiter);
    // A quote that is opened after this delimiter, and never closed, speaks for it.
    return { delimiter, known: countKnown(row ?? []), cells: row?.length ?? Number.POSITIVE_INFINITY };
  });
  const [best] = candidates.sort((one, other) => other.known - one.known || other.cells - one.cells);
  return best?.delimiter ?? ',';
}

/** Without the empty cells that spreadsheets leave at the end. */
function trimmed(headers: readonly string[]): readonly string[] {
  const last = headers.findLastIndex((header) => header.trim() !== '');
  return headers.slice(0, last + 1).map((header) => header.trim());
}

/** Reads `--map 'Header=field'`. */
export function parseMap(text: string): readonly [string, string] {
  const at = text.lastIndexOf('=');
  if (at < 1) throw usageError(`--map "${text}": write it as "HEADER=FIELD"`);
  return [text.slice(0, at), text.slice(at + 1).trim()];
}
