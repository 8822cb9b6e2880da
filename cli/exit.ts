/** Exit codes of the command line, told in docs/integrate/command-line.md. */
export const exitCodes = { failed: 1, usage: 2, threshold: 3, someRowsFailed: 4, interrupted: 130 } as const;

/** Ends the command with this code; the message goes to stderr. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

export function usageError(message: string): CommandError {
  return new CommandError(message, exitCodes.usage);
}
