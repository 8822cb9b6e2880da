import { constants } from 'node:os';
import { type App, type AppOptions, startApp } from '../app.ts';
import { type Config, readConfig } from '../config.ts';
import { makeDataDirectory } from './data-directory.ts';
import { explain } from './failure.ts';
import { createLog } from './log.ts';
import { print } from './output.ts';

/** `rollcall serve`: runs the server until it is told to stop (SIGINT, SIGTERM), then lets running requests finish. */
export async function serve(): Promise<void> {
  await using server = await startServing(readConfig());
  // The one line on stdout, for which scripts wait.
  await print(`rollcall listening on ${server.address}`);
  await stopSignal();
}

/** Where a server listens, until it is disposed. */
export interface Serving extends AsyncDisposable {
  /** `http://HOST:PORT`. */
  readonly address: string;
}

/** Runs the server in this process, or in as many workers as the configuration says. */
export async function startServing(config: Config, demo: string | null = null): Promise<Serving> {
  if (config.workers === 1) return startServer(config, { demo });
  const log = createLog(config);
  const { startWorkers } = await import('./workers.ts');
  const workers = await startWorkers({ config, log, hasDemo: demo !== null });
  return {
    address: workers.address,
    async [Symbol.asyncDispose]() {
      await workers[Symbol.asyncDispose]();
      await log.end();
    },
  };
}

export interface ServerOptions extends Pick<AppOptions, 'demo' | 'colleagues'> {
  /** Number of this process among those that serve together. */
  readonly worker?: number;
}

/** Makes the data directory where it is missing, and listens; what goes wrong is explained to the operator. */
export async function startServer(config: Config, { worker, ...options }: ServerOptions = {}): Promise<App> {
  try {
    makeDataDirectory(config);
    const log = createLog(config, worker);
    const app = await startApp({ config, logger: log.logger, ...options });
    return {
      ...app,
      async [Symbol.asyncDispose]() {
        await app[Symbol.asyncDispose]();
        await log.end();
      },
    };
  } catch (error) {
    throw explain(error, config);
  }
}

/** npm passes a Ctrl-C on that the terminal has sent to the whole group already: both are one wish. */
const SAME_WISH_MS = 250;
/** A stop gives what runs ten seconds; what hangs even then is cut off. */
const STOP_MS_MAX = 12_000;

/** Resolves with the first signal to stop; the next one ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const onSignal = (signal: 'SIGINT' | 'SIGTERM') => {
      if (firstAt === undefined) setTimeout(() => process.exit(process.exitCode ?? 1), STOP_MS_MAX).unref();
      firstAt ??= performance.now();
      resolve();
      // Left to the system, a second signal would do nothing where we are the first process of a container.
      if (performance.now() - firstAt > SAME_WISH_MS) process.exit(128 + constants.signals[signal]);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
