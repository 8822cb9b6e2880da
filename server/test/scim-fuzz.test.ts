import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { BULK_MESSAGE, GROUP_SCHEMA, PATCH_MESSAGE, SEARCH_MESSAGE, USER_SCHEMA } from '../domain/scim/schemas.ts';
import { createScimClient, type ScimError } from './support/scim.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const REQUESTS = 600;
const TIMEOUT_MS = 120_000;

/** Texts that mean something here, and some that mean harm. */
const text = fc.oneof(
  fc.constantFrom(
    'ann@example.com',
    'bob',
    'E1',
    '',
    ' ',
    'True',
    'work',
    'Sales',
    'bulkId:1',
    '\u0000',
    '\ud800',
    'é',
  ),
  fc.constantFrom('2030-01-01T00:00:00.1234567Z', '9999-12-31T23:59:59Z', '0000-01-01T00:00:00+14:00', '%', "'", '\\'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const value: fc.Arbitrary<unknown> = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }), fc.double());

const attribute = fc.constantFrom(
  'userName',
  'externalId',
  'id',
  'active',
  'displayName',
  'name.givenName',
  'name',
  'emails',
  'emails.value',
  'emails.primary',
  'members',
  'members.value',
  'meta.created',
  'meta.lastModified',
  'title',
  '__proto__',
  `${USER_SCHEMA}:userName`,
);
const operator = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'xx');
const condition = fc.oneof(
  fc.tuple(attribute, operator, value).map(([name, word, wanted]) => `${name} ${word} ${JSON.stringify(wanted)}`),
  attribute.map((name) => `${name} pr`),
);
const filter = fc
  .array(fc.tuple(fc.constantFrom('and', 'or'), condition, fc.boolean()), { minLength: 1, maxLength: 3 })
  .map((parts) =>
    parts
      .map(([word, part, isNegated], index) => `${index === 0 ? '' : word} ${isNegated ? `not (${part})` : part}`)
      .join(' '),
  );
const number = fc.oneof(fc.constantFrom('0', '-1', '999999999999999', '2147483648', 'x'), fc.integer().map(String));
const query = fc
  .record(
    {
      filter,
      sortBy: attribute,
      sortOrder: text,
      startIndex: number,
      count: number,
      attributes: attribute,
      excludedAttributes: attribute,
    },
    { requiredKeys: [] },
  )
  .map((parameters) => new URLSearchParams(parameters as Record<string, string>).toString());

const user = fc.record(
  {
    schemas: fc.constant([USER_SCHEMA]),
    userName: value,
    externalId: value,
    name: fc.oneof(value, fc.record({ givenName: value, familyName: value })),
    emails: fc.oneof(value, fc.array(fc.record({ value, type: value, primary: value }), { maxLength: 2 })),
    active: value,
  },
  { requiredKeys: ['schemas', 'userName'] },
);
const group = fc.record(
  {
    schemas: fc.constant([GROUP_SCHEMA]),
    displayName: value,
    externalId: value,
    members: fc.oneof(value, fc.array(fc.record({ value }), { maxLength: 2 })),
  },
  { requiredKeys: ['schemas', 'displayName'] },
);
const path = fc.oneof(
  attribute,
  text,
  fc.tuple(attribute, condition).map(([name, part]) => `${name}[${part}]`),
);
const operation = fc.record(
  { op: fc.constantFrom('add', 'replace', 'remove'), path, value: fc.oneof(value, user, group) },
  { requiredKeys: ['op'] },
);
const patch = fc.record({
  schemas: fc.constant([PATCH_MESSAGE]),
  Operations: fc.array(operation, { minLength: 1, maxLength: 3 }),
});
const search = fc.record(
  { schemas: fc.constant([SEARCH_MESSAGE]), filter, startIndex: value, count: value, attributes: value, sortBy: value },
  { requiredKeys: ['schemas'] },
);
const list = fc.constantFrom('/Users', '/Groups');

function requests(known: { user: string; group: string }) {
  const one = fc.oneof(
    fc.constantFrom(`/Users/${known.user}`, `/Groups/${known.group}`),
    fc.tuple(list, text).map(([place, id]) => `${place}/${encodeURIComponent(id.isWellFormed() ? id : 'x')}`),
  );
  const body = fc.oneof(user, group, patch, value);
  const write = fc.record({ method: fc.constantFrom('PUT', 'PATCH', 'DELETE'), path: one, body });
  const bulk = fc.array(
    fc.record(
      {
        method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
        path: fc.oneof(list, one),
        bulkId: text,
        data: body,
        version: text,
      },
      { requiredKeys: ['method', 'path'] },
    ),
    { maxLength: 3 },
  );
  return fc.oneof(
    fc.tuple(list, query).map(([place, asked]) => ({ method: 'GET', path: `${place}?${asked}`, body: undefined })),
    fc.tuple(one, query).map(([place, asked]) => ({ method: 'GET', path: `${place}?${asked}`, body: undefined })),
    fc.record({ method: fc.constant('POST'), path: list, body }),
    write,
    fc.record({ method: fc.constant('POST'), path: list.map((place) => `${place}/.search`), body: search }),
    bulk.map((Operations) => ({ method: 'POST', path: '/Bulk', body: { schemas: [BULK_MESSAGE], Operations } })),
  );
}

test(
  'odd requests are answered or refused in SCIM’s own words, and never by a fault of the server',
  async () => {
    const client = await createScimClient(server);
    const user = await client.createUser({ userName: 'known@example.com' });
    const { id } = await client.createGroup('Known', user.id);
    const flight = fc.asyncProperty(requests({ user: user.id, group: id }), async ({ method, path: place, body }) => {
      const reply = await client.send(method, place, body);
      expect(reply.status, reply.text).toBeLessThan(500);
      if (reply.status >= 400) {
        expect(reply.json<ScimError>()).toMatchObject({ status: String(reply.status), detail: expect.any(String) });
      }
      expect(reply.text).not.toMatch(/"status":"5\d\d"/);
    });
    await fc.assert(flight, { numRuns: REQUESTS });
  },
  TIMEOUT_MS,
);
