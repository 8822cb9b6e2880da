import { readFile } from 'node:fs/promises';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { accountApi, accountOperations } from './account.ts';
import { errorCatalog } from './errors.ts';
import { accountDocument, openapiDocument, openapiText } from './openapi.ts';
import type { Operation } from './operation.ts';

type Json = { [key: string]: unknown };

interface Found {
  readonly path: string;
  readonly value: Json;
}

/** Every object in a JSON value, with its place; samples are left out, for their members are data. */
function* objectsIn(value: unknown, path = '#'): Generator<Found> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* objectsIn(item, `${path}/${index}`);
    return;
  }
  if (value === null || typeof value !== 'object') return;
  yield { path, value: value as Json };
  for (const [key, member] of Object.entries(value)) {
    if (key !== 'examples' && key !== 'example') yield* objectsIn(member, `${path}/${key.replaceAll('/', '~1')}`);
  }
}

function* operationsIn(document: ReturnType<typeof accountDocument>): Generator<Json> {
  for (const path of Object.values(document.paths)) yield* Object.values(path);
}

function resolve(document: object, reference: string): unknown {
  const tokens = reference.slice(2).split('/');
  return tokens.reduce((value: unknown, token) => (value as Json | undefined)?.[token], document);
}

test('the committed OpenAPI document is the one that the operations give (else run: npm run openapi)', async () => {
  const committed = await readFile(new URL('openapi.json', import.meta.url), 'utf8');
  expect(committed).toBe(openapiText(accountDocument()));
});

test('every operation of the reference is there, under its path and method', () => {
  const document = accountDocument();
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => `${method} ${path} ${operation.operationId}`),
  );
  expect(routes).toEqual([
    'get /v1/users listUsers',
    'post /v1/users/batch-upsert batchUpsertUsers',
    'post /v1/users/batch-deactivate batchDeactivateUsers',
    'get /v1/clusters listClusters',
    'get /v1/completions listCompletions',
  ]);
});

test('every operation names the ServerApiKey security', () => {
  const document = accountDocument();
  for (const operation of operationsIn(document)) {
    expect(operation.security).toEqual([{ ServerApiKey: [] }, { ServerApiKeyHeader: [] }]);
  }
  expect(document.components.securitySchemes).toMatchObject({
    ServerApiKey: { type: 'http', scheme: 'bearer' },
    ServerApiKeyHeader: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  });
});

test('every operation documents all that it can answer', () => {
  const document = accountDocument();
  const answers = Object.fromEntries(
    [...operationsIn(document)].map((operation) => [operation.operationId, Object.keys(operation.responses as Json)]),
  );
  const read = ['200', '304', '400', '401', '403', '429', '500', '503'];
  const write = ['200', '400', '401', '403', '413', '415', '422', '429', '500', '503', '507'];
  expect(answers).toEqual({
    listUsers: read,
    batchUpsertUsers: write,
    batchDeactivateUsers: write,
    listClusters: read,
    listCompletions: read,
  });
});

test('an answer that asks to wait or to come back says with which header', () => {
  const { responses, headers } = accountDocument().components;
  for (const [response, header] of [
    ['RateLimited', 'Retry-After'],
    ['Unavailable', 'Retry-After'],
    ['Unauthorized', 'WWW-Authenticate'],
  ] as const) {
    expect(Object.keys((responses[response] as Json).headers as Json)).toContain(header);
    expect(headers).toHaveProperty(header);
  }
});

test('everything a reader meets has a description', () => {
  const document = accountDocument();
  const silent: string[] = [];
  for (const { path, value } of objectsIn(document.paths)) {
    const isDescribable = 'operationId' in value || 'in' in value || /\/responses\/\d+$/.test(path);
    if (isDescribable && !('$ref' in value) && !value.description) silent.push(path);
  }
  for (const { path, value } of objectsIn(document.components)) {
    const isMember = /\/properties\/[^/]+$|^#\/(?:schemas|headers|parameters|responses|securitySchemes)\/[^/]+$/.test(
      path,
    );
    if (isMember && !('$ref' in value) && !value.description) silent.push(path);
  }
  expect(silent).toEqual([]);
  expect(document.tags.filter((tag) => !tag.description)).toEqual([]);
});

test('the document is plain JSON Schema 2020-12: known keywords, no null as "nullable", no inner $id', () => {
  const schemas = accountDocument().components.schemas;
  const keywords = new Set<string>();
  for (const { path, value } of objectsIn(schemas)) {
    if (path !== '#' && !path.endsWith('/properties')) for (const keyword of Object.keys(value)) keywords.add(keyword);
  }
  expect([...keywords].sort()).toEqual(
    [
      ...['$ref', 'additionalProperties', 'const', 'description', 'examples', 'format', 'items', 'maxItems', 'maximum'],
      ...['minItems', 'minimum', 'pattern', 'properties', 'required', 'type'],
    ].sort(),
  );
  expect(schemas.User).toMatchObject({ properties: { email: { type: ['string', 'null'] } } });
});

test('every reference leads to a component, and every component is referred to', () => {
  const document = accountDocument();
  const targets = new Set([...objectsIn(document)].flatMap(({ value }) => (value.$ref ? [String(value.$ref)] : [])));
  for (const target of targets) expect(resolve(document, target), target).toBeDefined();
  const { securitySchemes: _named, ...referable } = document.components;
  const components = Object.entries(referable).flatMap(([kind, members]) =>
    Object.keys(members).map((name) => `#/components/${kind}/${name}`),
  );
  expect([...targets].sort()).toEqual(components.sort());
});

test('operation ids and schema names are unique', () => {
  const ids = accountOperations.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const other = { ...(accountOperations[0] as Operation), path: '/other', body: Type.Object({}, { $id: 'User' }) };
  expect(() => openapiDocument({ ...accountApi, operations: [...accountOperations, other] })).toThrow(
    'Two different schemas are named User.',
  );
});

test('two errors of one operation cannot hide each other under the same status', () => {
  const twice = { ...(accountOperations[0] as Operation), errors: ['internal', 'internal'] as const };
  expect(() => openapiDocument({ ...accountApi, operations: [twice] })).toThrow('two errors with status 500');
});

test('the address of the server is relative until it is known, and is written without a trailing slash', () => {
  expect(accountDocument().servers).toEqual([{ url: '/' }]);
  expect(accountDocument({ serverUrl: 'https://rollcall.example.com/' }).servers).toEqual([
    { url: 'https://rollcall.example.com' },
  ]);
});

test('the introduction lists every error code with its status', () => {
  const { description } = accountDocument().info;
  for (const [code, { status }] of Object.entries(errorCatalog))
    expect(description).toContain(`| \`${code}\` | ${status} |`);
});
