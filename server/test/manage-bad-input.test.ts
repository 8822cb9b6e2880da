import type { ErrorCode } from '@rollcall/contract/errors.ts';
import { manageOperations } from '@rollcall/contract/manage/manage.ts';
import type { Operation } from '@rollcall/contract/operation.ts';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { expectError } from './support/errors.ts';
import { brokenInvariants } from './support/invariants.ts';
import { createCluster, createManager, createModule, createSession, type Manager, takeSeat } from './support/manage.ts';
import { dates, identities, oddText, weighted } from './support/odd-values.ts';
import type { Reply } from './support/request.ts';
import { startTestServer } from './support/test-server.ts';

const TIMEOUT_MS = 240_000;
const FLIGHTS = 400;
const FLIGHT_MAX = 16;
/** A counterexample's first characters say more than all of them. */
const SHOWN_MAX = 1_000;

interface OddRequest {
  readonly operation: Operation;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

type Ids = Readonly<Record<string, readonly string[]>>;

/** Values that no schema expects, and some that one does at another place. */
const oddValue = fc.oneof(
  oddText(),
  identities(),
  dates(),
  fc.constantFrom(null, true, 0, -1, 1.5, 1e308, 2 ** 53, '', [], {}, [null], [[]]),
  fc.constantFrom('2027-03-28T02:30:00', '2027-03-28', '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z', 'Europe/Berlin'),
  fc.constantFrom('javascript:alert(1)', 'https://x.example/', '#0a7f5a', '__proto__', 'monday', 'week'),
  fc.jsonValue({ maxDepth: 3 }),
);

type Place = readonly (string | number)[];

/** Every place in a JSON value. */
function placesIn(value: unknown, at: Place = []): Place[] {
  if (value === null || typeof value !== 'object') return [at];
  return [at, ...Object.entries(value).flatMap(([key, member]) => placesIn(member, [...at, key]))];
}

/** The value with another one at a place, or without what is there. */
function replaced(value: unknown, [key, ...rest]: Place, other: unknown): unknown {
  if (key === undefined) return other;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  const inner = rest.length === 0 ? other : replaced(copy[key], rest, other);
  if (inner === undefined && !Array.isArray(copy)) delete copy[key];
  else Object.defineProperty(copy, key, { value: inner, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** A sample body with up to three places spoilt. */
function oddBody({ body, bodyExamples = {}, textBody }: Operation, ids: Ids): fc.Arbitrary<unknown> {
  if (textBody) {
    const texts = Object.values(textBody).flatMap(({ examples }) => Object.values(examples).map(({ value }) => value));
    const cut = fc.tuple(fc.constantFrom(...(texts as string[])), fc.nat(400), oddText());
    return fc.oneof(
      cut.map(([text, at, odd]) => text.slice(0, at) + odd + text.slice(at)),
      oddText(),
    );
  }
  if (!body) return fc.constant(undefined);
  const spoil = fc.record({ where: fc.nat(), value: fc.oneof(fc.constant(undefined), oddValue) });
  return fc
    .tuple(
      fc.constantFrom(...Object.values(bodyExamples)),
      fc.oneof(fc.constant([]), fc.array(spoil, { maxLength: 3 })),
    )
    .map(([sample, spoils]) =>
      spoils.reduce(
        (json: unknown, { where, value }) => {
          const places = placesIn(json);
          return replaced(json, places[where % places.length] as Place, value);
        },
        withOwn(sample.value, ids),
      ),
    );
}

/** A sample that names a module and users whom the organization really has. */
function withOwn(sample: unknown, ids: Ids): unknown {
  const members = Object.entries(sample as object).map(([name, value]) => {
    if (name === 'remoteId') return [name, 'E1'];
    return [name, ids[name]?.[0] ?? value];
  });
  return Object.fromEntries(members);
}

function oddRequestTo(operation: Operation, ids: Ids): fc.Arbitrary<OddRequest> {
  const params = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const id = (name: string) =>
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...(ids[name] ?? [''])) },
      { weight: 1, arbitrary: fc.uuid() },
      oddText(),
    );
  const known = Object.keys(operation.query?.properties ?? {});
  const value = fc.oneof(oddText(), dates(), fc.uuid(), fc.constantFrom('true', 'false', '1', '200', 'scheduled'));
  const name = fc.oneof({ weight: 6, arbitrary: fc.constantFrom('x', ...known) }, { weight: 1, arbitrary: oddText() });
  const types = Object.keys(operation.textBody ?? { 'application/json': null });
  return fc
    .record({
      values: fc.tuple(...params.map(id)),
      query: fc.array(fc.tuple(name, value), { maxLength: 3 }),
      hasQuery: fc.integer({ min: 0, max: 3 }).map((drawn) => drawn === 0),
      body: oddBody(operation, ids),
      type: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...types) },
        { weight: 1, arbitrary: fc.constant('text/plain') },
      ),
      key: weighted<string | null>([8, fc.constant(null)], [1, fc.constantFrom('a', 'b', 'ä', 'x'.repeat(256))]),
    })
    .map(({ values, query, hasQuery, body, type, key }) => {
      const path = params.reduce((text, param, index) => {
        return text.replace(`{${param}}`, encoded(values[index] || 'none'));
      }, operation.path);
      const search = query.map(([one, other]) => `${encoded(one)}=${encoded(other)}`).join('&');
      const request = {
        operation,
        path: hasQuery && search !== '' ? `${path}?${search}` : path,
        body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
        headers: {
          ...(body !== undefined && { 'content-type': type }),
          ...(key !== null && { 'idempotency-key': Buffer.from(key).toString('latin1') }),
        },
      };
      const shown = [operation.method, request.path, request.body ?? '', JSON.stringify(request.headers)].join(' ');
      return Object.defineProperty(request, fc.toStringMethod, { value: () => shown.slice(0, SHOWN_MAX) });
    });
}

/** Percent-encoded; lone surrogates, which have no such form, as what a careless client makes of them. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('.', '%2E');
}

/** Some of each thing, in whatever state the requests put them. */
async function furnish(manager: Manager): Promise<Ids> {
  const ids = { moduleId: [], clusterId: [], sessionId: [], registrationId: [], completionId: [] } as Record<
    string,
    string[]
  >;
  for (let number = 1; number <= 8; number++) {
    const module = await createModule(manager);
    const cluster = await createCluster(manager, { moduleId: module.id });
    const session = await createSession(manager, { clusterId: cluster.id });
    const seat = await takeSeat(manager, session.id, `E${number}`);
    ids.moduleId?.push(module.id);
    ids.clusterId?.push(cluster.id);
    ids.sessionId?.push(session.id);
    ids.registrationId?.push(seat.id);
    ids.completionId?.push(seat.id);
  }
  return ids;
}

const checks = new Map(
  (manageOperations as readonly Operation[]).flatMap((operation) =>
    Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(
        ([type, { schema }]) => [`${operation.id} ${status} ${type}`, Compile(schema)] as const,
      ),
    ),
  ),
);

/** Errors of what is no operation: another address, because an id was something else, or one that is too long. */
const ANY: readonly ErrorCode[] = ['not_found', 'method_not_allowed', 'invalid_request', 'headers_too_large'];

/** Whether the answer is one that the contract names; answers its kind. */
function judge({ operation }: OddRequest, reply: Reply): string {
  if (reply.status >= 400) {
    const { code } = reply.json<{ error: { metadata: { code: ErrorCode } } }>().error.metadata;
    expectError(reply, code);
    expect([...operation.errors, ...ANY]).toContain(code);
    expect(reply.status).toBeLessThan(500);
    return `${operation.id} ${code}`;
  }
  const type = (reply.headers['content-type'] ?? '').split(';')[0];
  const check = checks.get(`${operation.id} ${reply.status} ${type}`);
  const value = type === 'application/json' ? reply.json<unknown>() : reply.text;
  expect(check?.Errors(value), `${operation.id} ${reply.status} ${type} ${reply.text}`).toEqual([]);
  return `${operation.id} ${reply.status}`;
}

test(
  'thousands of odd requests to the management API find only answers of the contract: no 5xx, no harm to the data',
  async () => {
    await using server = await startTestServer();
    const manager = await createManager(server);
    const { key } = await manager.organization.createKey({ scopes: ['manage'] });
    const operations: readonly Operation[] = manageOperations;
    const ids = await furnish(manager);
    const seen = new Set<string>();
    // What ends things is rare, so that there is something left for the others.
    const weightOf = ({ path }: Operation) => (/\/(archive|cancel)$/.test(path) ? 1 : 12);
    const request = fc.oneof(
      ...operations.map((operation) => ({ weight: weightOf(operation), arbitrary: oddRequestTo(operation, ids) })),
    );

    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: FLIGHT_MAX, size: 'max' }), async (flight) => {
        const replies = await Promise.all(
          flight.map(({ operation, path, body, headers }) =>
            server.request(path, { method: operation.method, key, headers, ...(body !== undefined && { body }) }),
          ),
        );
        replies.forEach((reply, index) => void seen.add(judge(flight[index] as OddRequest, reply)));
      }),
      { numRuns: FLIGHTS },
    );

    expect(await brokenInvariants(server.database, manager.organization.id)).toEqual([]);
    const met = operations.filter(({ id, errors }) => errors.some((code) => seen.has(`${id} ${code}`)));
    expect(met.map(({ id }) => id)).toEqual(operations.map(({ id }) => id));
    const made = ['createModule', 'importModule', 'createCluster', 'scheduleSessions'].map((id) => `${id} 201`);
    expect([...seen]).toEqual(expect.arrayContaining([...made, 'updateOrganization 200', 'updateModule 200']));
  },
  TIMEOUT_MS,
);
