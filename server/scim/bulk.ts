import { isObject, JsonObject, objectOf, requireSchema } from '../domain/scim/json.ts';
import { ScimRefusal, shown } from '../domain/scim/refusal.ts';
import { BULK_MESSAGE } from '../domain/scim/schemas.ts';
import type { ScimAnswer, ScimCall, ScimHandler } from './context.ts';
import { scimError } from './errors.ts';
import { BULK_OPERATIONS_MAX } from './limits.ts';

/** Answers one operation as if it had come by itself; refuses with `notFound` what no resource answers. */
export type Dispatch = (method: string, path: string, call: Omit<ScimCall, 'id'>) => Promise<ScimAnswer>;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly bulkId: string | undefined;
  readonly version: string | undefined;
  readonly data: unknown;
  /** The bulkIds of others that it refers to. */
  readonly needs: ReadonlySet<string>;
}

/** How deep the data of an operation may be nested. */
const DEPTH_MAX = 20;
const METHODS = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const REFERENCE = /bulkId:([^/"\s]+)/g;

/**
 * POST /Bulk (RFC 7644, section 3.7): each operation for itself, in their order but for those that wait for what others
 * make. Answers what came of each in the order in which they came.
 */
export function bulk(dispatch: Dispatch): ScimHandler {
  return async (call) => {
    requireSchema(call.body, BULK_MESSAGE);
    const operations = readOperations(call.body);
    const failuresMax = readFailuresMax(call.body.get('failOnErrors'));
    const results = await new BulkRun(call, operations, dispatch).run(failuresMax);
    const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'], Operations: results };
    return { status: 200, body: JSON.stringify(body) };
  };
}

function readFailuresMax(value: unknown): number {
  if (value === undefined || value === null) return Number.POSITIVE_INFINITY;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new ScimRefusal('invalidValue', `failOnErrors must be a whole number from 1 on, not ${shown(value)}.`);
}

function readOperations(body: JsonObject): Operation[] {
  const sent = body.get('Operations');
  if (!Array.isArray(sent)) throw new ScimRefusal('invalidSyntax', '"Operations" must be a list.');
  if (sent.length > BULK_OPERATIONS_MAX) {
    throw new ScimRefusal(
      'tooLarge',
      `A bulk may have at most ${BULK_OPERATIONS_MAX} operations (maxOperations), not ${sent.length}; send the rest in another.`,
    );
  }
  return sent.map((operation) => readOperation(objectOf(operation, 'An operation of a bulk')));
}

function readOperation(operation: JsonObject): Operation {
  const method = String(operation.get('method')).toUpperCase();
  const [path, bulkId, version] = [operation.get('path'), operation.get('bulkId'), operation.get('version')];
  if (!METHODS.has(method)) {
    throw new ScimRefusal('invalidSyntax', `"method" must be POST, PUT, PATCH or DELETE, not ${shown(method)}.`);
  }
  if (typeof path !== 'string') throw new ScimRefusal('invalidSyntax', `"path" must be a text, not ${shown(path)}.`);
  if (method === 'POST' && (typeof bulkId !== 'string' || bulkId === '')) {
    throw new ScimRefusal('invalidSyntax', 'A POST in a bulk needs a "bulkId".');
  }
  const data = operation.get('data');
  const needs = new Set<string>();
  eachText(data, (text) => collect(text, needs));
  collect(path, needs);
  return {
    method,
    path,
    bulkId: typeof bulkId === 'string' ? bulkId : undefined,
    version: typeof version === 'string' ? version : undefined,
    data,
    needs,
  };
}

function collect(text: string, needs: Set<string>): void {
  for (const [, bulkId = ''] of text.matchAll(REFERENCE)) needs.add(bulkId);
}

function eachText(value: unknown, visit: (text: string) => void, depth = 0): void {
  if (typeof value === 'string') visit(value);
  if (typeof value !== 'object' || value === null) return;
  if (depth >= DEPTH_MAX) throw new ScimRefusal('invalidSyntax', `"data" is nested more than ${DEPTH_MAX} deep.`);
  for (const member of Object.values(value)) eachText(member, visit, depth + 1);
}

/** One bulk on its way. */
class BulkRun {
  readonly #call: ScimCall;
  readonly #operations: readonly Operation[];
  readonly #dispatch: Dispatch;
  /** bulkId -> id of what was made; null where that failed. */
  readonly #made = new Map<string, string | null>();
  readonly #results: (Record<string, unknown> | undefined)[];
  #failures = 0;

  constructor(call: ScimCall, operations: readonly Operation[], dispatch: Dispatch) {
    this.#call = call;
    this.#operations = operations;
    this.#dispatch = dispatch;
    this.#results = operations.map(() => undefined);
  }

  async run(failuresMax: number): Promise<Record<string, unknown>[]> {
    let waiting = this.#operations.map((_, index) => index);
    for (let before = -1; waiting.length > 0 && before !== waiting.length; ) {
      before = waiting.length;
      const still: number[] = [];
      for (const index of waiting) {
        if (this.#failures >= failuresMax) return this.#told();
        if (this.#isReady(index)) await this.#perform(index);
        else still.push(index);
      }
      waiting = still;
    }
    for (const index of waiting) {
      if (this.#failures >= failuresMax) break;
      const { needs } = this.#operations[index] as Operation;
      const fault = `It refers to ${[...needs].map((id) => `bulkId:${id}`).join(', ')}, which no operation makes before it.`;
      this.#fail(index, new ScimRefusal('circular', fault));
    }
    return this.#told();
  }

  /** Those that were tried; after too many failures the others were not. */
  #told(): Record<string, unknown>[] {
    return this.#results.filter((result) => result !== undefined);
  }

  #isReady(index: number): boolean {
    return [...(this.#operations[index] as Operation).needs].every((bulkId) => this.#made.has(bulkId));
  }

  async #perform(index: number): Promise<void> {
    const operation = this.#operations[index] as Operation;
    const { method, bulkId, version } = operation;
    try {
      const path = this.#resolved(operation.path) as string;
      const data = this.#resolved(operation.data);
      const answer = await this.#dispatch(method, path, {
        ...this.#call,
        query: new URLSearchParams(),
        body: isObject(data) ? new JsonObject(data) : new JsonObject({}),
        ifMatch: version,
        ifNoneMatch: undefined,
      });
      const location = answer.headers?.location ?? `${this.#call.base}${path}`;
      if (bulkId !== undefined && method === 'POST') this.#made.set(bulkId, location.split('/').at(-1) ?? null);
      this.#results[index] = {
        ...identity(operation),
        location,
        ...(answer.headers?.etag !== undefined && { version: answer.headers.etag }),
        status: String(answer.status),
      };
    } catch (error) {
      this.#fail(index, error);
    }
  }

  #fail(index: number, error: unknown): void {
    const operation = this.#operations[index] as Operation;
    const { status, body } = scimError(error);
    this.#failures++;
    if (operation.bulkId !== undefined && operation.method === 'POST') this.#made.set(operation.bulkId, null);
    const location = operation.method === 'POST' ? {} : { location: `${this.#call.base}${operation.path}` };
    this.#results[index] = { ...identity(operation), ...location, status: String(status), response: body };
  }

  /** With the ids of what was made in the place of references to it. */
  #resolved(value: unknown): unknown {
    if (typeof value === 'string') return value.replaceAll(REFERENCE, (_, bulkId: string) => this.#idOf(bulkId));
    if (Array.isArray(value)) return value.map((item) => this.#resolved(item));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.#resolved(member)]));
  }

  #idOf(bulkId: string): string {
    const id = this.#made.get(bulkId);
    if (id) return id;
    throw new ScimRefusal('invalidValue', `bulkId:${bulkId} could not be made, so nothing can refer to it.`);
  }
}

function identity({ method, bulkId }: Operation): Record<string, unknown> {
  return { method, ...(bulkId !== undefined && { bulkId }) };
}
