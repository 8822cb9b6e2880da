import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.ts';

/** Exit codes: 0 done, 1 failed, 2 wrong usage. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`rollcall: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
}

function createProgram(): Command {
  const program = new Command('rollcall').description('The account service of a live group-learning platform.');
  program.exitOverride();
  program
    .command('serve')
    .description('run the server (settings come from the environment, see docs/configuration.md)')
    .action(async () => (await import('./serve.ts')).serve());
  return program;
}
