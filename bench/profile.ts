import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

const FUNCTIONS_SHOWN = 15;

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/** The parts of V8's .cpuprofile that we read. */
interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  /** Microseconds from one sample to the next. */
  readonly timeDeltas: readonly number[];
}

/** A function and the share (0..1) of the busy time that was spent in itself, callees not counted. */
export interface SelfTime {
  readonly name: string;
  readonly share: number;
}

/** Where a profile's time went, the most first; time in which the program was idle is left out. */
export function selfTimes({ nodes, samples, timeDeltas }: Profile): SelfTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '(unknown)';
    if (name === '(idle)') continue;
    const time = Math.max(0, timeDeltas[index] ?? 0);
    times.set(name, (times.get(name) ?? 0) + time);
    busy += time;
  }
  return [...times].map(([name, time]) => ({ name, share: time / busy })).sort((a, b) => b.share - a.share);
}

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName || '(anonymous)';
  return url ? `${name} (${basename(url)}:${lineNumber + 1})` : name;
}

/** A few lines for each profile of a directory: the functions in which most of the time was spent. */
export async function summarizeProfiles(directory: string): Promise<string> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.cpuprofile')).sort();
  const texts = files.map(async (file) => {
    const profile = JSON.parse(await readFile(join(directory, file), 'utf8')) as Profile;
    const lines = selfTimes(profile)
      .slice(0, FUNCTIONS_SHOWN)
      .map(({ name, share }) => `  ${(share * 100).toFixed(1).padStart(5)} %  ${name}`);
    return [`${basename(file, '.cpuprofile')}: self time`, ...lines].join('\n');
  });
  return (await Promise.all(texts)).join('\n\n');
}
