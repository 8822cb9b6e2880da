import { type Command, Option } from 'commander';
import {
  accentColorOption,
  embedOriginOption,
  jsonOption,
  nameOption,
  parseSlug,
  trustedDomainOption,
} from './options.ts';
import type { SetOptions } from './organizations.ts';

/** `rollcall org …`: the organizations of this installation. */
export function addOrganizationCommands(program: Command): void {
  const org = program.command('org').description('make, list and set organizations');
  org
    .command('create')
    .description('make an organization')
    .argument('<slug>', 'its short name: lower-case letters, digits and hyphens', parseSlug)
    .addOption(nameOption('its name, for people').makeOptionMandatory())
    .addOption(trustedDomainOption())
    .addOption(embedOriginOption())
    .addOption(accentColorOption())
    .option('--test', 'for tests: it may have a clock of its own, set by the management API')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  rollcall org create acme --name "Acme Ltd" --trusted-domain acme.example')
    .action(async (slug, options) => (await import('./organizations.ts')).create(slug, options));
  org
    .command('list')
    .description('list the organizations')
    .addOption(jsonOption())
    .addHelpText('after', "\nExample:\n  rollcall org list --json | jq -r '.[].slug'")
    .action(async (options) => (await import('./organizations.ts')).list(options));
  addSetCommand(org);
}

function addSetCommand(org: Command): void {
  org
    .command('set')
    .description('change the settings of an organization; a list that is given replaces the one before')
    .argument('<slug>', 'the organization')
    .addOption(nameOption('its name, for people'))
    .addOption(trustedDomainOption())
    .addOption(new Option('--no-trusted-domains', 'take in people with any email').conflicts('trustedDomain'))
    .addOption(embedOriginOption())
    .addOption(new Option('--no-embed-origins', 'let any site frame the sign-up form').conflicts('embedOrigin'))
    .addOption(accentColorOption())
    .addOption(new Option('--no-accent-color', 'the standard color'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  rollcall org set acme --trusted-domain acme.example --trusted-domain acme.co.example\n' +
        '  rollcall org set acme --no-trusted-domains --accent-color "#0a7f5a"',
    )
    .action(async (slug: string, options: SetOptions, command: Command) => {
      const { hasSettings, set } = await import('./organizations.ts');
      if (!hasSettings(options)) command.error('error: there is nothing to set; name at least one option');
      await set(slug, options);
    });
}
