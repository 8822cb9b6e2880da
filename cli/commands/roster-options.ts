import type { ClientOptions } from '../context.ts';
import type { Encoding } from '../csv/encoding.ts';
import type { RosterOptions } from '../csv/roster.ts';

/** Options of the commands that read a roster. */
export interface RosterCommandOptions extends ClientOptions {
  readonly map?: readonly (readonly [string, string])[];
  readonly delimiter?: string;
  readonly encoding?: Encoding;
  readonly clearEmpty?: true;
  /** Where rows that failed go; false: nowhere. */
  readonly failed?: string | false;
  readonly dryRun?: true;
}

export function rosterOptions({ map = [], delimiter, encoding, clearEmpty }: RosterCommandOptions): RosterOptions {
  return { map, delimiter: delimiter ?? null, encoding: encoding ?? null, clearEmpty: clearEmpty === true };
}
