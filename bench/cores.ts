import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Which processor core serves and which one makes the load. */
export interface Cores {
  /** For the program under test; undefined where the two cannot be kept apart. */
  readonly server: number | undefined;
  readonly load: number | undefined;
  /** All that we may use, for work that is not measured. */
  readonly all: readonly number[];
  /** For the reader of the figures. */
  readonly note: string;
}

/** The cores of a list such as `0-3,8` (Linux, Cpus_allowed_list). */
export function parseCoreList(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function allowedCores(): number[] {
  if (process.platform !== 'linux') return [];
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return list ? parseCoreList(list) : [];
}

/**
 * Moves this process, which makes the load, to the second core, so that it takes nothing from the program under test on
 * the first. Needs Linux, two cores and taskset.
 */
export function separateCores(): Cores {
  const all = allowedCores();
  const [server, load] = all;
  if (server === undefined || load === undefined) return together(all, 'fewer than two cores, or no Linux');
  const moved = spawnSync('taskset', ['-acp', String(load), String(process.pid)]);
  if (moved.error) return together(all, 'taskset is not on PATH');
  if (moved.status !== 0) return together(all, `taskset failed: ${moved.stderr.toString().trim()}`);
  return { server, load, all, note: `server and floors on core ${server}, load on core ${load}` };
}

function together(all: number[], why: string): Cores {
  return { server: undefined, load: undefined, all, note: `server and load share all cores (${why})` };
}

/** The command that runs `argv` on the given cores; on any where there is no choice. */
export function onCores(cores: readonly number[], argv: readonly string[]): readonly string[] {
  return cores.length === 0 ? argv : ['taskset', '-c', cores.join(','), ...argv];
}
