import { expect, test } from 'vitest';
import { postgresError, StorageBusyError, StorageFullError } from '../store/dialect.ts';

/** An error as the driver throws it: with a code and a severity where the server said it. */
function said(code: string): Error {
  return Object.assign(new Error('said by the server'), { code, severity: 'FATAL' });
}

function publicText(error: unknown): string | null {
  const known = postgresError(error);
  return known instanceof StorageBusyError ? known.publicText : null;
}

test.each([
  ['a connection that broke', new Error('Connection terminated unexpectedly')],
  ['a server that is stopped', said('57P01')],
  ['a server that crashed', said('57P02')],
  ['a server that starts', said('57P03')],
  ['a lost connection', said('08006')],
])('%s promises nothing of what was written', (_, error) => {
  expect(publicText(error)).toMatch(/cannot be reached.*whole or not at all/);
});

test.each([
  ['a statement that took too long', said('57014')],
  ['a deadlock', said('40P01')],
  ['too many connections', said('53300')],
  ['a primary that has become a standby', said('25006')],
])('%s has written nothing', (_, error) => {
  expect(publicText(error)).toContain('Nothing was written');
});

test('a full disk is told apart, and what is a fault of ours stays one', () => {
  expect(postgresError(said('53100'))).toBeInstanceOf(StorageFullError);
  const fault = said('42703');
  expect(postgresError(fault)).toBe(fault);
});
