import type { Child, Command } from './child.ts';
import type { Dataset, Datasets } from './datasets.ts';
import type { Group, Options } from './options.ts';
import type { Peers } from './peers/install.ts';
import type { Target } from './rollcall.ts';
import type { Series } from './stats.ts';

/** One figure against its floor: a line of the report. */
export interface Row {
  /** Number of the scenario, as in `P2`. */
  readonly id: string;
  /** What was measured, and of what. */
  readonly what: string;
  readonly unit: string;
  readonly ours: Series;
  /** The least code that does the same work, or what else the figure is held against. */
  readonly floor?: Series;
  /** Ours to floor, round by round, so that more is better where ours is a rate. */
  readonly ratio?: Series;
  readonly goal?: Goal;
  readonly cost?: Cost;
  /** Share (0..1) of the time for which other programs kept the side under test, or its floor, from its core. */
  readonly waiting?: number;
}

/** What a figure is to reach, and on which of the two it is judged. */
export interface Goal {
  readonly of: 'ratio' | 'ours';
  readonly least?: number;
  readonly most?: number;
}

/** Where the time of a figure went: medians over the rounds. */
export interface Cost {
  /** Shares of a core in use (0..1): by the program under test, by the floor, and by this process as it loaded either. */
  readonly serverBusy: number;
  readonly floorBusy: number;
  readonly loadBusy: number;
  readonly floorLoadBusy: number;
  /** Processor time for one unit, in seconds. */
  readonly serverCpu: number;
  readonly floorCpu: number;
  /** Processor time of the floor divided by ours, for the same work: a ratio that a busy machine disturbs less. */
  readonly cpuRatio: number;
}

/** What a scenario is given to work with. */
export interface Bench {
  readonly options: Options;
  readonly datasets: Datasets;
  /** A word on how far it is. */
  readonly say: (text: string) => void;
  /** Starts the server on a dataset; `label` names it in profiles. */
  readonly startServer: (dataset: Dataset, label: string, extra?: ServerExtra) => Promise<Target>;
  /** Starts a floor of floors/http.ts. */
  readonly startHttpFloor: (...argv: readonly string[]) => Promise<Target>;
  /** Starts a floor of floors/store.ts on a dataset. */
  readonly startStoreFloor: (mode: 'insert' | 'lookup' | 'update', dataset: Dataset) => Child;
  /** Starts a floor of floors/postgres.ts on a dataset that is in PostgreSQL. */
  readonly startPostgresFloor: (mode: 'pages' | 'insert' | 'stream', dataset: Dataset) => Child;
  /** Starts any Node program in the place of the server. */
  readonly startNode: (...argv: readonly string[]) => Child;
  /** Starts any other program in the place of the server, with settings or messages. */
  readonly startPeer: (
    peer: Pick<Command, 'program' | 'argv' | 'env' | 'ipc'> & Partial<Pick<Command, 'place'>>,
  ) => Child;
  /** Brings what others made, once. */
  readonly installPeers: () => Promise<Peers>;
}

export interface ServerExtra {
  readonly nodeOptions?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** `all`: on any core, the load's too; its own alone unless said so. */
  readonly place?: Command['place'];
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** `targets` unless said otherwise. */
  readonly group?: Group;
  readonly run: (bench: Bench) => Promise<Row[]>;
}
