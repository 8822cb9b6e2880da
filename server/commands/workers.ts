import cluster, { type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { AggregatorRegistry } from 'prom-client';
import type { Config } from '../config.ts';
import type { Log } from './log.ts';
import type { FromWorker, MetricsOfOne, ToWorker } from './worker-messages.ts';
import { Seat } from './worker-seat.ts';

const PROGRAM = fileURLToPath(new URL('../main.ts', import.meta.url));
/** A worker that does not tell its metrics by then is left out. */
const METRICS_MS_MAX = 1_000;

export interface WorkersOptions {
  readonly config: Config;
  readonly log: Log;
  readonly hasDemo: boolean;
}

/** Processes that share one port and one database. */
export interface Workers extends AsyncDisposable {
  readonly address: string;
}

/**
 * Starts them, and puts another in the place of one that ends. All take connections from the one socket that this process
 * listens on, so that those of a worker that is killed break with it: what this process would hand out itself, as Node
 * does unless told otherwise, is left open with nobody behind it where a worker dies before it says that it has it.
 * The first worker brings the database up to date before the others start.
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const workers = new WorkerGroup(options);
  try {
    const address = await workers.start();
    return { address, [Symbol.asyncDispose]: () => workers.stop() };
  } catch (error) {
    await workers.stop();
    throw error;
  }
}

/** Resolves `answer` with what each worker said. */
interface Gathering {
  readonly metrics: MetricsOfOne[];
  missing: number;
  readonly finish: () => void;
}

class WorkerGroup {
  readonly #seats: readonly Seat[];
  readonly #gatherings = new Map<number, Gathering>();
  readonly #onError: (error: unknown) => void;
  #gathered = 0;

  constructor({ config, log, hasDemo }: WorkersOptions) {
    this.#onError = (error) => log.logger.error({ err: error }, 'could not gather the metrics');
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    let found = config.port;
    let port = config.port;
    this.#seats = Array.from({ length: config.workers }, (_, index) => {
      const argv = ['worker', '--number', String(index + 1), ...(index === 0 ? ['--jobs'] : [])];
      if (hasDemo) argv.push('--demo');
      return new Seat({
        number: index + 1,
        log,
        fork: () => {
          // Where any free port will do, workers share the one that was found by asking for any; it is given up when
          // the last of them ends, and is then asked for by its number.
          if (this.#seats.every(({ worker }) => worker === undefined)) port = found;
          return fork(argv, port);
        },
        onMessage: (message, worker) => {
          if (message.kind === 'ready') found = Number(new URL(message.address).port);
          this.#hear(message, worker);
        },
      });
    });
  }

  async start(): Promise<string> {
    const [first, ...others] = this.#seats;
    const address = (await first?.fill()) as string;
    await Promise.all(others.map((seat) => seat.fill()));
    return address;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#seats.map((seat) => seat.stop()));
  }

  #hear(message: FromWorker, from: Worker): void {
    if (message.kind === 'announcements') this.#tellAll(message, from);
    else if (message.kind === 'wake-mailer') this.#seats[0]?.tell(message);
    else if (message.kind === 'metrics') this.#takeMetrics(message.id, message.metrics);
    else if (message.kind === 'gather-metrics') this.#gatherMetrics(from, message.id).catch(this.#onError);
  }

  #tellAll(message: ToWorker, except?: Worker): number {
    return this.#seats.filter((seat) => seat.worker !== except && seat.tell(message)).length;
  }

  async #gatherMetrics(asker: Worker, askerId: number): Promise<void> {
    const metrics = await this.#readMetrics();
    const text = await AggregatorRegistry.aggregate(metrics).metrics();
    if (asker.isConnected()) asker.send({ kind: 'gathered-metrics', id: askerId, text } satisfies ToWorker);
  }

  async #readMetrics(): Promise<MetricsOfOne[]> {
    const id = this.#gathered++;
    const metrics: MetricsOfOne[] = [];
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, METRICS_MS_MAX);
      const finish = () => {
        clearTimeout(timer);
        resolve();
      };
      const gathering = { metrics, missing: Number.POSITIVE_INFINITY, finish };
      this.#gatherings.set(id, gathering);
      gathering.missing = this.#tellAll({ kind: 'read-metrics', id });
    });
    this.#gatherings.delete(id);
    return metrics;
  }

  #takeMetrics(id: number, metrics: MetricsOfOne): void {
    const gathering = this.#gatherings.get(id);
    if (!gathering) return;
    gathering.metrics.push(metrics);
    if (--gathering.missing === 0) gathering.finish();
  }
}

/** Its output comes to us, so that lines of several processes do not run into each other. */
function fork(argv: readonly string[], port: number): Worker {
  cluster.setupPrimary({ exec: PROGRAM, args: [...argv], silent: true });
  return cluster.fork({ PORT: String(port) });
}
