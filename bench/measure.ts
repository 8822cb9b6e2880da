import type { Child } from './child.ts';
import { type Driven, drive, during, expectStatus, type Load } from './load/drive.ts';
import type { Target } from './rollcall.ts';
import type { Bench, Cost } from './scenario.ts';
import { ratios, type Series, series } from './stats.ts';

/** What one round of one side came to. */
export interface Sample {
  /** Units of work a second. */
  readonly rate: number;
  /** Shares of a core in use (0..1), by the side itself and by this process. */
  readonly busy: number;
  readonly loadBusy: number;
  /** Share of the time for which the side had to wait for its core. */
  readonly waiting: number;
  /** Processor time that the side took for a unit, in seconds. */
  readonly cpuPerUnit: number;
}

type Worker = Pick<Child, 'cpuSeconds' | 'waitedSeconds'>;

/** Work done; `cpuSeconds` where the worker counted its own. */
interface Work {
  readonly units: number;
  readonly seconds: number;
  readonly cpuSeconds?: number;
}

/** Times `work`, how busy the worker and we were meanwhile, and how long the worker waited for its core. */
export async function sample(worker: Worker, work: () => Promise<Work>): Promise<Sample> {
  const before = { cpu: worker.cpuSeconds(), waited: worker.waitedSeconds(), load: process.cpuUsage() };
  const { units, seconds, cpuSeconds = worker.cpuSeconds() - before.cpu } = await work();
  const load = process.cpuUsage(before.load);
  return {
    rate: units / seconds,
    busy: cpuSeconds / seconds,
    loadBusy: (load.user + load.system) / 1e6 / seconds,
    waiting: (worker.waitedSeconds() - before.waited) / seconds,
    cpuPerUnit: cpuSeconds / units,
  };
}

/** Both sides' rates, how they compare, and where the time went. */
export interface Comparison {
  readonly ours: Series;
  readonly floor: Series;
  readonly ratio: Series;
  readonly cost: Cost;
  readonly waiting: number;
}

/** Runs both sides by turns, after a round of each that does not count, and changes who goes first. */
export async function compare(
  bench: Bench,
  ours: () => Promise<Sample>,
  floor: () => Promise<Sample>,
): Promise<Comparison> {
  const sides = { ours: [] as Sample[], floor: [] as Sample[] };
  await ours();
  await floor();
  for (let round = 0; round < bench.options.rounds; round++) {
    const oursFirst = round % 2 === 0;
    if (oursFirst) sides.ours.push(await ours());
    sides.floor.push(await floor());
    if (!oursFirst) sides.ours.push(await ours());
    bench.say(`round ${round + 1} of ${bench.options.rounds}`);
  }
  return conclude(sides.ours, sides.floor);
}

function conclude(ours: readonly Sample[], floor: readonly Sample[]): Comparison {
  const all = (side: readonly Sample[], figure: keyof Sample) => side.map((one) => one[figure]);
  const median = (side: readonly Sample[], figure: keyof Sample) => series(all(side, figure)).median;
  return {
    ours: series(all(ours, 'rate')),
    floor: series(all(floor, 'rate')),
    ratio: ratios(all(ours, 'rate'), all(floor, 'rate')),
    cost: {
      serverBusy: median(ours, 'busy'),
      floorBusy: median(floor, 'busy'),
      loadBusy: median(ours, 'loadBusy'),
      floorLoadBusy: median(floor, 'loadBusy'),
      serverCpu: median(ours, 'cpuPerUnit'),
      floorCpu: median(floor, 'cpuPerUnit'),
      cpuRatio: ratios(all(floor, 'cpuPerUnit'), all(ours, 'cpuPerUnit')).median,
    },
    waiting: Math.max(median(ours, 'waiting'), median(floor, 'waiting')),
  };
}

/** Drives a load and counts requests, each of `unitsPerRequest` units. */
export function sampleLoad(target: Target, load: Omit<Load, 'address'>, unitsPerRequest = 1): Promise<Sample> {
  return sample(target.child, async () => {
    const { requests, seconds }: Driven = await drive({ ...load, address: target.address });
    return { units: requests * unitsPerRequest, seconds };
  });
}

/** Sends the requests over and over for a round's time and expects one status. */
export function sampleRequests(
  bench: Bench,
  target: Target,
  requests: readonly Buffer[],
  { connections = 16, status = 200 }: { connections?: number; status?: number } = {},
): Promise<Sample> {
  const next = during(bench.options.seconds, requests);
  return sampleLoad(target, { connections, next, check: expectStatus(status) });
}
