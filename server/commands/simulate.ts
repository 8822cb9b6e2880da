import { type Command, InvalidArgumentError, Option } from 'commander';
import { jsonOption } from './options.ts';

const EXAMPLE = `
Example:
  rollcall org create play --name Playground --test
  rollcall key create --org play --name Simulator --scope manage --scope users:write --scope completions:read
  rollcall simulate --url http://127.0.0.1:8080 --key rck_… --seed 7`;

/** `rollcall simulate`: plays sessions against a running server and compares what comes of them. */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('play sessions in a test organization of a running server, and compare the completions')
    .requiredOption('--url <url>', 'address of the server', parseUrl)
    .requiredOption('--key <key>', 'key of a test organization: manage, users:write, completions:read')
    .option('--seed <text>', 'where chance begins: the same text plays the same sessions', '1')
    .addOption(countOption('--sessions <n>', 'sessions to play', 50, 3))
    .addOption(countOption('--participants <n>', 'people in each session', 50, 5))
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLE)
    .action(async (options) => (await import('./simulate/simulate.ts')).simulate(options));
}

function parseUrl(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return text;
  throw new InvalidArgumentError('It is no address; write one such as http://127.0.0.1:8080.');
}

function countOption(flags: string, description: string, most: number, fallback: number): Option {
  return new Option(flags, `${description}, 1 to ${most}`).default(fallback).argParser((text: string) => {
    const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
    if (count >= 1 && count <= most) return count;
    throw new InvalidArgumentError(`It is no whole number from 1 to ${most}.`);
  });
}
