import { createHash } from 'node:crypto';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { accountOperations } from './account.ts';
import { Cluster } from './clusters.ts';
import { Completion, type CompletionList, listCompletions } from './completions.ts';
import { errorCatalog } from './errors.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { manageOperations } from './manage/manage.ts';
import type { Examples, Operation } from './operation.ts';
import { ErrorBody } from './shapes.ts';
import { User } from './users.ts';

const operations: readonly Operation[] = [...accountOperations, ...manageOperations];

function expectToFit(schema: TSchema, value: unknown, name: string): void {
  expect(Compile(schema).Errors(value), name).toEqual([]);
}

function expectAllToFit(schema: TSchema, examples: Examples, name: string): void {
  for (const [key, { value }] of Object.entries(examples)) expectToFit(schema, value, `${name} ${key}`);
}

test.each(operations)('the samples of $id are valid, several of each body', (operation) => {
  for (const [status, { content = {} }] of Object.entries(operation.responses)) {
    for (const [type, { schema, examples }] of Object.entries(content)) {
      expectAllToFit(schema, examples, `${status} ${type}`);
    }
    const [json] = Object.values(content);
    if (json) expect(Object.keys(json.examples).length).toBeGreaterThan(1);
  }
  for (const [code, examples] of Object.entries(operation.errorExamples ?? {})) {
    expectAllToFit(ErrorBody, examples, code);
    for (const { value } of Object.values(examples)) expect(value.error.metadata.code).toBe(code);
  }
  for (const [type, { schema, examples }] of Object.entries(operation.textBody ?? {})) {
    expectAllToFit(schema, examples, `body ${type}`);
  }
  if (!operation.body) return;
  const bodies = operation.bodyExamples ?? {};
  expect(Object.keys(bodies).length).toBeGreaterThan(1);
  expectAllToFit(operation.body, bodies, 'body');
});

test.each(operations)('the sample values of the parameters of $id are valid', ({ params, query }) => {
  for (const [name, property] of Object.entries({ ...params?.properties, ...query?.properties })) {
    const { examples = [] } = property as { examples?: unknown[] };
    expect(examples.length, name).toBeGreaterThan(0);
    for (const example of examples) expectToFit(property, example, name);
  }
});

test.each(operations)('the parameters in the path of $id are those that it declares', ({ path, params }) => {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  expect(named).toEqual(Object.keys(params?.properties ?? {}));
});

test('the sample values of headers are valid', () => {
  for (const [name, { schema, example }] of Object.entries({ ...requestHeaders, ...responseHeaders })) {
    expectToFit(schema, example, name);
  }
});

test('a sample of a faulty request gives the places that the operation really has', () => {
  for (const { query, errorExamples } of operations) {
    const samples = Object.values(errorExamples?.invalid_request ?? {});
    for (const { value } of samples) {
      for (const { parameter, message } of value.error.metadata.issues ?? []) {
        if (parameter && !message.startsWith('is unknown'))
          expect(Object.keys(query?.properties ?? {})).toContain(parameter);
      }
    }
  }
});

function samplesOf(operation: Operation): unknown[] {
  return Object.values(operation.responses[200]?.content?.['application/json']?.examples ?? {}).map(
    ({ value }) => value,
  );
}

/** All objects of a sample that have all of these members. */
function objectsWith(members: readonly string[], value: unknown): object[] {
  if (value === null || typeof value !== 'object') return [];
  const inner = Object.values(value).flatMap((part) => objectsWith(members, part));
  return members.every((member) => Object.hasOwn(value, member)) ? [value, ...inner] : inner;
}

test.each([
  ['User', User, ['id', 'firstName', 'lastName', 'email', 'active', 'remoteId'], ['id', 'firstName', 'active']],
  [
    'Cluster',
    Cluster,
    [
      ...['clusterId', 'moduleId', 'moduleName', 'moduleCategory', 'moduleThumbnailUrl', 'moduleDescription'],
      ...['duration', 'iframeCode'],
    ],
    ['clusterId', 'duration'],
  ],
  [
    'Completion',
    Completion,
    [
      ...['id', 'remoteUserId', 'clusterId', 'moduleId', 'moduleName', 'moduleCategory', 'moduleThumbnailUrl'],
      ...['moduleDescription', 'duration', 'attended', 'sessionScheduledStartAt', 'sessionScheduledEndAt'],
      ...['participantFirstVisitedAt', 'participantLastVisitedAt', 'timeInSessionMins', 'stepsVisited'],
      ...['totalSteps', 'percentageStepsVisited', 'hash'],
    ],
    ['hash'],
  ],
])('the samples of %s have their members in the order of the reference', (_name, schema, order, telling) => {
  expect(Object.keys(schema.properties)).toEqual(order);
  const samples = objectsWith(telling, accountOperations.flatMap(samplesOf)).filter(
    (sample) => !('hash' in sample) || order.includes('hash'),
  );
  expect(samples.length).toBeGreaterThan(1);
  for (const sample of samples) expect(Object.keys(sample)).toEqual(order.filter((member) => member in sample));
});

function completionSamples(): CompletionList {
  return samplesOf(listCompletions).flat() as CompletionList;
}

test('the sample completion has the figures of the reference', () => {
  expect(completionSamples()[0]).toMatchObject({
    sessionScheduledStartAt: '2024-06-15T14:00:00Z',
    sessionScheduledEndAt: '2024-06-15T15:00:00Z',
    participantFirstVisitedAt: '2024-06-15T14:02:00Z',
    participantLastVisitedAt: '2024-06-15T14:55:00Z',
    timeInSessionMins: 53,
    stepsVisited: 8,
    totalSteps: 10,
    percentageStepsVisited: 80,
  });
});

test('the hash of each sample completion is that of its other members', () => {
  for (const { hash, ...others } of completionSamples()) {
    expect(hash).toBe(createHash('sha256').update(JSON.stringify(others)).digest('hex').slice(0, 12));
  }
});

test('the text formats of completions show the same records as the JSON', () => {
  const content = listCompletions.responses[200].content;
  const lines = content['application/x-ndjson'].examples.lines.value.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(completionSamples());
  const [header, ...rows] = content['text/csv'].examples.table.value.trimEnd().split('\r\n');
  expect(header).toBe(Object.keys(Completion.properties).join(','));
  expect(rows.map((row) => row.split(',')[0])).toEqual(completionSamples().map(({ id }) => id));
});

test('every error says its cause and its remedy', () => {
  const entries = Object.values(errorCatalog);
  for (const { status, title, description, sampleMessage } of entries) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(title).not.toBe('');
    expect(description.split('. ').length, title).toBeGreaterThan(1);
    expect(sampleMessage).not.toBe('');
  }
});
