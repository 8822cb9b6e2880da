import { type JsonObject, requireSchema } from '../domain/scim/json.ts';
import { ScimRefusal, shown } from '../domain/scim/refusal.ts';
import { SEARCH_MESSAGE } from '../domain/scim/schemas.ts';
import type { ScimHandler } from './context.ts';

const PARAMETERS = ['filter', 'sortBy', 'sortOrder', 'startIndex', 'count'];
const LISTS = ['attributes', 'excludedAttributes'];

/** POST …/.search: a list whose parameters come in the body, since addresses end up in logs (RFC 7644, section 3.4.3). */
export function searched(list: ScimHandler): ScimHandler {
  return (call) => {
    requireSchema(call.body, SEARCH_MESSAGE);
    return list({ ...call, query: parametersIn(call.body) });
  };
}

function parametersIn(body: JsonObject): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of PARAMETERS) {
    const value = body.get(name) ?? '';
    if (typeof value !== 'string' && typeof value !== 'number') throw refuse(name, value);
    query.set(name, String(value));
  }
  for (const name of LISTS) {
    const value = body.get(name) ?? [];
    if (!Array.isArray(value) && typeof value !== 'string') throw refuse(name, value);
    query.set(name, String(value));
  }
  return query;
}

function refuse(name: string, value: unknown): ScimRefusal {
  return new ScimRefusal('invalidValue', `${name} cannot be ${shown(value)}.`);
}
