import { Clusters } from './clusters.ts';
import { Completions } from './completions.ts';
import { SyncRuns } from './sync-runs.ts';
import { Transport } from './transport.ts';
import { Users } from './users.ts';
import { VERSION } from './version.ts';

export interface RollcallOptions {
  /** Address of the server, such as `https://rollcall.example.com`. */
  readonly url: string | URL;
  /** A server API key, `rck_…`. It belongs on servers only. */
  readonly key: string;
  /** How long the server may be silent; 30,000. */
  readonly timeoutMs?: number;
  /** Further attempts after a network error, 429 or 5xx; 5. */
  readonly retries?: number;
  /** Upper bound of the pause before the first of them, which doubles with each; 500. */
  readonly retryDelayMs?: number;
  /** Instead of the global one, for a proxy or certificates of your own. */
  readonly fetch?: typeof globalThis.fetch;
  /** What your program is called, for the server's log. */
  readonly userAgent?: string;
}

/** The account of one organization on a Rollcall server. */
export class Rollcall {
  readonly users: Users;
  readonly syncRuns: SyncRuns;
  readonly clusters: Clusters;
  readonly completions: Completions;

  constructor(options: RollcallOptions) {
    const { timeoutMs = 30_000, retries = 5, retryDelayMs = 500, userAgent } = options;
    requireWithin('timeoutMs', timeoutMs, 1);
    requireWithin('retries', retries, 0);
    requireWithin('retryDelayMs', retryDelayMs, 0);
    const ourselves = `rollcall-client/${VERSION}`;
    const transport = new Transport({
      url: baseUrl(options.url),
      key: checkedKey(options.key),
      timeoutMs,
      retry: { retries, delayMs: retryDelayMs },
      fetch: options.fetch ?? globalThis.fetch,
      userAgent: userAgent === undefined ? ourselves : `${userAgent} ${ourselves}`,
    });
    this.users = new Users(transport);
    this.syncRuns = new SyncRuns(transport);
    this.clusters = new Clusters(transport);
    this.completions = new Completions(transport);
  }
}

/** Without a slash at its end, as paths begin with one. */
function baseUrl(url: string | URL): string {
  const parsed = parseUrl(url);
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') {
    throw new TypeError('url must begin with https:// or http://');
  }
  if (parsed.username !== '' || parsed.password !== '') throw new TypeError('url must hold no name and no password');
  if (parsed.search !== '' || parsed.hash !== '') throw new TypeError('url must be an address without ? and #');
  return parsed.href.replace(/\/+$/, '');
}

function parseUrl(url: string | URL): URL {
  try {
    return new URL(url);
  } catch {
    throw new TypeError('url must be the address of the server, such as https://rollcall.example.com');
  }
}

/** Here, since fetch shows the whole header when a character of it is wrong. */
function checkedKey(key: unknown): string {
  if (typeof key === 'string' && /^[\x21-\x7e]+$/.test(key)) return key;
  throw new TypeError('key must be a server API key: rck_ and 36 letters and digits, without spaces or line ends');
}

function requireWithin(name: string, value: number, min: number): void {
  if (Number.isInteger(value) && value >= min && value <= 2_147_483_647) return;
  throw new RangeError(`${name} must be a whole number of at least ${min}, not ${value}`);
}
