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
