import type { OpenApiDocument } from '@rollcall/contract/openapi.ts';
import { batchDeactivateUsers, batchUpsertUsers, type UserPage } from '@rollcall/contract/users.ts';
import { expect, test } from 'vitest';
import { makeDemo } from '../demo/make-demo.ts';
import { startTestServer } from './support/test-server.ts';

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
  readonly schema: { readonly default?: unknown; readonly example?: unknown; readonly examples?: readonly unknown[] };
}

interface Body {
  readonly content: Readonly<
    Record<string, { readonly examples: Readonly<Record<string, { readonly value: unknown }>> }>
  >;
}

/** What a page that sends requests fills in for a parameter by itself; undefined: it leaves it out. */
function prefilled({ example, examples, schema }: Parameter): unknown {
  const [first] = Object.values(examples ?? {});
  return example ?? first?.value ?? schema.default ?? schema.example ?? schema.examples?.[0];
}

/**
 * The requests of the reference as they stand there before a reader has changed anything, in its order; without those
 * about one thing, which a reader has to name.
 */
function* snippets(document: OpenApiDocument) {
  for (const [path, item] of Object.entries(document.paths).filter(([place]) => !place.includes('{'))) {
    for (const [method, { parameters = [], requestBody }] of Object.entries(item)) {
      const filled = (parameters as Parameter[])
        .map((parameter) => resolve(document, parameter))
        .map((parameter) => ({ place: parameter.in, name: parameter.name, value: prefilled(parameter) }))
        .filter(({ value }) => value !== undefined);
      const of = (place: string) =>
        filled.filter((one) => one.place === place).map(({ name, value }): [string, string] => [name, String(value)]);
      const search = new URLSearchParams(of('query')).toString();
      const content = (requestBody as Body | undefined)?.content['application/json'];
      yield {
        path: search === '' ? path : `${path}?${search}`,
        method: method.toUpperCase(),
        headers: Object.fromEntries(of('header')),
        body: Object.values(content?.examples ?? {})[0]?.value,
      };
    }
  }
}

function resolve(document: OpenApiDocument, parameter: Parameter): Parameter {
  const name = parameter.$ref?.split('/').at(-1);
  return name === undefined ? parameter : (document.components.parameters[name] as Parameter);
}

async function startDemo() {
  const server = await startTestServer();
  const demo = await makeDemo({ database: server.database, now: server.clock.now }, server.address);
  if (!demo) throw new Error('the demo was not made');
  const { key } = demo;
  const users = async () => (await server.request('/v1/users', { key })).json<UserPage>().data.items;
  return { server, key, users, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test('every request of the reference succeeds as it stands, one after the other, and finds what there is', async () => {
  await using demo = await startDemo();
  const { server, key } = demo;
  const document = (await server.request('/openapi.json')).json<OpenApiDocument>();

  const answers: unknown[] = [];
  for (const { path, method, headers, body } of snippets(document)) {
    const reply = await server.request(path, { method, key, headers, body });
    expect([200, 201], `${method} ${path}: ${reply.text.slice(0, 300)}`).toContain(reply.status);
    answers.push(reply.json());
  }

  expect(answers).toMatchObject([
    { data: { total: 40 } },
    { data: { success: [{ active: true }, { active: true }], failed: [] } },
    { data: { success: [{ active: false }, { active: false }], failed: [] } },
    { data: { state: 'open' } },
    { data: { items: [{ state: 'open' }] } },
    { data: { total: 8 } },
    expect.arrayContaining([expect.objectContaining({ attended: true })]),
  ]);
});

test('no sample body of the reference touches anyone who is there already', async () => {
  await using demo = await startDemo();
  const { server, key, users } = demo;
  const before = await users();

  for (const { path, bodyExamples } of [batchUpsertUsers, batchDeactivateUsers]) {
    for (const { value } of Object.values(bodyExamples)) {
      expect((await server.request(path, { method: 'POST', key, body: value })).status).toBe(200);
    }
  }

  expect((await users()).slice(0, before.length)).toEqual(before);
});
