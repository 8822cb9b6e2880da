import type { Command } from 'commander';
import { jsonOption } from './options.ts';

/** `rollcall backup`: a copy of the SQLite database in one file, and whether such a file is of use. */
export function addBackupCommand(program: Command): void {
  program
    .command('backup')
    .description('write the database to a file while the server runs, or check such a file')
    .argument('<file>', 'the backup')
    .option('--force', 'replace the file if it is there')
    .option('--verify', 'restore the file into a scratch place, migrate it, check it, and compare it with the data')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall backup /var/backups/rollcall-2027-01-31.db\n' +
        '  rollcall backup --verify /var/backups/rollcall-2027-01-31.db\n\n' +
        'To restore: stop the server, put the file into DATA_DIR as rollcall.db, remove rollcall.db-wal and -shm.',
    )
    .action(async (file, { verify, ...options }) => {
      if (verify) await (await import('./backup-verify.ts')).verifyBackup(file, options);
      else await (await import('./backup-write.ts')).writeBackup(file, options);
    });
}
