import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './program.ts';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));
const COMPILE_CACHE = fileURLToPath(new URL('../../../node_modules/.cache/rollcall', import.meta.url));

export interface CliOptions {
  /** Instead of the settings of every run; undefined takes one away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Uint8Array;
  /** Ends the program by kill -9 once this is there. */
  readonly killAfter?: Promise<unknown>;
}

/** The command line as an integrator runs it: a folder, settings of their own, a server and a key. */
export interface Cli extends AsyncDisposable {
  readonly directory: string;
  path(name: string): string;
  write(name: string, content: string | Uint8Array): Promise<string>;
  read(name: string): Promise<string>;
  /** Runs `rollcall ARGV…` to its end. */
  run(argv: readonly string[], options?: CliOptions): Promise<Outcome>;
  /** Runs a command that must succeed, with `--json`; answers what it printed. */
  json<T = Record<string, unknown>>(...argv: string[]): Promise<T>;
}

export async function createCli(server: { readonly address: string }, key: string): Promise<Cli> {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-cli-'));
  const path = (name: string) => join(directory, name);
  const settings = {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    HOME: directory,
    ROLLCALL_URL: server.address,
    ROLLCALL_KEY: key,
  };
  const run: Cli['run'] = (argv, { environment, stdin, killAfter } = {}) =>
    new Promise((resolve, reject) => {
      const env = Object.fromEntries(
        Object.entries({ ...settings, ...environment }).filter(([, value]) => value !== undefined),
      );
      const child = spawn(process.execPath, [MAIN, ...argv], { cwd: directory, env, stdio: 'pipe' });
      const outcome = { stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        outcome.stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        outcome.stderr += text;
      });
      void killAfter?.then(() => child.kill('SIGKILL'));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...outcome }));
      // A program that reads nothing, or has ended, breaks the pipe.
      child.stdin.on('error', () => undefined);
      child.stdin.end(stdin ?? '');
    });
  return {
    directory,
    path,
    async write(name, content) {
      await writeFile(path(name), content);
      return name;
    },
    read: (name) => readFile(path(name), 'utf8'),
    run,
    async json<T>(...argv: string[]) {
      const { code, stdout, stderr } = await run([...argv, '--json']);
      if (code !== 0) throw new Error(`rollcall ${argv.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
