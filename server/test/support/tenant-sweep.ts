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
  /** Places without a secret hold what the asker owns. */
  fill(pick: (secret: Secret) => string, own: Own): SweepRequest;
}

/** The asker's own things, by the names that path parameters and members have for them. */
export type Own = Readonly<Record<string, string>>;

export interface SweepRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** Secrets that users are known by: two of them in one item have a meaning of their own. */
const USER_KEYS = ['id', 'remoteId', 'email'];

/**
 * Every way to name something of another organization to an operation: each secret in its path, in each text parameter,
 * in each header that it takes, and in each text member of a body or of its items; in what names users, alone and with
 * another one beside it. Made from the schemas, so that a new operation or parameter is swept from the day it is there.
 */
export function attemptsFor(operation: Operation, secrets: readonly Secret[]): Attempt[] {
  const attempts = [attempt(operation, [], () => ({}))];
  const userKeys = secrets.filter(({ name }) => USER_KEYS.includes(name));
  for (const secret of secrets) {
    for (const name of textMembers(operation.params)) {
      attempts.push(attempt(operation, [secret], (pick) => ({ params: { [name]: pick(secret) } })));
    }
    for (const name of textMembers(operation.query)) {
      attempts.push(attempt(operation, [secret], (pick) => ({ query: { [name]: pick(secret) } })));
    }
    for (const name of operation.requestHeaders ?? []) {
      attempts.push(attempt(operation, [secret], (pick) => ({ headers: { [name]: pick(secret) } })));
    }
    for (const name of bodyMembers(operation)) {
      attempts.push(attempt(operation, [secret], (pick) => ({ members: { [name]: pick(secret) } })));
    }
  }
  for (const [name, otherName] of namesUsers(operation) ? pairs(bodyMembers(operation)) : []) {
    for (const [one, other] of userKeys.flatMap((key) => userKeys.map((otherKey) => [key, otherKey] as const))) {
      const members = (pick: (secret: Secret) => string) => ({ [name]: pick(one), [otherName]: pick(other) });
      attempts.push(attempt(operation, [one, other], (pick) => ({ members: members(pick) })));
    }
  }
  return attempts;
}

interface Parts {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly members?: Record<string, string>;
}

function attempt(
  operation: Operation,
  secrets: readonly Secret[],
  parts: (pick: (secret: Secret) => string) => Parts,
): Attempt {
  return {
    operation,
    secrets,
    fill(pick, own) {
      const { params = {}, query = {}, headers = {}, members } = parts(pick);
      const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(params[name] ?? own[name] ?? ''),
      );
      const search = new URLSearchParams(query).toString();
      const body = bodyOf(operation, members, own);
      return {
        method: operation.method,
        path: search === '' ? path : `${path}?${search}`,
        ...body,
        headers: { ...body.headers, ...headers },
      };
    },
  };
}

/** The body with these members; else with what it needs, and with the asker's own things where it names some. */
function bodyOf(
  operation: Operation,
  members: Record<string, string> | undefined,
  own: Own,
): { readonly body?: unknown; readonly headers?: Record<string, string> } {
  const [text] = Object.entries(operation.textBody ?? {});
  if (text) return { body: Object.values(text[1].examples)[0]?.value, headers: { 'content-type': text[0] } };
  if (!operation.body) return {};
  const list = itemList(operation.body);
  const [example] = Object.values(operation.bodyExamples ?? {});
  if (list) return { body: { ...(example?.value as object), [list]: [members ?? { remoteId: 'own' }] } };
  if (namesUsers(operation)) return { body: members ?? { remoteId: 'own' } };
  const sample = Object.entries(example?.value as object).map(([name, value]) => [name, own[name] ?? value]);
  return { body: { ...Object.fromEntries(sample), ...members } };
}

/** The members of an object's schema that take any text. */
function textMembers(schema: TSchema | undefined): string[] {
  const { properties = {} } = (schema ?? {}) as { properties?: Record<string, { type?: unknown; format?: string }> };
  return Object.entries(properties)
    .filter(([, { type, format }]) => [type].flat().includes('string') && format !== 'date-time')
    .map(([name]) => name);
}

/** The member of a batch that holds its items; null where a body is no batch. */
function itemList(body: TSchema): string | null {
  const { properties = {} } = body as { properties?: Record<string, unknown> };
  return 'users' in properties ? 'users' : null;
}

/** Whether members of the body are what users are known by. */
function namesUsers({ body }: Operation): boolean {
  if (!body) return false;
  return itemList(body) !== null || textMembers(body).includes('remoteId');
}

function bodyMembers({ body }: Operation): string[] {
  if (!body) return [];
  const { properties } = body as unknown as { properties: Record<string, { items: TSchema }> };
  const list = itemList(body);
  return textMembers(list === null ? body : properties[list]?.items);
}

function pairs(names: readonly string[]): [string, string][] {
  return names.flatMap((name, index) => names.slice(index + 1).map((other): [string, string] => [name, other]));
}
