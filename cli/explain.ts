import { ApiError, ConnectionError, InvalidResponseError } from '@rollcall/client';
import { CommandError, exitCodes } from './exit.ts';

/** An error of the client in words that say what helps; others stay as they are. */
export function explain(error: unknown, url: string): unknown {
  if (error instanceof ApiError) {
    const request = error.requestId === '' ? '' : `, request ${error.requestId}`;
    const code = error.code === 'deactivation_threshold_exceeded' ? exitCodes.threshold : exitCodes.failed;
    return new CommandError(`${error.message} (${error.code}${request})`, code, { cause: error });
  }
  if (error instanceof ConnectionError || error instanceof InvalidResponseError) {
    const message = `${url}: ${error.message.replace(/\.$/, '')}. The same command can be run again; "rollcall doctor" looks for the cause`;
    return new CommandError(message, exitCodes.failed, { cause: error });
  }
  return error;
}
