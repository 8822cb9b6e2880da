import { type Command, InvalidArgumentError } from 'commander';
import { jsonOption, parseSlug } from './options.ts';

/** `rollcall seed`: fills a database with made-up people and results, for benchmarks and growth tests. */
export function addSeedCommand(program: Command): void {
  program
    .command('seed', { hidden: true })
    .description('fill a database with made-up users and completions, for benchmarks')
    .requiredOption('--org <slug>', 'organization to fill, made where it is missing', parseSlug)
    .option('--organizations <n>', 'fill so many, named SLUG-1, SLUG-2 …; without it the one named SLUG', parseCount)
    .option('--users <n>', 'users that each is to have in the end', parseCount, 0)
    .option('--completions <n>', 'completions that each is to have in the end', parseCount, 0)
    .option('--seed <text>', 'where chance begins: the same text gives the same data', '1')
    .option('--keys-file <file>', 'make an API key for each and write it here, one JSON object a line')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  rollcall seed --org bench --users 1000000 --completions 1000000 --keys-file keys.jsonl\n' +
        '  rollcall seed --org tenant --organizations 10000 --users 100 --keys-file keys.jsonl',
    )
    .action(async (options) => (await import('./seed-data.ts')).seed(options));
}

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is no whole number.');
}
