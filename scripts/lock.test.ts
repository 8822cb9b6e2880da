import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { takeLock } from './lock.js';

/** A process that holds the lock for a moment and notes when it began and ended. */
const HOLDER = `
  const { appendFileSync } = await import('node:fs');
  const { takeLock } = await import(${JSON.stringify(new URL('lock.js', import.meta.url).href)});
  const [lock, log] = process.argv.slice(1);
  const release = await takeLock(lock, () => {});
  appendFileSync(log, 'begin ' + process.pid + '\\n');
  await new Promise((resolve) => setTimeout(resolve, 50));
  appendFileSync(log, 'end ' + process.pid + '\\n');
  release();
`;

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-lock-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function leaveBehind(lock: string, owner: string): Promise<void> {
  await mkdir(lock);
  await writeFile(join(lock, 'owner'), owner);
}

/** The id of a process that has ended. */
async function endedPid(): Promise<number> {
  const child = promisify(execFile)(process.execPath, ['-e', '']);
  await child;
  return Number(child.child.pid);
}

test('of several processes at once only one holds the lock, and each gets it', async () => {
  await inFolder(async (folder) => {
    const [lock, log] = [join(folder, 'lock'), join(folder, 'log')];
    await leaveBehind(lock, `${await endedPid()}.left`);
    const holders = Array.from({ length: 5 }, () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', HOLDER, lock, log]),
    );
    await Promise.all(holders);
    const lines = (await readFile(log, 'utf8')).trim().split('\n');
    const turns = lines.filter((_line, index) => index % 2 === 0).map((line) => line.replace('begin ', ''));
    expect(lines).toEqual(turns.flatMap((pid) => [`begin ${pid}`, `end ${pid}`]));
    expect(new Set(turns).size).toBe(5);
    expect(await readdir(folder)).toEqual(['log']);
  });
});

test('the lock of a process that has died is taken over without waiting', async () => {
  await inFolder(async (folder) => {
    const lock = join(folder, 'lock');
    await leaveBehind(lock, `${await endedPid()}.left`);
    const waits: string[] = [];
    const release = await takeLock(lock, () => waits.push('waited'));
    expect(existsSync(lock)).toBe(true);
    release();
    expect(existsSync(lock)).toBe(false);
    expect(waits).toEqual([]);
  });
});

test('whoever has to wait for the lock of a living process says so once and gets it afterwards', async () => {
  await inFolder(async (folder) => {
    const lock = join(folder, 'lock');
    const release = await takeLock(lock, () => expect.unreachable());
    let waits = 0;
    const second = takeLock(lock, () => {
      waits++;
      setTimeout(release, 300);
    });
    (await second)();
    expect(waits).toBe(1);
  });
});
