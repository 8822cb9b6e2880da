import { readFileSync } from 'node:fs';
import { addClientCommands } from '@rollcall/cli/commands.ts';
import { CommandError } from '@rollcall/cli/exit.ts';
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { addBackupCommand } from './backup.ts';
import { addCopyCommand } from './copy.ts';
import { addKeyCommands } from './key.ts';
import { jsonOption } from './options.ts';
import { addOrganizationCommands } from './org.ts';
import { addSeedCommand } from './seed.ts';
import { addSimulateCommand } from './simulate.ts';
import { addStartCommand } from './start.ts';

/** Exit codes: 0 done, 1 failed, 2 wrong usage or settings; the commands for integrators have some more. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`rollcall: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof CommandError) return error.exitCode;
    return error instanceof ConfigError ? 2 : 1;
  }
}

const AFTER_HELP = `
Settings such as DATA_DIR come from the environment: docs/configuration.md.
The organization and key commands work while the server runs on the same data: docs/command-line.md.
The commands users, sync, clusters, completions and doctor work on any server, by ROLLCALL_URL and ROLLCALL_KEY or a
profile: docs/integrate/command-line.md.`;

function createProgram(): Command {
  const program = new Command('rollcall')
    .description('The account service of a live group-learning platform.')
    .version(version())
    .addHelpText('after', AFTER_HELP)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'rollcall: ')) });
  program
    .command('serve')
    .description('run the server')
    .addHelpText('after', '\nExample:\n  DATA_DIR=/var/lib/rollcall HOST=0.0.0.0 PORT=8080 rollcall serve')
    .action(async () => (await import('./serve.ts')).serve());
  program
    .command('worker', { hidden: true })
    .description('one of the processes of a server; started by serve alone')
    .requiredOption('--number <number>')
    .option('--jobs')
    .option('--demo')
    .action(async (options) => (await import('./worker.ts')).work(options));
  program
    .command('migrate')
    .description('bring the database up to date and say what that took (serve does it by itself)')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  DATA_DIR=/var/lib/rollcall rollcall migrate')
    .action(async (options) => (await import('./migrate.ts')).migrate(options));
  addStartCommand(program);
  addOrganizationCommands(program);
  addKeyCommands(program);
  addBackupCommand(program);
  addCopyCommand(program);
  addSeedCommand(program);
  addSimulateCommand(program);
  addClientCommands(program);
  pointToHelp(program, 'rollcall');
  return program;
}

/** Every wrong usage ends with where the right one is told. */
function pointToHelp(command: Command, path: string): void {
  command.showHelpAfterError(`See: ${path} --help`);
  for (const child of command.commands) pointToHelp(child, `${path} ${child.name()}`);
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
