/** Writes a result on stdout; rejects where it cannot be written (closed pipe, full disk), so that a script sees a failure. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new Error(`cannot write the output: ${error.message}`, { cause: error }));
    // Node reports a failed write as an event too, which would end the process with a stack trace.
    process.stdout.once('error', fail);
    process.stdout.write(`${text}\n`, (error) => (error ? fail(error) : resolve()));
  });
}

/** A word to the person at the terminal, on stderr, so that stdout holds the result alone. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Columns aligned with spaces; the last is left as it is, so that it is the place for text of any script. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  return rows
    .map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  '))
    .join('\n');
}
