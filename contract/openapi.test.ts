import { readFile } from 'node:fs/promises';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { accountApi, accountOperations } from './account.ts';
import { errorCatalog } from './errors.ts';
import { manageOperations } from './manage/manage.ts';
import { accountDocument, manageDocument, type OpenApiDocument, openapiDocument, openapiText } from './openapi.ts';
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

const documents = [
  { file: 'openapi.json', document: accountDocument() },
  { file: 'manage-openapi.json', document: manageDocument() },
];

function* operationsIn(document: OpenApiDocument): Generator<Json> {
  for (const path of Object.values(document.paths)) yield* Object.values(path);
}

function resolve(document: object, reference: string): unknown {
  const tokens = reference.slice(2).split('/');
  return tokens.reduce((value: unknown, token) => (value as Json | undefined)?.[token], document);
}

test.each(documents)(
  'the committed $file is the one that the operations give (else run: npm run openapi)',
  async ({ file, document }) => {
    const committed = await readFile(new URL(file, import.meta.url), 'utf8');
    expect(committed).toBe(openapiText(document));
  },
);

test('every operation of the reference is there, under its path and method', () => {
  const document = accountDocument();
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => `${method} ${path} ${operation.operationId}`),
  );
  expect(routes).toEqual([
    'get /v1/users listUsers',
    'post /v1/users/batch-upsert batchUpsertUsers',
    'post /v1/users/batch-deactivate batchDeactivateUsers',
    'post /v1/sync-runs openSyncRun',
    'get /v1/sync-runs listSyncRuns',
    'get /v1/sync-runs/{runId} getSyncRun',
    'delete /v1/sync-runs/{runId} cancelSyncRun',
    'post /v1/sync-runs/{runId}/users addSyncBatch',
    'get /v1/sync-runs/{runId}/plan getSyncPlan',
    'get /v1/sync-runs/{runId}/plan/items listSyncPlanItems',
    'post /v1/sync-runs/{runId}/commit commitSyncRun',
    'post /v1/sync-runs/{runId}/undo undoSyncRun',
    'get /v1/clusters listClusters',
    'get /v1/completions listCompletions',
  ]);
});

test.each(documents)('$file: every operation names the ServerApiKey security', ({ document }) => {
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
  const readRun = ['200', '400', '401', '403', '404', '429', '500', '503'];
  const actOnRun = ['200', '400', '401', '403', '404', '409', '429', '500', '503', '507'];
  const writeRun = ['200', '400', '401', '403', '404', '409', '413', '415', '429', '500', '503', '507'];
  expect(answers).toEqual({
    listUsers: read,
    batchUpsertUsers: write,
    batchDeactivateUsers: write,
    openSyncRun: ['201', '400', '401', '403', '409', '413', '415', '429', '500', '503', '507'],
    listSyncRuns: ['200', '400', '401', '403', '429', '500', '503'],
    getSyncRun: readRun,
    addSyncBatch: writeRun,
    getSyncPlan: actOnRun,
    listSyncPlanItems: actOnRun,
    commitSyncRun: writeRun,
    undoSyncRun: actOnRun,
    cancelSyncRun: actOnRun,
    listClusters: read,
    listCompletions: read,
  });
});

test('what the management API makes is answered 201, and says where it is', () => {
  const document = manageDocument();
  const creations = [...operationsIn(document)].filter(({ responses }) => '201' in (responses as Json));
  const headers = creations.map(({ operationId, responses }) => {
    const created = (responses as Record<string, Json>)['201'];
    return [operationId, Object.hasOwn((created?.headers ?? {}) as Json, 'Location')];
  });
  expect(headers).toEqual([
    ['createModule', true],
    ['importModule', true],
    ['createCluster', true],
    // Several at once have no one address.
    ['scheduleSessions', false],
    ['createRegistration', true],
  ]);
  for (const { parameters, operationId } of creations) {
    expect(JSON.stringify(parameters), String(operationId)).toContain('#/components/parameters/Idempotency-Key');
  }
});

test('an operation on one thing can answer that it is not there', () => {
  for (const { id, params, errors } of manageOperations as readonly Operation[]) {
    if (params) expect(errors, id).toContain('not_found');
  }
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

test.each(documents)('$file: everything a reader meets has a description', ({ document }) => {
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

test.each(documents)(
  '$file: the sample of an optional parameter is read, and not filled in by itself',
  ({ document }) => {
    const own = [...operationsIn(document)].flatMap(({ parameters = [] }) => parameters as Json[]);
    const optional = [...own, ...(Object.values(document.components.parameters) as Json[])].filter(
      ({ required }) => required === false,
    );
    const filledIn = optional.filter((parameter) => /"examples?":|"default":(?!\d)/.test(JSON.stringify(parameter)));
    expect(filledIn).toEqual([]);
    expect(optional.filter(({ description }) => String(description).includes(' For example `')).length).toBeGreaterThan(
      2,
    );
  },
);

test.each(documents)('$file is plain JSON Schema 2020-12: known keywords, no null as "nullable"', ({ document }) => {
  const { schemas } = document.components;
  const keywords = new Set<string>();
  for (const { path, value } of objectsIn(schemas)) {
    if (path !== '#' && !path.endsWith('/properties')) for (const keyword of Object.keys(value)) keywords.add(keyword);
  }
  const known = [
    ...['$ref', 'additionalProperties', 'const', 'default', 'description', 'enum', 'examples', 'format', 'items'],
    ...['maxItems', 'maxLength', 'maximum', 'minItems', 'minLength', 'minimum', 'pattern', 'properties', 'required'],
    ...['type', 'uniqueItems'],
  ];
  expect([...keywords].filter((keyword) => !known.includes(keyword))).toEqual([]);
  expect(keywords.size).toBeGreaterThan(10);
  expect(schemas.User).toMatchObject({ properties: { email: { type: ['string', 'null'] } } });
});

test.each(documents)(
  '$file: every reference leads to a component, and every component is referred to',
  ({ document }) => {
    const targets = new Set([...objectsIn(document)].flatMap(({ value }) => (value.$ref ? [String(value.$ref)] : [])));
    for (const target of targets) expect(resolve(document, target), target).toBeDefined();
    const { securitySchemes: _named, ...referable } = document.components;
    const components = Object.entries(referable).flatMap(([kind, members]) =>
      Object.keys(members).map((name) => `#/components/${kind}/${name}`),
    );
    expect([...targets].sort()).toEqual(components.sort());
  },
);

test('operation ids and schema names are unique', () => {
  const ids = accountOperations.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const other = { ...(accountOperations[0] as Operation), path: '/other', body: Type.Object({}, { $id: 'User' }) };
  expect(() => openapiDocument({ ...accountApi, operations: [...accountOperations, other] })).toThrow(
    'Two different schemas are named User.',
  );
});

test('errors of one operation that share a status are all described there, each with a sample', () => {
  const commit = accountDocument().paths['/v1/sync-runs/{runId}/commit']?.post as { responses: Record<string, Json> };
  const conflict = commit.responses['409'] as { description: string; content: Record<string, { examples: Json }> };
  for (const code of ['sync_run_closed', 'plan_changed', 'deactivation_threshold_exceeded']) {
    expect(conflict.description).toContain(`(\`${code}\`)`);
    expect(JSON.stringify(conflict.content['application/json']?.examples)).toContain(`"code":"${code}"`);
  }
  const twice = { ...(accountOperations[0] as Operation), errors: ['internal', 'internal'] as const };
  expect(() => openapiDocument({ ...accountApi, operations: [twice] })).toThrow('names an error twice');
});

test('the address of the server is relative until it is known, and is written without a trailing slash', () => {
  expect(accountDocument().servers).toEqual([{ url: '/' }]);
  expect(accountDocument({ serverUrl: 'https://rollcall.example.com/' }).servers).toEqual([
    { url: 'https://rollcall.example.com' },
  ]);
});

test.each(documents)('$file: the introduction lists every error code with its status and its cause', ({ document }) => {
  const rows = String(document.info.description).split('\n');
  for (const [code, { status, description }] of Object.entries(errorCatalog)) {
    const row = rows.find((line) => line.startsWith(`| \`${code}\` | ${status} | `)) ?? '';
    const meaning = /\| ([^|]+\.) \|$/.exec(row)?.[1] ?? '';
    expect(meaning.split(' ').length, code).toBeGreaterThan(4);
    expect(description.startsWith(`${meaning} `), code).toBe(true);
  }
});
