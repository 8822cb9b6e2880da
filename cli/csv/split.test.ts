import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvSplitter, UnclosedQuoteError } from './split.ts';

function split(text: string, delimiter = ',', cuts: readonly number[] = []) {
  const splitter = new CsvSplitter(delimiter);
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  const rows = places.slice(1).flatMap((end, at) => splitter.push(text.slice(places[at], end)));
  return [...rows, ...splitter.end()];
}

const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', ';', '\n', '\r', ' ', '😀'), maxLength: 6 });
const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { maxLength: 8 });
const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;

test('whatever is quoted comes back, wherever the text is cut', () => {
  fc.assert(
    fc.property(table, fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(), { maxLength: 5 }), (rows, end, cuts) => {
      const text = rows.map((row) => row.map(quote).join(',') + end).join('');
      expect(split(text, ',', cuts).map(({ cells }) => cells)).toEqual(rows);
    }),
  );
});

test('text without wrong quotes is read as csv-parse reads it, at every cut', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é'), minLength: 1, maxLength: 4 });
  const rows = fc.array(fc.array(fc.oneof(plain, cell.map(quote)), { minLength: 2, maxLength: 4 }), { maxLength: 6 });
  fc.assert(
    fc.property(rows, fc.array(fc.nat(), { maxLength: 4 }), (written, cuts) => {
      const text = written.map((row) => `${row.join(',')}\n`).join('');
      expect(split(text, ',', cuts).map(({ cells }) => cells)).toEqual(
        parse(text, { record_delimiter: '\n', relax_column_count: true }),
      );
    }),
  );
});

test('each row knows its line, with line ends of every kind in and between rows', () => {
  fc.assert(
    fc.property(table, fc.infiniteStream(fc.constantFrom('\n', '\r\n', '\r', '\n\n')), (rows, ends) => {
      let text = '';
      const lines: number[] = [];
      for (const row of rows) {
        lines.push(text.split(/\r\n|\r|\n/).length);
        // A CR at the end of one row and an LF that begins the next would be one line end.
        text += row.map(quote).join(',') + ends.next().value;
      }
      expect(split(text).map(({ line }) => line)).toEqual(lines);
    }),
  );
});

test('a last row needs no line end, and blank lines are no rows', () => {
  expect(split('\n\na,b\r\n\r\nc,d')).toMatchObject([
    { line: 3, cells: ['a', 'b'] },
    { line: 5, cells: ['c', 'd'] },
  ]);
});

test('text after a closing quote is kept and its cell named; a quote within a cell is text', () => {
  expect(split('a,"b"c,d\n5" disk,"x" ,y\n')).toMatchObject([
    { cells: ['a', 'bc', 'd'], misquoted: 1 },
    { cells: ['5" disk', 'x', 'y'], misquoted: null },
  ]);
});

test('a quote that is never closed is an error that names the line where its row begins', () => {
  expect(() => split('a,b\n1,"2\n3,4\n5,6\n')).toThrow(new UnclosedQuoteError(2));
  const splitter = new CsvSplitter(',');
  splitter.push('a,b\n1,"2\n');
  const more = () => {
    for (let count = 0; count < 100; count += 1)
      splitter.push('text without any quote, for ever and ever\n'.repeat(1_000));
  };
  expect(more).toThrow(UnclosedQuoteError);
});
