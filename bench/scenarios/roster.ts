import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BATCH_USERS, type Bodies, newBodies, sampleStoreFloor } from '../batches.ts';
import type { Child } from '../child.ts';
import type { Dataset, Template } from '../datasets.ts';
import { compare, type Sample, sample } from '../measure.ts';
import { ROLLCALL, type Target } from '../rollcall.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import { ratios, series } from '../stats.ts';

/** Of the users that the options name, so many are the roster that is timed: 100,000 of a million. */
const ROSTER_SHARE = 0.1;
/** Who is there before the first sync is nobody whom a sync brought in. */
const OTHERS = 200;
const MEMORY_EVERY_MS = 50;

/** Reads a roster and splits it into cells: what anybody must do who is to compare it with something. */
const READER = `const { readFileSync } = require('node:fs');
process.on('message', ({ file }) => {
  const start = { at: performance.now(), cpu: process.cpuUsage() };
  const rows = readFileSync(file, 'utf8').trimEnd().split('\\n').map((line) => line.split(','));
  const { user, system } = process.cpuUsage(start.cpu);
  const seconds = (performance.now() - start.at) / 1000;
  process.send({ seconds, cpuSeconds: (user + system) / 1e6, rows: rows.length - 1 });
});`;

/** P12: a whole roster from CSV by one command: the first time, again without a change, and in how much memory. */
export const roster: Scenario = { id: 'P12', title: 'a roster from CSV by one command', run };

async function run(bench: Bench): Promise<Row[]> {
  const count = rounded(bench.options.users * ROSTER_SHARE);
  const dataset = await bench.datasets.get({ users: OTHERS });
  return [...(await times(bench, dataset, count)), ...(await memories(bench, dataset, count))];
}

function rounded(users: number): number {
  return Math.max(BATCH_USERS, Math.floor(users / BATCH_USERS) * BATCH_USERS);
}

async function times(bench: Bench, dataset: Dataset, count: number): Promise<Row[]> {
  const bodies = newBodies(1)(count / BATCH_USERS);
  const file = await writeRoster(bench, bodies);
  const first = await compare(
    bench,
    async () => {
      await using copy = await bench.datasets.copy(dataset);
      await using server = await bench.startServer(copy, 'P12');
      return await sampleSync(bench, server, copy, file, count);
    },
    async () => {
      await using copy = await bench.datasets.copy(dataset);
      await using floor = bench.startStoreFloor('insert', copy);
      return await sampleStoreFloor(bench, floor, bodies);
    },
  );
  await using copy = await bench.datasets.copy(dataset);
  await using server = await bench.startServer(copy, 'P12');
  await sampleSync(bench, server, copy, file, count);
  await using reader = bench.startPeer({ argv: ['--eval', READER], ipc: true });
  const unchanged = await compare(
    bench,
    () => sampleSync(bench, server, copy, file, count),
    () =>
      sample(reader, async () => ({
        units: count,
        ...(await reader.message<{ seconds: number; cpuSeconds: number }>({ file })),
      })),
  );
  const rows = `${count} rows from CSV by one command`;
  // Three times and twice the time are a third and half of the rate.
  return [
    {
      id: 'P12',
      what: `${rows}, all new / bare insert loop`,
      unit: 'rows/s',
      ...first,
      goal: { of: 'ratio', least: 0.33 },
    },
    {
      id: 'P12',
      what: `${rows}, unchanged / reading the file`,
      unit: 'rows/s',
      ...unchanged,
      goal: { of: 'ratio', least: 0.5 },
    },
  ];
}

async function writeRoster({ datasets }: Bench, bodies: Bodies): Promise<string> {
  const columns = ['remoteId', 'firstName', 'lastName', 'email'] as const;
  const lines = bodies.flatMap((body) =>
    (JSON.parse(body) as { users: Template[] }).users.map((user) => columns.map((column) => user[column]).join(',')),
  );
  const file = datasets.scratch(`roster-${lines.length}.csv`);
  await writeFile(file, `${columns.join(',')}\n${lines.join('\n')}\n`);
  return file;
}

/** Starts `rollcall users sync`, as a cron job would. */
function startSync(bench: Bench, server: Target, { keys }: Dataset, file: string): Child {
  const argv = [ROLLCALL, 'users', 'sync', file, '--yes', '--max-deactivations', '100%', '--quiet'];
  const env = { ...process.env, ROLLCALL_URL: server.address, ROLLCALL_KEY: keys[0] };
  return bench.startPeer({ argv, env, place: 'all' });
}

/** Times the command from its start to its end. */
function sampleSync(bench: Bench, server: Target, dataset: Dataset, file: string, count: number): Promise<Sample> {
  return sample(server.child, async () => {
    const begin = performance.now();
    await using command = startSync(bench, server, dataset, file);
    await command.finish();
    return { units: count, seconds: (performance.now() - begin) / 1_000 };
  });
}

/** Peak memory of command and server with the roster, and with one ten times as long. */
async function memories(bench: Bench, dataset: Dataset, count: number): Promise<Row[]> {
  const long = count / ROSTER_SHARE;
  const small = await peaks(bench, dataset, count);
  const large = await peaks(bench, dataset, long);
  const row = (who: 'command' | 'server'): Row => ({
    id: 'P12',
    what: `peak memory of the ${who}, ${long} rows / ${count} rows`,
    unit: 'MB',
    ours: series([large[who]]),
    floor: series([small[who]]),
    ratio: ratios([large[who]], [small[who]]),
    goal: { of: 'ratio', most: 1.5 },
  });
  return [row('command'), row('server')];
}

async function peaks(bench: Bench, dataset: Dataset, count: number) {
  const file = await writeRoster(bench, newBodies(1)(count / BATCH_USERS));
  await using copy = await bench.datasets.copy(dataset);
  await using server = await bench.startServer(copy, 'P12');
  await using command = startSync(bench, server, copy, file);
  let peak = 0;
  let isRunning = true;
  const ended = command.finish().finally(() => {
    isRunning = false;
  });
  while (isRunning) {
    peak = Math.max(peak, peakOf(command));
    await Promise.race([ended, sleep(MEMORY_EVERY_MS)]);
  }
  await ended;
  return { command: peak, server: server.child.memory().peak };
}

/** 0 once it has ended. */
function peakOf(child: Child): number {
  try {
    return child.memory().peak || 0;
  } catch {
    return 0;
  }
}
