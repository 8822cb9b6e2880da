import { expect, test } from 'vitest';
import { table } from './table.ts';
import { createProgress, visible } from './ui.ts';

function stream(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, write: (text: string) => written.push(text) > 0 };
}

test('on a terminal one line changes, and is gone at the end', () => {
  const terminal = stream(true);
  {
    using progress = createProgress('Importing', terminal);
    progress.show('500 rows', 0.5);
    // At once again: too soon for anybody to see.
    progress.show('501 rows', 0.5);
  }
  expect(terminal.written).toEqual(['\r\u001b[KImporting [############............] 50 % 500 rows', '\r\u001b[K']);
});

test('elsewhere short work says nothing', () => {
  const log = stream(false);
  {
    using progress = createProgress('Importing', log);
    progress.show('500 rows', 0.5);
  }
  expect(log.written).toEqual([]);
});

test('text of others cannot move the cursor or turn a line around', () => {
  expect(visible('Ann\u001b[2J\u202eeeL\nx')).toBe('Ann\\u{1b}[2J\\u{202e}eeL\\u{a}x');
});

test('columns are aligned, but for the last', () => {
  expect(
    table([
      ['a', 'bb', 'c'],
      ['aaa', 'b', 'ccc'],
    ]),
  ).toBe('a    bb  c\naaa  b   ccc');
});
