/**
 * Splits CSV text into rows as it arrives (RFC 4180, with any delimiter and with LF, CR LF and CR mixed). Our own, since a
 * person who is to mend a row needs its right line: where lines end in several ways inside and outside of quotes, csv-parse
 * counts others, and of a quote that is never closed it tells the end of the file, not where it was opened.
 */

/** A row may be so long, in UTF-16 units: what is longer is a quote that was never closed. */
const ROW_LENGTH_MAX = 1_048_576;

export interface CsvRow {
  /** Line of the file on which the row begins, counted from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Place of the first cell whose quotes are wrong, counted from 0; null where they are right. */
  readonly misquoted: number | null;
}

/** A quote is opened on this line and never closed. */
export class UnclosedQuoteError extends Error {
  readonly line: number;

  constructor(line: number) {
    super(
      `Line ${line}: a quote is opened in this row and not closed. Close it, or double it where it belongs to the text`,
    );
    this.name = 'UnclosedQuoteError';
    this.line = line;
  }
}

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

export class CsvSplitter {
  readonly #delimiter: string;
  #text = '';
  #line: number;

  constructor(delimiter: string, firstLine = 1) {
    this.#delimiter = delimiter;
    this.#line = firstLine;
  }

  /** Rows that are complete by now. Blank lines are none. */
  push(text: string): CsvRow[] {
    this.#text += text;
    return this.#take(false);
  }

  /** What is left once the text is over. */
  end(): CsvRow[] {
    return this.#take(true);
  }

  #take(isEnd: boolean): CsvRow[] {
    const rows: CsvRow[] = [];
    let at = 0;
    let nextQuote = -2;
    while (at < this.#text.length) {
      const end = this.#lineEnd(at, isEnd);
      if (end === null) break;
      if (nextQuote !== -1 && nextQuote < at) nextQuote = this.#text.indexOf('"', at);
      if (nextQuote === -1 || nextQuote >= end.at) {
        if (end.at > at) {
          const cells = this.#text.slice(at, end.at).split(this.#delimiter);
          rows.push({ line: this.#line, cells, misquoted: null });
        }
        this.#line += end.next > end.at ? 1 : 0;
        at = end.next;
        continue;
      }
      const row = this.#quotedRow(at, isEnd);
      if (row === null) break;
      rows.push({ line: this.#line, cells: row.cells, misquoted: row.misquoted });
      this.#line += row.lines;
      at = row.next;
    }
    this.#text = this.#text.slice(at);
    if (this.#text.length > ROW_LENGTH_MAX || (isEnd && this.#text !== '')) throw new UnclosedQuoteError(this.#line);
    return rows;
  }

  /** Where the line that holds `from` ends and the next begins; null where that is not known yet. */
  #lineEnd(from: number, isEnd: boolean): { at: number; next: number } | null {
    const text = this.#text;
    const lf = text.indexOf('\n', from);
    const stop = lf === -1 ? text.length : lf;
    // Only up to the line feed: a search for a CR that is nowhere would read the whole text once for each line.
    const crInLine = text.slice(from, stop).indexOf('\r');
    if (crInLine !== -1) {
      const at = from + crInLine;
      if (at + 1 === text.length && !isEnd) return null;
      return { at, next: text.charCodeAt(at + 1) === LF ? at + 2 : at + 1 };
    }
    if (lf !== -1) return { at: lf, next: lf + 1 };
    return isEnd ? { at: text.length, next: text.length } : null;
  }

  /** A row with quotes, cell by cell; null where it is not complete yet. */
  #quotedRow(from: number, isEnd: boolean) {
    const text = this.#text;
    const cells: string[] = [];
    let misquoted: number | null = null;
    let lines = 0;
    let at = from;
    for (;;) {
      let value = '';
      if (text.charCodeAt(at) === QUOTE) {
        const close = this.#closingQuote(at, isEnd);
        if (close === null) return null;
        value = text.slice(at + 1, close).replaceAll('""', '"');
        lines += lineBreaks(value);
        at = close + 1;
        const stop = this.#plainEnd(at);
        const tail = text.slice(at, stop);
        if (tail.trim() !== '') {
          misquoted ??= cells.length;
          value += tail;
        }
        at = stop;
      } else {
        const stop = this.#plainEnd(at);
        value = text.slice(at, stop);
        at = stop;
      }
      cells.push(value);
      if (at < text.length && text[at] === this.#delimiter) {
        at += 1;
        continue;
      }
      if (at === text.length) return isEnd ? { cells, misquoted, lines, next: at } : null;
      const isPair = text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF;
      if (text.charCodeAt(at) === CR && at + 1 === text.length && !isEnd) return null;
      return { cells, misquoted, lines: lines + 1, next: at + (isPair ? 2 : 1) };
    }
  }

  /** Place of the quote that closes the one at `open`; null where it did not come yet, or cannot be told from a doubled one. */
  #closingQuote(open: number, isEnd: boolean): number | null {
    const text = this.#text;
    for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 2)) {
      if (at + 1 === text.length) return isEnd ? at : null;
      if (text.charCodeAt(at + 1) !== QUOTE) return at;
    }
    return null;
  }

  /** Where text outside of quotes ends: at a delimiter, a line's end or the end of what there is. */
  #plainEnd(from: number): number {
    const text = this.#text;
    const delimiter = this.#delimiter.charCodeAt(0);
    let at = from;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === delimiter || code === LF || code === CR) break;
    }
    return at;
  }
}

function lineBreaks(value: string): number {
  let count = 0;
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code === LF || (code === CR && value.charCodeAt(at + 1) !== LF)) count += 1;
  }
  return count;
}
