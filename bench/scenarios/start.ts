import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../load/connection.ts';
import { expectStatus } from '../load/drive.ts';
import { requestBytes } from '../load/request.ts';
import { pageRequest } from '../pages.ts';
import { ready, type Target } from '../rollcall.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';
import { ratios, series } from '../stats.ts';

/** Idle begins once what the first request left behind is gone. */
const IDLE_AFTER_MS = 3_000;

/** Node and an empty HTTP server, with nothing to load from disk but Node itself. */
const EMPTY_SERVER = `const server = require('node:http').createServer((request, response) => response.end());
server.listen(0, '127.0.0.1', () => console.log('listening on http://127.0.0.1:' + server.address().port));`;

/** P11: from starting the program to its first page, against Node starting an empty server; memory when idle. */
export const start: Scenario = { id: 'P11', title: 'start and idle memory', run };

async function run(bench: Bench): Promise<Row[]> {
  const { users, rounds } = bench.options;
  const dataset = await bench.datasets.get({ users });
  const page = pageRequest(dataset, 0);
  const ours = () => firstAnswer(() => bench.startServer(dataset, 'P11'), page);
  const floor = () => firstAnswer(() => startEmpty(bench), requestBytes({ path: '/' }));
  const times = { ours: [] as number[], floor: [] as number[] };
  const memories: number[] = [];
  await ours();
  await floor();
  for (let round = 0; round < rounds; round++) {
    times.floor.push((await floor()).ms);
    const { ms, memory } = await firstAnswer(() => bench.startServer(dataset, 'P11'), page, IDLE_AFTER_MS);
    times.ours.push(ms);
    memories.push(memory);
    bench.say(`round ${round + 1} of ${rounds}`);
  }
  return [
    {
      id: 'P11',
      what: `start to first page, ${users} users / Node starting an empty server`,
      unit: 'ms',
      ours: series(times.ours),
      floor: series(times.floor),
      ratio: ratios(times.ours, times.floor),
      goal: { of: 'ratio', most: 3 },
    },
    { id: 'P11', what: 'memory when idle', unit: 'MB', ours: series(memories), goal: { of: 'ours', most: 90 } },
  ];
}

function startEmpty(bench: Bench): Promise<Target> {
  const child = bench.startNode('--eval', EMPTY_SERVER);
  return ready(child, async () => (await child.line(/^listening on (http:\S+)$/m))[1] as string);
}

/** Milliseconds from starting a program to its first whole answer, and its memory in MB a while later. */
async function firstAnswer(
  startProgram: () => Promise<Target>,
  request: Buffer,
  idleMs = 0,
): Promise<{ ms: number; memory: number }> {
  const begin = performance.now();
  await using target = await startProgram();
  using connection = await Connection.open(target.address);
  const reply = await connection.send(request);
  const ms = performance.now() - begin;
  expectStatus(200)(reply);
  await sleep(idleMs);
  return { ms, memory: target.child.memory().now };
}
