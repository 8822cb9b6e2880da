import { isIP } from 'node:net';
import { isAbsolute, resolve } from 'node:path';
import { normalizeEmail } from './domain/email.ts';

/** Everything that the environment decides, validated and frozen. Documented in docs/configuration.md. */
export interface Config {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Processes that share the port; 1: no others. */
  readonly workers: number;
  readonly dataDirectory: string;
  /** null: SQLite in the data directory. */
  readonly postgres: PostgresConfig | null;
  /** Origin (and path, without a slash at the end) under which the outside reaches us; null: the address we listen on. */
  readonly publicUrl: string | null;
  readonly logLevel: LogLevel;
  /** Requests a minute for each API key; null: no limit. */
  readonly rateLimit: number | null;
  /** Forms a minute that one address may send; null: no limit. */
  readonly signUpLimit: number | null;
  /**
   * Whose `X-Forwarded-For` is believed: false nobody's, a number that of so many proxies in front of us, else that of
   * these addresses and networks.
   */
  readonly trustProxy: false | number | readonly string[];
  /** null: no mail is sent, and pages show the join link instead. */
  readonly mail: MailConfig | null;
}

export interface PostgresConfig {
  /** `postgres://user:password@host:port/database`, with `sslmode` and others of libpq's parameters. */
  readonly url: string;
  /** A hot standby of it, for large reads; null: there is none. */
  readonly readUrl: string | null;
  /** Connections of one process for reads and writes. */
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
}

export interface MailConfig {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  readonly smtpUrl: string;
  /** Whom mail is from: an address, or `Name <address>`. */
  readonly from: string;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof logLevels)[number];

/** The environment says something that we cannot follow; the message names the variable and the remedy. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the configuration from the environment; throws ConfigError. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env, directory = process.cwd()): Config {
  const value = (name: string, fallback: string) => environment[name]?.trim() || fallback;
  const dataDirectory = value('DATA_DIR', './data');
  return Object.freeze({
    host: value('HOST', '127.0.0.1'),
    port: readPort(value('PORT', '8080')),
    workers: readCount('WORKERS', value('WORKERS', '1'), WORKERS_MAX),
    dataDirectory: isAbsolute(dataDirectory) ? dataDirectory : resolve(directory, dataDirectory),
    postgres: readPostgres(value),
    publicUrl: readPublicUrl(value('PUBLIC_URL', '')),
    logLevel: readLogLevel(value('LOG_LEVEL', 'info')),
    rateLimit: readRateLimit('RATE_LIMIT', value('RATE_LIMIT', '0'), 'requests a minute for each key'),
    signUpLimit: readRateLimit('SIGN_UP_LIMIT', value('SIGN_UP_LIMIT', '120'), 'forms a minute from each address'),
    trustProxy: readTrustProxy(value('TRUST_PROXY', '')),
    mail: readMail(value('SMTP_URL', ''), value('MAIL_FROM', '')),
  });
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new ConfigError(`PORT must be a whole number from 0 (any free port) to 65535, not "${text}"`);
}

const WORKERS_MAX = 64;
const POOL_SIZE_MAX = 1_000;
const STATEMENT_SECONDS_MAX = 3_600;

function readPostgres(value: (name: string, fallback: string) => string): PostgresConfig | null {
  const url = readDatabaseUrl('DATABASE_URL', value('DATABASE_URL', ''));
  const readUrl = readDatabaseUrl('DATABASE_READ_URL', value('DATABASE_READ_URL', ''));
  const poolSize = readCount('DATABASE_POOL_SIZE', value('DATABASE_POOL_SIZE', '10'), POOL_SIZE_MAX);
  const seconds = readCount(
    'DATABASE_STATEMENT_TIMEOUT',
    value('DATABASE_STATEMENT_TIMEOUT', '30'),
    STATEMENT_SECONDS_MAX,
  );
  if (url) return { url, readUrl, poolSize, statementTimeoutMs: seconds * 1_000 };
  if (readUrl) throw new ConfigError('DATABASE_READ_URL names a standby, but DATABASE_URL does not name its primary');
  return null;
}

const SSL_MODES = ['disable', 'no-verify', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** The messages never repeat the address, which may hold a password. */
function readDatabaseUrl(name: string, text: string): string | null {
  if (text === '') return null;
  const url = URL.parse(text);
  const mode = url?.searchParams.get('sslmode') ?? 'disable';
  if (!SSL_MODES.includes(mode)) {
    throw new ConfigError(`${name} has the sslmode "${mode}"; there are ${SSL_MODES.join(', ')}`);
  }
  if (url && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1) return text;
  throw new ConfigError(`${name} must be an address such as postgres://user:password@db.example.com:5432/rollcall`);
}

function readCount(name: string, text: string, most: number): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  throw new ConfigError(`${name} must be a whole number from 1 to ${most}, not "${text}"`);
}

function readPublicUrl(text: string): string | null {
  if (text === '') return null;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) {
    throw new ConfigError(`PUBLIC_URL must be an address such as https://rollcall.example.com, not "${text}"`);
  }
  return url.href.replace(/\/+$/, '');
}

function readLogLevel(text: string): LogLevel {
  const level = logLevels.find((known) => known === text.toLowerCase());
  if (level) return level;
  throw new ConfigError(`LOG_LEVEL must be one of ${logLevels.join(', ')}, not "${text}"`);
}

function readRateLimit(name: string, text: string, what: string): number | null {
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(limit)) throw new ConfigError(`${name} must be a number of ${what} (0: no limit), not "${text}"`);
  return limit === 0 ? null : limit;
}

const HOPS_MAX = 32;
const NETWORK_NAMES = ['loopback', 'linklocal', 'uniquelocal'];

function readTrustProxy(text: string): Config['trustProxy'] {
  if (text === '') return false;
  if (/^\d+$/.test(text) && Number(text) <= HOPS_MAX) return Number(text) || false;
  const networks = text.split(',').map((network) => network.trim());
  if (networks.every((network) => NETWORK_NAMES.includes(network) || isNetwork(network))) return networks;
  throw new ConfigError(
    `TRUST_PROXY must be the number of proxies in front of the server, or their addresses and networks such as "10.0.0.0/8, ::1", not "${text}"`,
  );
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (version === 4 ? 32 : 128);
}

/** The messages never repeat SMTP_URL, which may hold a password. */
function readMail(smtpUrl: string, from: string): MailConfig | null {
  if (smtpUrl === '') {
    if (from === '') return null;
    throw new ConfigError('MAIL_FROM says whom mail is from, but SMTP_URL does not say by which server it is sent');
  }
  const url = URL.parse(smtpUrl);
  if (!url || !/^smtps?:$/.test(url.protocol) || !url.hostname) {
    throw new ConfigError('SMTP_URL must be an address such as smtp://user:password@mail.example.com:587');
  }
  const address = /^[^<>]*<([^<>]+)>$/.exec(from)?.[1] ?? from;
  if (!normalizeEmail(address).ok || /[\r\n]/.test(from)) {
    throw new ConfigError(`MAIL_FROM must be an address such as "Rollcall <rollcall@example.com>", not "${from}"`);
  }
  return { smtpUrl, from };
}
