import { spawnSync } from 'node:child_process';
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

/** The repository's commit, with a plus sign where files differ from it; `unknown` outside of a repository. */
export function describeCommit(): string {
  const git = (...argv: string[]) => {
    const { status, stdout } = spawnSync('git', argv, { cwd: import.meta.dirname, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : null;
  };
  const commit = git('rev-parse', '--short', 'HEAD');
  if (commit === null) return 'unknown';
  return git('status', '--porcelain', '--untracked-files=no') ? `${commit}+` : commit;
}
