import { expect, test } from 'vitest';
import { isWanted, type Options, readOptions, UsageError } from './options.ts';

const IDS = [{ id: 'P1' }, { id: 'P2' }, { id: 'P11' }];

test('without options everything is measured on a million rows', () => {
  expect(readOptions([], IDS)).toMatchObject({
    only: [],
    quick: false,
    rounds: 5,
    users: 1_000_000,
    completions: 1_000_000,
    completionsMany: 5_000_000,
    keep: undefined,
    profile: false,
    growth: false,
    peers: false,
    engine: 'sqlite',
  });
});

test('--quick measures less, and a number beside it still counts', () => {
  const options = readOptions(['--quick', '--rounds', '4'], IDS);
  expect(options).toMatchObject({ quick: true, rounds: 4, users: 100_000, completionsMany: 0 });
});

test('--only takes numbers of scenarios in any case', () => {
  expect(readOptions(['--only', 'p2, P11'], IDS)?.only).toEqual(['P2', 'P11']);
});

test('--help asks for nothing to be measured', () => {
  expect(readOptions(['--help'], IDS)).toBeNull();
});

const ALL = [...IDS, { id: 'G1', group: 'growth' }, { id: 'D1', group: 'peers' }] as const;

test.for([
  [[], ['P1', 'P2', 'P11']],
  [['--peers'], ['P1', 'P2', 'P11', 'D1']],
  [['growth'], ['G1']],
  [
    ['--only', 'P2,D1'],
    ['P2', 'D1'],
  ],
] as const)('%j runs the scenarios %j', ([argv, ids]) => {
  const options = readOptions(argv, ALL) as Options;
  expect(ALL.filter((scenario) => isWanted(scenario, options)).map(({ id }) => id)).toEqual(ids);
});

test.for([
  [['--only', 'P10'], 'there is no scenario P10; there are P1, P2, P11'],
  [['--rounds', '0'], '--rounds must be a number from 1 on, not "0"'],
  [['--users', '1e6x'], '--users must be a number from 1000 on, not "1e6x"'],
  [['--rounds', '2.5'], '--rounds must be a number from 1 on, not "2.5"'],
  [['--fast'], "Unknown option '--fast'"],
  [['growth', '--engine', 'mysql'], '--engine must be sqlite or postgres, not "mysql"'],
  [['growth', 'growth'], "Unexpected argument 'growth'"],
  [['P2'], "Unexpected argument 'P2'"],
] as const)('%j is refused with the reason', ([argv, reason]) => {
  expect(() => readOptions(argv, IDS)).toThrow(UsageError);
  expect(() => readOptions(argv, IDS)).toThrow(reason);
});
