import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import { type Cores, separateCores } from './cores.ts';
import { Datasets, settingsOf } from './datasets.ts';
import { describeCommit, describeMachine } from './machine.ts';
import { isWanted, type Options } from './options.ts';
import { installPeers } from './peers/install.ts';
import { profileDirectory, type Results } from './report.ts';
import { ready, startRollcall } from './rollcall.ts';
import type { Bench, Row, Scenario } from './scenario.ts';
import { besideStreams } from './scenarios/beside-streams.ts';
import { changedSince } from './scenarios/changed-since.ts';
import { deepPage } from './scenarios/deep-page.ts';
import { growth } from './scenarios/growth.ts';
import { manyOrganizations } from './scenarios/many-organizations.ts';
import { notModified } from './scenarios/not-modified.ts';
import { onPostgres } from './scenarios/on-postgres.ts';
import { peers } from './scenarios/peers.ts';
import { randomPages } from './scenarios/random-pages.ts';
import { rooms } from './scenarios/rooms.ts';
import { roster } from './scenarios/roster.ts';
import { scim } from './scenarios/scim.ts';
import { start } from './scenarios/start.ts';
import { stream } from './scenarios/stream.ts';
import { twoWorkers } from './scenarios/two-workers.ts';
import { upsertChanged } from './scenarios/upsert-changed.ts';
import { upsertNew } from './scenarios/upsert-new.ts';
import { upsertUnchanged } from './scenarios/upsert-unchanged.ts';

/** In the order of their numbers: P, those of the project's targets; G, growth; D, peers. */
export const scenarios: readonly Scenario[] = [
  notModified,
  randomPages,
  deepPage,
  manyOrganizations,
  upsertNew,
  upsertUnchanged,
  upsertChanged,
  stream,
  besideStreams,
  changedSince,
  start,
  roster,
  onPostgres,
  twoWorkers,
  scim,
  rooms,
  ...growth,
  ...peers,
];

/** Where the servers of a run write their log. */
const LOG = 'server.log';
const ERROR_SHOWN = 1_000;
const HTTP_FLOOR = fileURLToPath(new URL('floors/http.ts', import.meta.url));
const POSTGRES_FLOOR = fileURLToPath(new URL('floors/postgres.ts', import.meta.url));
const STORE_FLOOR = fileURLToPath(new URL('floors/store.ts', import.meta.url));

/**
 * Runs the scenarios that were asked for, one after the other. One that fails does not keep the others from being measured;
 * once `isInterrupted`, no further one is begun. Leaves no process and, unless told to keep them, no database behind.
 */
export async function runScenarios(
  options: Options,
  say: (text: string) => void,
  isInterrupted: () => boolean,
): Promise<Results> {
  const startedAt = new Date().toISOString();
  const cores = separateCores();
  const machine = describeMachine(cores.note);
  say(cores.note);
  if (options.profile) await mkdir(profileDirectory(startedAt), { recursive: true });
  await using datasets = await Datasets.open(options.keep, cores, say);
  const rows: Row[] = [];
  const failures: { id: string; reason: string }[] = [];
  const wanted = scenarios.filter((scenario) => isWanted(scenario, options));
  for (const { id, title, run } of wanted) {
    if (isInterrupted()) break;
    const sayOfScenario = (text: string) => say(`${id} ${text}`);
    sayOfScenario(title);
    try {
      rows.push(...(await run(equip({ options, datasets, say: sayOfScenario }, cores, startedAt))));
    } catch (error) {
      if (isInterrupted()) break;
      const reason = reasonOf(error);
      sayOfScenario(`could not be measured: ${reason}`);
      const logged = lastError(datasets.scratch(LOG));
      if (logged) sayOfScenario(`the server's last error: ${logged}`);
      failures.push({ id, reason });
    }
  }
  return { startedAt, commit: describeCommit(), machine, options, rows, failures };
}

/** With what lies behind it: of a request that failed, the error itself says no more than that. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
}

/** The last line of a server's log that is no mere notice (pino's levels below 50), where there is one. */
function lastError(logFile: string): string | undefined {
  if (!existsSync(logFile)) return undefined;
  const lines = readFileSync(logFile, 'utf8').split('\n');
  return lines.findLast((line) => line !== '' && !/^\{"level":[1-4]0,/.test(line))?.slice(0, ERROR_SHOWN);
}

/** Gives a scenario the means to start what it measures. */
function equip(given: Pick<Bench, 'options' | 'datasets' | 'say'>, cores: Cores, startedAt: string): Bench {
  const { options, datasets } = given;
  const directory = profileDirectory(startedAt);
  const profiling = (label: string) =>
    options.profile ? ['--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-name=${label}.cpuprofile`] : [];
  return {
    ...given,
    startServer: (dataset, label, { nodeOptions = [], env = {}, place = 'server' } = {}) => {
      const logFile = datasets.scratch(LOG);
      const server = { settings: settingsOf(dataset), logFile, env, place };
      return startRollcall({ ...server, nodeOptions: [...profiling(label), ...nodeOptions] }, cores);
    },
    startHttpFloor: (...argv) => {
      const child = new Child({ argv: [HTTP_FLOOR, ...argv], place: 'server', ipc: true }, cores);
      return ready(child, async () => (await child.message<{ address: string }>()).address);
    },
    startStoreFloor: (mode, dataset) => {
      const argv = [STORE_FLOOR, mode, join(dataset.directory, 'rollcall.db')];
      return new Child({ argv, place: 'server', ipc: true }, cores);
    },
    startPostgresFloor: (mode, { databaseUrl = '' }) => {
      return new Child({ argv: [POSTGRES_FLOOR, mode, databaseUrl], place: 'server', ipc: true }, cores);
    },
    installPeers: async () => installPeers(await datasets.directory('peers'), cores, given.say),
    startPeer: (peer) => new Child({ place: 'server', ...peer }, cores),
    startNode: (...argv) => new Child({ argv, place: 'server' }, cores),
  };
}
