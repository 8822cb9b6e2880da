import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the command line takes from its environment; this file is the only one that reads it. */
export interface Environment {
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly profile: string | undefined;
  /** Where profiles are kept: XDG Base Directory Specification. */
  readonly configDirectory: string;
  /** Where cursors are kept. */
  readonly stateDirectory: string;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const set = (name: string) => (env[name] === '' ? undefined : env[name]);
  return {
    url: set('ROLLCALL_URL'),
    key: set('ROLLCALL_KEY'),
    profile: set('ROLLCALL_PROFILE'),
    configDirectory: join(set('XDG_CONFIG_HOME') ?? join(homedir(), '.config'), 'rollcall'),
    stateDirectory: join(set('XDG_STATE_HOME') ?? join(homedir(), '.local', 'state'), 'rollcall'),
  };
}
