import type { Environment } from './environment.ts';
import { usageError } from './exit.ts';
import type { Profiles } from './profiles.ts';

export interface TargetOptions {
  readonly url?: string;
  readonly key?: string;
  readonly profile?: string;
}

/** Which server is meant, and with which key. */
export interface Target {
  readonly url: string;
  readonly key: string;
  /** Under which cursors are kept: the profile, or else the server. */
  readonly name: string;
}

/**
 * Flags come before the environment, and that before the profile; `--profile` counts as a flag. A key is never sent to
 * a server for which it was not given: a profile's key goes to the profile's address only.
 */
export function chooseTarget(
  options: TargetOptions,
  environment: Environment,
  { current, profiles }: Profiles,
): Target {
  const byFlag = options.profile !== undefined;
  const name = options.profile ?? environment.profile ?? current;
  const profile = name === null ? undefined : profiles[name];
  const isOwn = name !== null && Object.hasOwn(profiles, name);
  if (name !== null && !isOwn && (byFlag || environment.profile !== undefined)) {
    throw usageError(`there is no profile "${name}". See: rollcall profile list`);
  }
  const fromEnvironment: Partial<Environment> = byFlag ? {} : environment;
  const url = options.url ?? fromEnvironment.url ?? profile?.url;
  const key = options.key ?? fromEnvironment.key ?? profile?.key;
  if (url === undefined || key === undefined) {
    const missing = [url === undefined && 'the address (ROLLCALL_URL)', key === undefined && 'the key (ROLLCALL_KEY)'];
    throw usageError(
      `it is not known which server is meant: ${missing.filter(Boolean).join(' and ')} is missing. Set both in the environment, or make a profile: rollcall profile add --help`,
    );
  }
  const address = readAddress(url);
  const isProfileKey = options.key === undefined && fromEnvironment.key === undefined;
  if (isProfileKey && address !== profile?.url) {
    throw usageError(
      `the key of profile "${name}" is for ${profile?.url}, not for ${address}: give the key too (ROLLCALL_KEY)`,
    );
  }
  const isForeignKey = options.url === undefined && fromEnvironment.url === undefined && options.key === undefined;
  if (isForeignKey && !isProfileKey) {
    throw usageError('ROLLCALL_KEY is set, but not for which server: set ROLLCALL_URL too');
  }
  return { url: address, key: readKey(key), name: isProfileKey ? `${name}` : new URL(address).host };
}

/** An address as it is kept: without a slash at its end. */
export function readAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usageError(`"${text}" is no address of a server; write for example https://rollcall.example.com`);
  }
  if (url.username || url.password || url.search || url.hash) {
    throw usageError('the address of the server must be without user, password, query and fragment');
  }
  return url.href.replace(/\/+$/, '');
}

/** A key goes into a header: what cannot be in one is found here, and never shown. */
export function readKey(text: string): string {
  const key = text.trim();
  if (/^[!-~]+$/.test(key)) return key;
  throw usageError('the key is empty or holds characters that no key has: copy it again. It begins with rck_');
}
