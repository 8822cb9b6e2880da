/** Something that the person at the terminal can put right: what is wrong, what to do, the exit code. */
export class RemedyError extends Error {
  /**
   * @param {string} problem
   * @param {string} remedy
   * @param {number} [exitCode]
   */
  constructor(problem, remedy, exitCode = 1) {
    super(problem);
    this.name = 'RemedyError';
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/**
 * Runs the main function of a script and turns a RemedyError into two lines on stderr.
 *
 * @param {() => Promise<number>} main answers the exit code
 * @returns {Promise<void>}
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof RemedyError)) throw error;
    process.stderr.write(`rollcall: ${error.message}\nrollcall: what helps: ${error.remedy}\n`);
    process.exitCode = error.exitCode;
  }
}
