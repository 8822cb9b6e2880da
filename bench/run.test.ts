import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { Results } from './report.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
/** As little as there can be: what is tested is that everything runs, not how fast. */
const LEAST = ['--quick', '--rounds', '1', '--seconds', '0.05', '--users', '1000', '--completions', '1000'];
const SLOW_MACHINE_MS = 120_000;

function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'bench-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function start(argv: readonly string[], temporary: string) {
  const env = { ...process.env, TMPDIR: temporary };
  const child = spawn(process.execPath, [MAIN, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const written = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.err += text;
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, written, exit };
}

test('scenarios run against their floors, and figures go to the table and the file', {
  timeout: SLOW_MACHINE_MS,
}, async () => {
  const temporary = emptyDirectory();
  const output = join(emptyDirectory(), 'results.json');
  const { written, exit } = start(
    [...LEAST, '--organizations', '3', '--only', 'P2,P5,P8,G3', '--output', output],
    temporary,
  );
  expect(await exit, written.err).toBe(0);

  const { rows, failures } = JSON.parse(readFileSync(output, 'utf8')) as Results;
  expect(failures).toEqual([]);
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(['P2', 'P5', 'P8', 'G3']));
  for (const { ours, ratio, what } of rows) {
    expect(ours.median, what).toBeGreaterThanOrEqual(0);
    if (ratio) expect(ratio.median, what).toBeGreaterThan(0);
    expect(written.out).toContain(what);
  }
  expect(readdirSync(temporary), 'databases are removed').toEqual([]);
});

test('PostgreSQL is started for scenarios that want it, and is gone afterwards', {
  timeout: SLOW_MACHINE_MS,
}, async () => {
  const temporary = emptyDirectory();
  // PostgreSQL runs as somebody else where we are root, and has to get there.
  chmodSync(temporary, 0o755);
  const output = join(emptyDirectory(), 'results.json');
  const { written, exit } = start([...LEAST, '--only', 'P13', '--output', output], temporary);
  expect(await exit, written.err).toBe(0);
  const { rows } = JSON.parse(readFileSync(output, 'utf8')) as Results;
  expect(rows.length).toBe(3);
  for (const { ratio, what } of rows) expect(ratio?.median, what).toBeGreaterThan(0);
  expect(readdirSync(temporary), 'the database server has left').toEqual([]);
});

test('an interrupted run ends at once and leaves nothing behind', { timeout: SLOW_MACHINE_MS }, async () => {
  const temporary = emptyDirectory();
  const { child, written, exit } = start([...LEAST, '--rounds', '1000', '--only', 'P1'], temporary);
  await expect.poll(() => written.err, { timeout: SLOW_MACHINE_MS }).toContain('round 1 of 1000');
  child.kill('SIGINT');
  expect(await exit).toBe(130);
  expect(written.out).toBe('');
  expect(readdirSync(temporary)).toEqual([]);
});

test('a wrong option is told with what is right, and exit code 2', { timeout: SLOW_MACHINE_MS }, async () => {
  const { written, exit } = start(['--only', 'P99'], emptyDirectory());
  expect(await exit).toBe(2);
  expect(written.err).toContain('there is no scenario P99');
});
