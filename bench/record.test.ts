import { expect, test } from 'vitest';
import { readOptions } from './options.ts';
import { between, textFor } from './record.ts';
import type { Results } from './report.ts';
import type { Row } from './scenario.ts';
import { series } from './stats.ts';

const ORDER = ['P1', 'P2', 'G1'];
const TARGETS = { document: 'performance.md', mark: 'targets', letters: ['P'] };

function resultsOf(rows: readonly [id: string, value: number][], commit: string, argv: string[] = []): Results {
  const options = readOptions(argv, []);
  if (!options) throw new Error('these options ask for help');
  const machine = { cpu: 'CPU', cores: 2, memory: 8, system: 'Linux', node: 'v1', sqlite: '3', separation: 'apart' };
  const made = rows.map(([id, value]): Row => ({ id, what: `what ${id} is`, unit: 'ms', ours: series([value]) }));
  return { startedAt: '2027-01-02T03:04:05.000Z', commit, machine, options, rows: made, failures: [] };
}

test('of several results the last one that has a scenario counts, and each says what it measured', () => {
  const first = resultsOf(
    [
      ['P2', 20],
      ['P1', 10],
    ],
    'aaa',
  );
  const text = textFor(TARGETS, [first, resultsOf([['P2', 21]], 'bbb')], ORDER, undefined) ?? '';
  expect(text.match(/^\| P\d.*$/gm)?.map((line) => line.split(/ *\| */).slice(1, 5))).toEqual([
    ['P1', 'what P1 is', 'ms', '10.0'],
    ['P2', 'what P2 is', 'ms', '21.0'],
  ]);
  expect(text).toContain('- P1: 2027-01-02 03:04 UTC, commit aaa; 5 rounds of 2 s');
  expect(text).toContain('- P2: 2027-01-02 03:04 UTC, commit bbb');
});

test('growth goes where its engine is, and nowhere else', () => {
  const results = [resultsOf([['G1', 1]], 'aaa', ['growth', '--engine', 'postgres'])];
  const place = { document: 'scaling.md', mark: 'x', letters: ['G'] };
  expect(textFor({ ...place, engine: 'postgres' }, results, ORDER, undefined)).toContain('what G1 is');
  expect(textFor({ ...place, engine: 'sqlite' }, results, ORDER, undefined)).toBeNull();
  expect(textFor(TARGETS, results, ORDER, undefined)).toBeNull();
});

test('a quick run and a note are told', () => {
  const text = textFor(TARGETS, [resultsOf([['P1', 1]], 'aaa', ['--quick'])], ORDER, 'Not yet final.') ?? '';
  expect(text.split('\n')[0]).toBe('**Not yet final.**');
  expect(text).toContain('A quick run');
});

test('a document keeps what is around the marks, however often it is written', () => {
  const document = 'before\n<!-- bench: x -->\nold\n<!-- /bench: x -->\nafter\n';
  const once = between(document, 'x', 'new');
  expect(once).toBe('before\n<!-- bench: x -->\n\nnew\n\n<!-- /bench: x -->\nafter\n');
  expect(between(once, 'x', 'new')).toBe(once);
  expect(() => between('no marks', 'x', 'new')).toThrow('<!-- bench: x -->');
});
