import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Child, type Command } from './child.ts';
import type { Cores } from './cores.ts';

/** The program that integrators run. */
export const ROLLCALL = fileURLToPath(new URL('../server/main.ts', import.meta.url));

const LISTENING = /^rollcall listening on (http:\/\/\S+)$/m;

export interface ServerOptions {
  /** Where its data is: DATA_DIR, and DATABASE_URL with PostgreSQL. */
  readonly settings: NodeJS.ProcessEnv;
  /** Node's own options, such as --cpu-prof. */
  readonly nodeOptions?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly place?: Command['place'];
  /** Where its log goes. */
  readonly logFile: string;
}

/** A program under test that answers HTTP. */
export interface Target extends AsyncDisposable {
  /** `http://HOST:PORT`. */
  readonly address: string;
  readonly child: Child;
}

/**
 * Starts `rollcall serve` as an operator would, with its default settings, its log written to a file, on its own core
 * and on any free port of this machine; resolves when it listens.
 */
export async function startRollcall(options: ServerOptions, cores: Cores): Promise<Target> {
  const log = openSync(options.logFile, 'a');
  const child = new Child(
    {
      argv: [...(options.nodeOptions ?? []), ROLLCALL, 'serve'],
      place: options.place ?? 'server',
      env: {
        ...process.env,
        HOST: '127.0.0.1',
        PORT: '0',
        RATE_LIMIT: '0',
        PUBLIC_URL: '',
        DATABASE_URL: '',
        DATABASE_READ_URL: '',
        WORKERS: '',
        ...options.settings,
        ...options.env,
      },
      stderr: log,
    },
    cores,
  );
  closeSync(log);
  return ready(child, async () => (await child.line(LISTENING))[1] as string);
}

/** The target once it says where it listens; ends the child where it does not come to that. */
export async function ready(child: Child, findAddress: () => Promise<string>): Promise<Target> {
  try {
    return { address: await findAddress(), child, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}
