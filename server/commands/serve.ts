import { type App, createLogger, startApp } from '../app.ts';
import { readConfig } from '../config.ts';

/** `rollcall serve`: runs the server until it is told to stop (SIGINT, SIGTERM), then lets running requests finish. */
export async function serve(): Promise<void> {
  const app = await startServer();
  await stopSignal();
  await app[Symbol.asyncDispose]();
}

/** Starts the server and says so on stdout, in one line that scripts wait for. */
export async function startServer(): Promise<App> {
  const config = readConfig();
  const app = await startApp({ config, logger: createLogger(config) });
  process.stdout.write(`rollcall listening on ${app.address}\n`);
  return app;
}

/** Resolves with the first signal to stop; a second one ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
