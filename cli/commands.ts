import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseLimit } from './commands/deactivation-limit.ts';
import { encodings } from './csv/encoding.ts';
import { parseMap } from './csv/roster.ts';

/** The commands for integrators: they work on any server, by its address and a key. */
export function addClientCommands(program: Command): void {
  addUsersCommands(program);
  addSyncCommands(program);
  addReadingCommands(program);
  addProfileCommands(program);
  program
    .command('completion')
    .description('print a script that completes commands in a shell')
    .argument('<shell>', 'bash, zsh or fish', choiceOf(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall completion bash > /etc/bash_completion.d/rollcall\n  rollcall completion fish > ~/.config/fish/completions/rollcall.fish',
    )
    .action(async (shell) => (await import('./commands/completion.ts')).printCompletion(program, shell));
}

function addUsersCommands(program: Command): void {
  const users = program.command('users').description('list, import and synchronize the people of an organization');
  clientCommand(users, 'list', 'list the users in order of creation')
    .option('--active', 'only active users')
    .addOption(new Option('--inactive', 'only inactive users').conflicts('active'))
    .option('--updated-since <time>', 'only users changed since then: 2026-11-24T00:00:00Z')
    .addOption(new Option('--limit <n>', 'at most so many').argParser(wholeNumber(1, 1_000_000_000)))
    .addHelpText(
      'after',
      "\nExamples:\n  rollcall users list --active\n  rollcall users list --json | jq -r '.[].email'",
    )
    .action(async (options) => (await import('./commands/users.ts')).listUsers(options));
  clientCommand(users, 'get', 'show one user')
    .argument('<who>', 'an email, or a remoteId')
    .addHelpText('after', '\nExamples:\n  rollcall users get ann@example.com\n  rollcall users get E1001 --json')
    .action(async (who, options) => (await import('./commands/users.ts')).getUser(who, options));
  clientCommand(users, 'deactivate', 'deactivate users; they lose their seats in sessions that have not begun')
    .argument('<who...>', 'emails, remoteIds, or ids of Rollcall')
    .option('--dry-run', 'judge it, change nothing')
    .addHelpText('after', '\nExample:\n  rollcall users deactivate ann@example.com E1002')
    .action(async (who, options) => (await import('./commands/users.ts')).deactivateUsers(who, options));
  rosterCommand(users, 'import', 'create and update the users in a CSV file; who is not in it stays as they are')
    .option('--dry-run', 'judge every row, change nothing')
    .addHelpText('after', IMPORT_EXAMPLES)
    .action(async (file, options) => (await import('./commands/import.ts')).importUsers(file, options));
  rosterCommand(users, 'sync', 'bring all users in step with a CSV file, as one change; who is missing is deactivated')
    .option('--dry-run', 'show the plan, change nothing')
    .option('--yes', 'commit without asking')
    .addOption(
      new Option(
        '--max-deactivations <limit>',
        'stop (exit code 3) where more would be deactivated: 20, or 5%',
      ).argParser(parseLimit),
    )
    .option('--keep-missing', 'deactivate nobody for being missing: the file is a part of all')
    .option('--skip-unreadable', 'go on although it is not known whom some rows name')
    .option('--cancel-open', 'give another sync run up that is still open')
    .addHelpText('after', SYNC_EXAMPLES)
    .action(async (file, options) => (await import('./commands/sync.ts')).syncUsers(file, options));
}

const IMPORT_EXAMPLES = `
Delimiter, encoding and columns are found by looking; OneRoster and Canvas files are known.

Examples:
  rollcall users import staff.csv --dry-run
  rollcall users import staff.csv --map "Work mail=email" --map "Key=remoteId"
  export-staff | rollcall users import - --failed failed.csv`;

const SYNC_EXAMPLES = `
Interrupted? Run the same command again.

Examples:
  rollcall users sync staff.csv --dry-run
  rollcall users sync staff.csv
  rollcall users sync staff.csv --yes --max-deactivations 5% --quiet`;

function addSyncCommands(program: Command): void {
  const sync = program.command('sync').description('look at sync runs and undo them');
  const run = '[run]';
  clientCommand(sync, 'list', 'list the sync runs, the latest first')
    .addOption(new Option('--limit <n>', 'at most so many').argParser(wholeNumber(1, 10_000)).default(20))
    .addHelpText('after', '\nExample:\n  rollcall sync list')
    .action(async (options) => (await import('./commands/sync-runs.ts')).listRuns(options));
  clientCommand(sync, 'show', 'show a sync run and what it did, or would do, to whom')
    .argument(run, 'the run; without it the latest')
    .addOption(
      new Option('--kind <kind>', 'only these').choices([
        'create',
        'update',
        'deactivate',
        'reactivate',
        'kept',
        'conflict',
        'refused',
      ]),
    )
    .addOption(new Option('--limit <n>', 'at most so many people').argParser(wholeNumber(1, 10_000_000)).default(50))
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall sync show\n  rollcall sync show --kind deactivate --limit 1000 --json',
    )
    .action(async (id, options) => (await import('./commands/sync-runs.ts')).showRun(id, options));
  clientCommand(sync, 'undo', 'take a committed sync run back, but for what somebody changed since')
    .argument(run, 'the run; without it the latest that was committed')
    .option('--yes', 'without asking')
    .addHelpText('after', '\nExample:\n  rollcall sync undo --yes')
    .action(async (id, options) => (await import('./commands/sync-runs.ts')).undoRun(id, options));
  clientCommand(sync, 'cancel', 'give an open sync run up')
    .argument(run, 'the run; without it the one that is open')
    .addHelpText('after', '\nExample:\n  rollcall sync cancel')
    .action(async (id, options) => (await import('./commands/sync-runs.ts')).cancelRun(id, options));
}

function addReadingCommands(program: Command): void {
  const clusters = program.command('clusters').description('list the session clusters on offer');
  clientCommand(clusters, 'list', 'list the clusters in order of creation')
    .option('--from <time>', 'only those created at or after: 2026-11-01T00:00:00Z')
    .option('--to <time>', 'only those created before')
    .addHelpText('after', '\nExample:\n  rollcall clusters list --from 2026-11-01T00:00:00Z')
    .action(async (options) => (await import('./commands/clusters.ts')).listClusters(options));
  const completions = program.command('completions').description('fetch what came of the sessions');
  clientCommand(completions, 'export', 'write completions to a file or to stdout')
    .option('--from <time>', 'only sessions that start at or after: 2026-11-01T00:00:00Z')
    .option('--to <time>', 'only sessions that start before')
    .option('--cluster <id>', 'only sessions of this cluster')
    .option('--user <remoteId>', 'only of this participant')
    .addOption(new Option('--format <format>', 'how to write them').choices(['csv', 'ndjson', 'json']).default('csv'))
    .option('--out <file>', 'write to this file, which appears whole or not at all')
    .option('--since-last', 'only what is new or changed since the last run with this option')
    .addOption(
      new Option(
        '--cursor <name>',
        'name of the cursor that --since-last keeps; one for each place that it feeds',
      ).default('default'),
    )
    .option('--again', 'with --since-last: fetch everything, and begin from there')
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall completions export --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z --out november.csv\n  rollcall completions export --since-last --format ndjson --out changes.ndjson',
    )
    .action(async (options) => (await import('./commands/export.ts')).exportCompletions(options));
  clientCommand(program, 'doctor', 'check address, TLS, clock, latency, key and scopes')
    .addHelpText('after', '\nExample:\n  ROLLCALL_URL=https://rollcall.example.com ROLLCALL_KEY=rck_… rollcall doctor')
    .action(async (options) => (await import('./commands/doctor.ts')).doctor(options));
}

function addProfileCommands(program: Command): void {
  const profile = program.command('profile').description('keep addresses and keys of servers under names');
  outputOptions(profile.command('add'))
    .description('keep a server; the key is asked for, or read from stdin')
    .argument('<name>', 'a name for it')
    .requiredOption('--url <url>', 'address of the server')
    .option('--key <key>', 'the key; other users of this machine can see what is on a command line')
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall profile add acme --url https://rollcall.example.com\n  rollcall profile add acme --url https://rollcall.example.com < key.txt',
    )
    .action(async (name, options) => (await import('./commands/profile.ts')).addProfile(name, options));
  outputOptions(profile.command('list'))
    .description('list the profiles, without their keys')
    .addHelpText('after', '\nExample:\n  rollcall profile list')
    .action(async (options) => (await import('./commands/profile.ts')).listProfiles(options));
  outputOptions(profile.command('use'))
    .description('use a profile where none is named')
    .argument('<name>', 'the profile')
    .addHelpText('after', '\nExample:\n  rollcall profile use acme')
    .action(async (name, options) => (await import('./commands/profile.ts')).useProfile(name, options));
  outputOptions(profile.command('remove'))
    .description('forget a profile and its key')
    .argument('<name>', 'the profile')
    .addHelpText('after', '\nExample:\n  rollcall profile remove acme')
    .action(async (name, options) => (await import('./commands/profile.ts')).removeProfile(name, options));
}

function outputOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document, for scripts')
    .option('--quiet', 'only results, and what went wrong');
}

/** A command that talks to a server. */
function clientCommand(parent: Command, name: string, description: string): Command {
  return outputOptions(parent.command(name).description(description))
    .option('--url <url>', 'address of the server (ROLLCALL_URL)')
    .option('--key <key>', 'server API key (ROLLCALL_KEY)')
    .option('--profile <name>', 'a profile with both (ROLLCALL_PROFILE)')
    .addOption(
      new Option('--retries <n>', 'how often a request that failed on the way is sent again (5)').argParser(
        wholeNumber(0, 100),
      ),
    );
}

/** A command that reads a roster. */
function rosterCommand(parent: Command, name: string, description: string): Command {
  return clientCommand(parent, name, description)
    .argument('<file>', 'a CSV file; - is stdin')
    .addOption(
      new Option(
        '--map <header=field>',
        'what a column is: remoteId, email, firstName, lastName, active, id, or - for nothing; repeat for more',
      ).argParser((text: string, before: readonly (readonly [string, string])[] = []) => [...before, parseMap(text)]),
    )
    .addOption(new Option('--delimiter <character>', 'between cells: , ; | or tab').argParser(parseDelimiter))
    .addOption(new Option('--encoding <encoding>', 'of the file').choices([...encodings]))
    .option('--clear-empty', 'an empty cell takes the value away; without it the value stays')
    .option('--failed <file>', 'where rows that failed go (FILE.failed.csv)')
    .option('--no-failed', 'write no file of rows that failed');
}

function parseDelimiter(text: string): string {
  if (text === 'tab' || text === '\\t') return '\t';
  if (/^[^"\r\n\p{L}\p{N}]$/u.test(text)) return text;
  throw new InvalidArgumentError('Write one character that is neither letter, digit nor quote, or tab.');
}

function choiceOf(known: readonly string[]): (text: string) => string {
  return (text) => {
    if (known.includes(text)) return text;
    throw new InvalidArgumentError(`Write one of ${known.join(', ')}.`);
  };
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`);
  };
}
