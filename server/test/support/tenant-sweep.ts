import type { Operation } from '@rollcall/contract/operation.ts';
import type { TSchema } from 'typebox';

/** Something that only its organization should know, and a value of the same form that nobody has. */
export interface Secret {
  readonly name: string;
  readonly value: string;
  readonly absent: string;
}

/** One request of a sweep, still without the values: the same places are filled with secrets, or with absent values. */
export interface Attempt {
  readonly operation: Operation;
  readonly secrets: readonly Secret[];
  fill(pick: (secret: Secret) => string): SweepRequest;
}

export interface SweepRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/**
 * Every way to name something of another organization to an operation: each secret in each text parameter, in each
 * header that it takes, and in each text member of a body's items, alone and with another one beside it. Made from the
 * schemas, so that a new operation or parameter is swept from the day it is there.
 */
export function attemptsFor(operation: Operation, secrets: readonly Secret[]): Attempt[] {
  const attempts = [attempt(operation, [], () => ({}))];
  for (const secret of secrets) {
    for (const name of textMembers(operation.query)) {
      attempts.push(attempt(operation, [secret], (pick) => ({ query: { [name]: pick(secret) } })));
    }
    for (const name of operation.requestHeaders ?? []) {
      attempts.push(attempt(operation, [secret], (pick) => ({ headers: { [name]: pick(secret) } })));
    }
    for (const name of itemMembers(operation)) {
      attempts.push(attempt(operation, [secret], (pick) => ({ items: [{ [name]: pick(secret) }] })));
    }
    for (const [name, otherName] of pairs(itemMembers(operation))) {
      for (const other of secrets) {
        attempts.push(
          attempt(operation, [secret, other], (pick) => ({
            items: [{ [name]: pick(secret), [otherName]: pick(other) }],
          })),
        );
      }
    }
  }
  return attempts;
}

interface Parts {
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly items?: readonly Record<string, string>[];
}

function attempt(
  operation: Operation,
  secrets: readonly Secret[],
  parts: (pick: (secret: Secret) => string) => Parts,
): Attempt {
  return {
    operation,
    secrets,
    fill(pick) {
      const { query = {}, headers = {}, items = [{ remoteId: 'own' }] } = parts(pick);
      const search = new URLSearchParams(query).toString();
      return {
        method: operation.method,
        path: search === '' ? operation.path : `${operation.path}?${search}`,
        headers,
        ...(operation.body && { body: { [itemList(operation.body)]: items } }),
      };
    },
  };
}

/** The members of an object's schema that take any text. */
function textMembers(schema: TSchema | undefined): string[] {
  const { properties = {} } = (schema ?? {}) as { properties?: Record<string, { type?: unknown; format?: string }> };
  return Object.entries(properties)
    .filter(([, { type, format }]) => [type].flat().includes('string') && format !== 'date-time')
    .map(([name]) => name);
}

/** The member of a body that holds its items. */
function itemList(body: TSchema): string {
  const { properties } = body as unknown as { properties: Record<string, { type: string }> };
  const name = Object.keys(properties).find((member) => properties[member]?.type === 'array');
  if (!name) throw new Error('this body has no list of items: teach the sweep how to fill it');
  return name;
}

function itemMembers({ body }: Operation): string[] {
  if (!body) return [];
  const { properties } = body as unknown as { properties: Record<string, { items: TSchema }> };
  return textMembers(properties[itemList(body)]?.items);
}

function pairs(names: readonly string[]): [string, string][] {
  return names.flatMap((name, index) => names.slice(index + 1).map((other): [string, string] => [name, other]));
}
