import type { Config } from '../config.ts';
import { HalfCopyError } from '../store/copy-state.ts';
import { StorageBusyError, StorageFullError, storageError } from '../store/dialect.ts';

/** What Node tells of a call to the system, or of SQLite, that failed. */
interface SystemError extends Error {
  readonly code?: string;
  readonly syscall?: string;
}

const CHOOSE_DIRECTORY = 'Set DATA_DIR to a directory that this user may write to';

const directoryTroubles: Readonly<Record<string, string>> = {
  EEXIST: 'a file of that name is in the way',
  ENOTDIR: 'part of its path is a file',
  ENOENT: 'it cannot be made there',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
};

/** The same error in words that say what to do; errors that we know nothing about stay as they are. */
export function explain(error: unknown, config: Config): unknown {
  const known = storageError(error);
  const message = explanation(known, config);
  return message === null ? known : new Error(message, { cause: error });
}

/** Where the data is, without the password. */
export function dataPlace({ dataDirectory, postgres }: Config): string {
  if (postgres === null) return dataDirectory;
  const { hostname, port, pathname } = new URL(postgres.url);
  return `the database "${pathname.slice(1)}" of ${hostname || 'this machine'}${port && `:${port}`}`;
}

function explanation(error: unknown, config: Config): string | null {
  const { dataDirectory, host, port } = config;
  if (!(error instanceof Error)) return null;
  const { code = '', syscall, message } = error as SystemError;
  // A worker does not listen by itself: the process that started it binds the port.
  if (syscall === 'listen' || syscall === 'bind' || syscall === 'getaddrinfo')
    return explainListen(code, host, port, message);
  if (error instanceof HalfCopyError) {
    return `${dataPlace(config)} holds ${message}, which was broken off. Go on with it by the same "rollcall copy", or use another place`;
  }
  if (config.postgres !== null) {
    const trouble = postgresTrouble(error);
    if (trouble !== null)
      return `cannot use ${dataPlace(config)} (${trouble}). Check DATABASE_URL, and whether the server runs`;
  }
  if (error instanceof StorageBusyError) {
    return `the data in ${dataDirectory} is busy: another process has been writing to it for seconds. Try again`;
  }
  if (error instanceof StorageFullError) return `the disk with ${dataDirectory} is full. Make room and try again`;
  if (code === 'ERR_SQLITE_ERROR') {
    return `cannot use the database in ${dataDirectory} (${message}). ${CHOOSE_DIRECTORY}, or restore a backup`;
  }
  if (message.startsWith('corrupted migrations')) {
    return `the data in ${dataDirectory} is of a newer version of Rollcall. Run that version or a newer one`;
  }
  if (syscall !== 'mkdir') return null;
  return `cannot use the data directory ${dataDirectory}: ${directoryTroubles[code] ?? message}. ${CHOOSE_DIRECTORY}`;
}

/** What PostgreSQL or the way to it says; null where the error is none of theirs. */
function postgresTrouble(error: Error): string | null {
  if (error instanceof StorageBusyError) return error.cause instanceof Error ? causeText(error.cause) : error.message;
  return 'severity' in error ? error.message : null;
}

/** Node tries all addresses of a name, and tells of each why it failed. */
function causeText(cause: Error): string {
  return cause instanceof AggregateError ? cause.errors.map((error: Error) => error.message).join(', ') : cause.message;
}

function explainListen(code: string, host: string, port: number, message: string): string {
  if (code === 'EADDRINUSE') {
    return `port ${port} of ${host} is in use. Stop what listens there, or set PORT to another (0: any free one)`;
  }
  if (code === 'EACCES') return `this user may not listen on port ${port}. Set PORT to one from 1024 on`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `HOST "${host}" is no address of this machine. Set it to one, to 127.0.0.1 or to 0.0.0.0 (all)`;
  }
  return `cannot listen on ${host}, port ${port} (${message}). Check HOST and PORT`;
}
