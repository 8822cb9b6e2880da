import type { Command } from 'commander';
import { expiresOption, jsonOption, nameOption, organizationOption, scopeOption } from './options.ts';

/** `rollcall key …`: the server API keys of an organization. */
export function addKeyCommands(program: Command): void {
  const key = program.command('key').description('make, list and revoke server API keys');
  key
    .command('create')
    .description('make a key and show it, once; without --scope it may do all of the Account API')
    .addOption(organizationOption().makeOptionMandatory())
    .addOption(nameOption('what the key is for').makeOptionMandatory())
    .addOption(scopeOption())
    .addOption(expiresOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall key create --org acme --name "HR sync" --scope users:read --scope users:write --expires 90d\n' +
        '  KEY=$(rollcall key create --org acme --name CI --json | jq -r .key)',
    )
    .action(async (options) => (await import('./api-keys.ts')).create(options));
  key
    .command('list')
    .description('list the keys of an organization, without the keys themselves')
    .addOption(organizationOption().makeOptionMandatory())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  rollcall key list --org acme')
    .action(async (options) => (await import('./api-keys.ts')).list(options));
  key
    .command('revoke')
    .description('revoke a key for good: the very next request with it is refused')
    .argument('<id>', 'the id of the key, or the key itself')
    .addOption(organizationOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  rollcall key revoke key_1f0c5e0d9a7b3c42')
    .action(async (id, options) => (await import('./api-keys.ts')).revoke(id, options));
}
