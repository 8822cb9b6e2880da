import type { SyncThreshold } from '@rollcall/client';
import { InvalidArgumentError } from 'commander';

/** So many people may be deactivated by a run. */
export type DeactivationLimit = { readonly percent: number } | { readonly people: number };

/** Reads `5%` or `20`. */
export function parseLimit(text: string): DeactivationLimit {
  const [, number = '', unit] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim()) ?? [];
  const value = Number(number);
  if (number !== '' && unit === '%' && value <= 100) return { percent: value };
  if (number !== '' && unit === '' && Number.isSafeInteger(value)) return { people: value };
  throw new InvalidArgumentError('Write a number of people, such as 20, or a part of all, such as 5%.');
}

export function isOver(limit: DeactivationLimit, { deactivations, active }: SyncThreshold): boolean {
  return 'people' in limit ? deactivations > limit.people : deactivations * 100 > active * limit.percent;
}

export function describeLimit(limit: DeactivationLimit): string {
  return 'people' in limit ? `--max-deactivations ${limit.people}` : `--max-deactivations ${limit.percent}%`;
}
