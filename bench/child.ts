import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cores, onCores } from './cores.ts';

const ANSWER_MS_MAX = 120_000;
const STOP_MS_MAX = 15_000;
/** Of what a child writes on stderr this much is kept to explain its end. */
const STDERR_KEPT = 4_000;
/** Linux counts a process' time in ticks of 10 ms, whatever the kernel's own clock (USER_HZ). */
const TICKS_PER_SECOND = 100;

const running = new Set<ChildProcess>();
let interrupted = false;

/** Ends all children at once and starts no more: for signals, and for a run that takes too long. */
export function killChildren(): void {
  interrupted = true;
  for (const child of running) child.kill('SIGKILL');
}

export interface Command {
  /** This Node unless said otherwise. */
  readonly program?: string;
  /** Of Node: options, file, arguments. */
  readonly argv: readonly string[];
  /** `server`: alone on the core of the program under test. `all`: wherever there is room. */
  readonly place: 'server' | 'all';
  readonly env?: NodeJS.ProcessEnv;
  /** File descriptor for stderr; kept in memory to explain a failure where absent. */
  readonly stderr?: number;
  /** Whether messages are exchanged with it. */
  readonly ipc?: boolean;
}

/** A program that we started. Disposing it ends it. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  #stderr = '';

  constructor(options: Command, cores: Cores) {
    const { program = process.execPath, argv, place, env = process.env, stderr, ipc = false } = options;
    if (interrupted) throw new Error('interrupted');
    const list = place === 'all' ? cores.all : cores.server === undefined ? [] : [cores.server];
    const useList = cores.server === undefined ? [] : list;
    const [command = program, ...rest] = onCores(useList, [program, ...argv]);
    this.#process = spawn(command, rest, {
      env,
      stdio: ['ignore', 'pipe', stderr ?? 'pipe', ...(ipc ? ['ipc' as const] : [])],
    });
    running.add(this.#process);
    this.#exited = once(this.#process, 'close').then(() => void running.delete(this.#process));
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
  }

  /** Resolves with the groups of the first match in what it writes on stdout. */
  line(pattern: RegExp): Promise<RegExpExecArray> {
    let written = '';
    return this.#await((resolve) => {
      this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
        written += text;
        const match = pattern.exec(written);
        if (match) resolve(match);
      });
    });
  }

  /** Sends a message, where one is given, and resolves with the next one that comes back. */
  message<T>(request?: object): Promise<T> {
    return this.#await((resolve) => {
      this.#process.once('message', (answer) => resolve(answer as T));
      if (request) this.#process.send(request);
    });
  }

  /** Resolves when it has ended by itself with exit code 0. */
  async finish(): Promise<void> {
    this.#process.stdout?.resume();
    await this.#exited;
    if (this.#process.exitCode !== 0) throw this.#ended();
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Seconds of processor time used so far by all its threads; NaN where the system does not say. */
  cpuSeconds(): number {
    const fields = this.#proc('stat')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** Seconds for which its main thread could have run but had no core, since other threads did; NaN likewise. */
  waitedSeconds(): number {
    return Number(this.#proc('schedstat').split(' ')[1]) / 1e9;
  }

  /** Resident memory in MB (10^6 bytes): now, and its highest since the start; NaN where the system does not say. */
  memory(): { readonly now: number; readonly peak: number } {
    const status = this.#proc('status');
    const megabytes = (name: string) =>
      (Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) * 1_024) / 1e6;
    return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
  }

  /** How many processes it has started that still run; NaN where the system does not say. */
  children(): number {
    const { pid } = this.#process;
    const list = this.#proc(`task/${pid}/children`);
    return process.platform === 'linux' ? list.split(' ').filter((one) => one.trim() !== '').length : Number.NaN;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdout?.resume();
    this.#process.kill('SIGTERM');
    const late = new AbortController();
    const kill = sleep(STOP_MS_MAX, undefined, { signal: late.signal }).then(
      () => this.#process.kill('SIGKILL'),
      () => false,
    );
    await this.#exited;
    late.abort();
    await kill;
  }

  async #await<T>(listen: (resolve: (value: T) => void) => void): Promise<T> {
    const answer = new Promise<T>(listen);
    const timeout = new AbortController();
    const ended = this.#exited.then(() => Promise.reject(this.#ended()));
    const late = sleep(ANSWER_MS_MAX, undefined, { signal: timeout.signal, ref: false }).then(
      () => Promise.reject(new Error(`a child process did not answer within ${ANSWER_MS_MAX} ms`)),
      () => new Promise<never>(() => {}),
    );
    try {
      return await Promise.race([answer, ended, late]);
    } finally {
      timeout.abort();
      ended.catch(() => {});
    }
  }

  #ended(): Error {
    const how = this.#process.signalCode ?? `exit code ${this.#process.exitCode}`;
    return new Error(`a child process ended (${how}): ${this.#process.spawnargs.join(' ')}\n${this.#stderr}`);
  }

  #proc(file: string): string {
    return process.platform === 'linux' ? readFileSync(`/proc/${this.#process.pid}/${file}`, 'utf8') : '';
  }
}
