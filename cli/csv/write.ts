/** What a spreadsheet would run as a formula (OWASP: CSV injection). */
const FORMULA = /^[=+\-@\t\r]/;

/** One row as CSV, without its line end. */
export function csvLine(cells: readonly string[], delimiter: string): string {
  return cells.map((cell) => quoted(cell, delimiter)).join(delimiter);
}

/** A text that no spreadsheet runs: with an apostrophe before it where it looks like a formula, as the API does it. */
export function withoutFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function quoted(cell: string, delimiter: string): string {
  const isPlain = !cell.includes('"') && !cell.includes(delimiter) && !/[\r\n]|^\s|\s$/.test(cell);
  return isPlain ? cell : `"${cell.replaceAll('"', '""')}"`;
}
