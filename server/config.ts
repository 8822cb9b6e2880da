import { isAbsolute, resolve } from 'node:path';

/** Everything that the environment decides, validated and frozen. Documented in docs/configuration.md. */
export interface Config {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly dataDirectory: string;
  /** Origin (and path, without a slash at the end) under which the outside reaches us; null: the address we listen on. */
  readonly publicUrl: string | null;
  readonly logLevel: LogLevel;
  /** Requests a minute for each API key; null: no limit. */
  readonly rateLimit: number | null;
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
    dataDirectory: isAbsolute(dataDirectory) ? dataDirectory : resolve(directory, dataDirectory),
    publicUrl: readPublicUrl(value('PUBLIC_URL', '')),
    logLevel: readLogLevel(value('LOG_LEVEL', 'info')),
    rateLimit: readRateLimit(value('RATE_LIMIT', '0')),
  });
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new ConfigError(`PORT must be a whole number from 0 (any free port) to 65535, not "${text}"`);
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

function readRateLimit(text: string): number | null {
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(limit)) {
    throw new ConfigError(`RATE_LIMIT must be a number of requests a minute for each key (0: no limit), not "${text}"`);
  }
  return limit === 0 ? null : limit;
}
