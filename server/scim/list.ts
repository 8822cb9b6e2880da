import { type Filter, parseFilter } from '../domain/scim/filter.ts';
import { ScimRefusal, shown } from '../domain/scim/refusal.ts';
import type { ScimAnswer } from './context.ts';
import { PAGE_DEFAULT, PAGE_MAX } from './limits.ts';

/** What a list is asked for (RFC 7644, section 3.4.2). */
export interface ListQuery {
  readonly filter: Filter | null;
  readonly sortBy: string | null;
  readonly isDescending: boolean;
  /** 1 or more. */
  readonly startIndex: number;
  /** 0 to 200. */
  readonly count: number;
}

export function readListQuery(query: URLSearchParams): ListQuery {
  const filter = query.get('filter')?.trim() ?? '';
  const sortBy = query.get('sortBy')?.trim() ?? '';
  return {
    filter: filter === '' ? null : parseFilter(filter),
    sortBy: sortBy === '' ? null : sortBy,
    isDescending: readOrder(query.get('sortOrder')),
    startIndex: Math.max(1, readInteger('startIndex', query.get('startIndex'), 1)),
    count: Math.min(PAGE_MAX, Math.max(0, readInteger('count', query.get('count'), PAGE_DEFAULT))),
  };
}

function readOrder(text: string | null): boolean {
  const order = (text ?? 'ascending').trim().toLowerCase();
  if (order === 'ascending' || order === 'descending' || order === '') return order === 'descending';
  throw new ScimRefusal('invalidValue', `sortOrder must be ascending or descending, not ${shown(text)}.`);
}

function readInteger(name: string, text: string | null, otherwise: number): number {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return otherwise;
  if (/^[+-]?\d{1,15}$/.test(trimmed)) return Number(trimmed);
  throw new ScimRefusal('invalidValue', `${name} must be a whole number, not ${shown(text)}.`);
}

/** A page of resources, which are JSON already. */
export function listAnswer(total: number, startIndex: number, resources: readonly string[]): ScimAnswer {
  const head = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]';
  const counts = `"totalResults":${total},"startIndex":${startIndex},"itemsPerPage":${resources.length}`;
  return { status: 200, body: `${head},${counts},"Resources":[${resources.join(',')}]}` };
}
