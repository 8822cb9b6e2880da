import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countTests } from './vitest-report.js';

const FILE_THAT_PASSED = { status: 'passed', assertionResults: [{ status: 'passed' }, { status: 'passed' }] };
const FILE_THAT_FAILED = { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] };
const FILE_THAT_DID_NOT_LOAD = { status: 'failed', assertionResults: [] };

function reportOf(numPassedTests: number, numFailedTests: number, testResults: object[]) {
  return JSON.stringify({ numPassedTests, numFailedTests, numPendingTests: 1, numTodoTests: 1, testResults });
}

test.each([
  ['all passed', reportOf(2, 0, [FILE_THAT_PASSED]), 0, { passed: 2, failed: 0, skipped: 2 }],
  ['a test failed', reportOf(3, 1, [FILE_THAT_PASSED, FILE_THAT_FAILED]), 1, { passed: 3, failed: 1, skipped: 2 }],
  [
    'a file did not load',
    reportOf(3, 1, [FILE_THAT_FAILED, FILE_THAT_DID_NOT_LOAD]),
    1,
    { passed: 3, failed: 2, skipped: 2 },
  ],
  ['an error arose outside of all tests', reportOf(2, 0, [FILE_THAT_PASSED]), 1, { passed: 2, failed: 1, skipped: 2 }],
  ['the report broke off', '{"numPassedTests":2', 1, { passed: 0, failed: 1, skipped: 0 }],
])('no failure is lost from the count when %s', async (_situation, report, exitCode, counts) => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-report-'));
  try {
    await writeFile(join(folder, 'report.json'), report);
    expect(countTests(join(folder, 'report.json'), exitCode)).toEqual(counts);
  } finally {
    await rm(folder, { recursive: true });
  }
});
