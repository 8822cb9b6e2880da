import type { Command } from 'commander';
import { jsonOption } from './options.ts';

/** `rollcall copy`: moves everything from one engine to the other. */
export function addCopyCommand(program: Command): void {
  program
    .command('copy')
    .description('copy everything from one database to another, empty one, of either engine')
    .requiredOption('--from <database>', 'sqlite:DIRECTORY (a DATA_DIR) or postgres://…')
    .requiredOption('--to <database>', 'the same; it must be empty, or hold a copy that was broken off')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall copy --from sqlite:/var/lib/rollcall --to postgres://rollcall@db.example.com/rollcall\n' +
        '  rollcall copy --from postgres://rollcall@db.example.com/rollcall --to sqlite:/var/lib/rollcall\n\n' +
        'Stop the server first: while it is copied, the source takes nothing in. A copy that is broken off goes on with\n' +
        'the same command. A password is better kept in PGPASSWORD or ~/.pgpass than given here.',
    )
    .action(async (options) => (await import('./copy-data.ts')).copyData(options));
}
