import type { Command } from 'commander';

/** `rollcall start`, which is what `npm start` runs: the server, with a demo organization where there is none at all. */
export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('run the server; on empty data, make a demo organization first')
    .option('--no-demo', 'make no demo organization')
    .addHelpText('after', '\nExample:\n  DATA_DIR=/tmp/rollcall PORT=0 rollcall start')
    .action(async (options: { readonly demo: boolean }) => (await import('./start-server.ts')).start(options));
}
