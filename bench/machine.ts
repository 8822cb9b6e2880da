import { cpus, release, totalmem, type } from 'node:os';

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** GB (10^9 bytes). */
  readonly memory: number;
  readonly system: string;
  readonly node: string;
  readonly sqlite: string;
  /** Which core does what. */
  readonly separation: string;
}

export function describeMachine(separation: string): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: Math.round(totalmem() / 1e9),
    system: `${type()} ${release()}`,
    node: process.version,
    sqlite: process.versions.sqlite ?? 'unknown',
    separation,
  };
}
