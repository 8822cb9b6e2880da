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
  /** Processor time that the side took for a unit, in seconds. */
  readonly cpuPerUnit: number;
}

/** Work done; `cpuSeconds` where the worker counted its own. */
interface Work {
  readonly units: number;
  readonly seconds: number;
  readonly cpuSeconds?: number;
}

/** Times `work` and how busy the worker and we were meanwhile. */
export async function sample(worker: Pick<Child, 'cpuSeconds'>, work: () => Promise<Work>): Promise<Sample> {
  const before = { worker: worker.cpuSeconds(), load: process.cpuUsage() };
  const { units, seconds, cpuSeconds = worker.cpuSeconds() - before.worker } = await work();
  const load = process.cpuUsage(before.load);
  return {
    rate: units / seconds,
    busy: cpuSeconds / seconds,
    loadBusy: (load.user + load.system) / 1e6 / seconds,
    cpuPerUnit: cpuSeconds / units,
  };
}

/** Both sides' rates, how they compare, and where the time went. */
export interface Comparison {
  readonly ours: Series;
  readonly floor: Series;
  readonly ratio: Series;
  readonly cost: Cost;
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
  const rates = { ours: ours.map(({ rate }) => rate), floor: floor.map(({ rate }) => rate) };
  const cpu = { ours: ours.map(({ cpuPerUnit }) => cpuPerUnit), floor: floor.map(({ cpuPerUnit }) => cpuPerUnit) };
  return {
    ours: series(rates.ours),
    floor: series(rates.floor),
    ratio: ratios(rates.ours, rates.floor),
    cost: {
      serverBusy: series(ours.map(({ busy }) => busy)).median,
      floorBusy: series(floor.map(({ busy }) => busy)).median,
      loadBusy: series(ours.map(({ loadBusy }) => loadBusy)).median,
      serverCpu: series(cpu.ours).median,
      floorCpu: series(cpu.floor).median,
      cpuRatio: ratios(cpu.floor, cpu.ours).median,
    },
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
