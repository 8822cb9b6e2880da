import { afterAll, describe, expect, test } from 'vitest';
import { USER_SCHEMA } from '../domain/scim/schemas.ts';
import { createScimClient, fault, type ScimError, type ScimUserResource } from './support/scim.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

async function withAnn(user: object = {}) {
  const client = await createScimClient(server);
  const ann = await client.createUser({
    userName: 'ann@example.com',
    externalId: 'E1',
    name: { givenName: 'Ann', familyName: 'Lee' },
    ...user,
  });
  const path = `/Users/${ann.id}`;
  return {
    ...client,
    ann,
    path,
    apply: async (...operations: readonly unknown[]) => {
      const reply = await client.patch(path, ...operations);
      if (reply.status !== 200) throw new Error(reply.text);
      return reply.json<ScimUserResource>();
    },
  };
}

describe('a PATCH in the spelling', () => {
  const inactive = { active: false };
  const renamed = { name: { givenName: 'Anna', familyName: 'Lee' } };
  const moved = { emails: [{ value: 'anna@example.com', type: 'work', primary: true }] };
  test.each([
    ['of the RFC', { op: 'replace', path: 'active', value: false }, inactive],
    ['"Replace" with "False"', { op: 'Replace', path: 'active', value: 'False' }, inactive],
    ['Add with "false"', { op: 'Add', path: 'Active', value: 'false' }, inactive],
    ['without a path', { op: 'replace', value: { active: false } }, inactive],
    ['without a path, a text for a boolean', { op: 'Replace', value: { active: 'False' } }, inactive],
    ['with an empty path', { op: 'replace', path: '', value: { active: false } }, inactive],
    ['with the schema before the name', { op: 'replace', path: `${USER_SCHEMA}:active`, value: false }, inactive],
    [
      'with the schema in another case',
      { op: 'replace', path: `${USER_SCHEMA.toUpperCase()}:active`, value: false },
      inactive,
    ],
    [
      'without a path, the schema before the name',
      { op: 'add', value: { [`${USER_SCHEMA}:active`]: false } },
      inactive,
    ],
    ['without a path, below the schema', { op: 'add', value: { [USER_SCHEMA]: { active: false } } }, inactive],
    ['a value in a list', { op: 'Replace', path: 'active', value: [{ $ref: null, value: 'False' }] }, inactive],
    ['a part of the name', { op: 'replace', path: 'name.givenName', value: 'Anna' }, renamed],
    ['dotted members', { op: 'replace', value: { 'name.givenName': 'Anna' } }, renamed],
    ['nested members', { op: 'add', value: { name: { givenName: 'Anna' } } }, renamed],
    ['the name as an object', { op: 'replace', path: 'name', value: { givenName: 'Anna' } }, renamed],
    ['a value path', { op: 'replace', path: 'emails[type eq "work"].value', value: 'Anna@Example.com' }, moved],
    [
      'a value path of the primary one',
      { op: 'add', path: 'emails[primary eq true].value', value: 'anna@example.com' },
      moved,
    ],
    [
      'a value path by the value',
      { op: 'replace', path: 'emails[value eq "ANN@example.com"].value', value: 'anna@example.com' },
      moved,
    ],
    [
      'a value path for a member',
      { op: 'replace', value: { 'emails[type eq "work"].value': 'anna@example.com' } },
      moved,
    ],
    ['all addresses', { op: 'replace', path: 'emails', value: [{ type: 'work', value: 'anna@example.com' }] }, moved],
    ['one address', { op: 'replace', path: 'emails', value: { value: 'anna@example.com' } }, moved],
    [
      'a userName, which is the address',
      { op: 'replace', path: 'userName', value: 'anna@example.com' },
      { ...moved, userName: 'anna@example.com' },
    ],
    ['an externalId', { op: 'replace', path: 'externalId', value: 'E2' }, { externalId: 'E2' }],
  ])('%s', async (_, operation, expected) => {
    const { apply } = await withAnn();
    expect(await apply(operation)).toMatchObject(expected);
  });
});

describe('a PATCH', () => {
  test('takes names, externalId and the address away', async () => {
    const { apply } = await withAnn();
    const user = await apply(
      { op: 'remove', path: 'name.familyName' },
      { op: 'remove', path: 'emails[type eq "work"]' },
    );
    expect(user.name).toEqual({ formatted: 'Ann', givenName: 'Ann' });
    expect(user).not.toHaveProperty('emails');
    expect(user.userName).toBe('ann@example.com');
    const { externalId, ...rest } = await apply(
      { op: 'add', path: 'emails', value: [{ value: 'ann@example.com' }] },
      { op: 'Remove', path: 'externalId' },
    );
    expect([externalId, rest.emails?.[0]?.value]).toEqual([undefined, 'ann@example.com']);
  });

  test('passes over what is not kept here, beside what is', async () => {
    const { apply } = await withAnn();
    const user = await apply(
      { op: 'replace', path: 'title', value: 'Head' },
      { op: 'replace', path: `${ENTERPRISE}:department`, value: 'R&D' },
      { op: 'add', path: 'phoneNumbers[type eq "work"].value', value: '+1' },
      { op: 'add', path: 'emails[type eq "home"].value', value: 'home@example.com' },
      { op: 'replace', path: 'displayName', value: 'Other' },
      { op: 'replace', path: 'name.givenName', value: 'Anna' },
    );
    expect(user).toMatchObject({ displayName: 'Anna Lee', emails: [{ value: 'ann@example.com' }] });
  });

  test.each([
    ['title', 'Head', 'invalidPath'],
    [`${ENTERPRISE}:department`, 'R&D', 'invalidPath'],
    [ENTERPRISE, { department: 'R&D' }, 'invalidPath'],
    ['phoneNumbers[type eq "work"].value', '+1', 'invalidPath'],
    ['emails[type eq "home"].value', 'home@example.com', 'noTarget'],
    ['emails[type eq "work"].display', 'Ann', 'noTarget'],
    ['displayName', 'Other', 'mutability'],
    ['name.formatted', 'Other', 'mutability'],
    ['name', { middleName: 'B' }, 'invalidPath'],
    ['actve', false, 'invalidPath'],
    ['id', 'x', 'mutability'],
    ['meta.created', 'x', 'mutability'],
    ['__proto__.x', 1, 'invalidPath'],
    ['constructor.prototype', 1, 'invalidPath'],
    ['name.__proto__', 1, 'invalidPath'],
    ['emails[', 1, 'invalidPath'],
    ['emails[type xx "work"].value', 'x', 'invalidPath'],
    [`emails[${'('.repeat(1_000)}type eq "work"${')'.repeat(1_000)}].value`, 'x', 'invalidPath'],
    ['active', 'maybe', 'invalidValue'],
    ['active', [true, false], 'invalidValue'],
    ['userName', '', 'invalidValue'],
    ['userName', { toString: 1 }, 'invalidValue'],
    ['name.givenName', 'a\u0000b', 'invalidValue'],
    ['emails', 'ann@example.com', 'invalidValue'],
    ['emails[type eq "work"].value', 'no address', 'invalidValue'],
  ])('of %s alone is an error and no silent success', async (name, value, scimType) => {
    const { patch, path, get, ann } = await withAnn();
    for (const operation of [
      { op: 'replace', path: name, value },
      { op: 'add', value: { [name]: value } },
    ]) {
      const reply = await patch(path, operation);
      expect([reply.text, ...fault(reply)]).toEqual([expect.any(String), 400, scimType]);
      expect(reply.json<ScimError>().detail.length).toBeGreaterThan(20);
    }
    expect(await get(path)).toEqual(ann);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test.each([
    ['that is none', { schemas: [], Operations: [] }, 'invalidSyntax'],
    ['without operations', { Operations: [] }, 'invalidSyntax'],
    ['with an unknown operation', { Operations: [{ op: 'move', path: 'active', value: true }] }, 'invalidSyntax'],
    ['with a path that is no text', { Operations: [{ op: 'add', path: 7, value: true }] }, 'invalidPath'],
    ['without a value', { Operations: [{ op: 'add', path: 'active' }] }, 'invalidValue'],
    ['that removes nothing in particular', { Operations: [{ op: 'remove' }] }, 'noTarget'],
    ['that removes userName', { Operations: [{ op: 'remove', path: 'userName' }] }, 'mutability'],
    ['that removes active', { Operations: [{ op: 'remove', path: 'active' }] }, 'mutability'],
    ['whose value is a text without a path', { Operations: [{ op: 'add', value: 'x' }] }, 'invalidValue'],
  ])('%s is refused', async (_, body, scimType) => {
    const { send, path } = await withAnn();
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
    expect(fault(await send('PATCH', path, { schemas, ...body }))).toEqual([400, scimType]);
  });

  test('is applied whole or not at all', async () => {
    const { patch, path, get, ann } = await withAnn();
    const good = { op: 'replace', path: 'name.givenName', value: 'Anna' };
    expect((await patch(path, good, { op: 'replace', path: 'active', value: 'maybe' })).status).toBe(400);
    expect(await get(path)).toEqual(ann);
  });

  test('to what is there already is a success that changes nothing', async () => {
    const { apply, ann } = await withAnn();
    server.clock.advance(1_000);
    expect(await apply({ op: 'replace', path: 'active', value: true })).toEqual(ann);
    expect(await apply({ op: 'replace', path: 'userName', value: 'ann@example.com' })).toEqual(ann);
  });

  test('cannot take what belongs to somebody else', async () => {
    const { createUser, patch, path } = await withAnn();
    await createUser({ userName: 'bob', externalId: 'E2', emails: [{ value: 'bob@example.com' }] });
    for (const [name, value] of Object.entries({
      userName: 'BOB',
      externalId: 'E2',
      'emails[type eq "work"].value': 'bob@example.com',
    })) {
      expect(fault(await patch(path, { op: 'replace', path: name, value }))).toEqual([409, 'uniqueness']);
    }
  });

  test('of a userName that is not the address leaves the address alone', async () => {
    const { apply } = await withAnn({ userName: 'leea', emails: [{ value: 'ann@example.com' }] });
    const user = await apply({ op: 'replace', path: 'userName', value: 'ann@tenant.example' });
    expect(user).toMatchObject({ userName: 'ann@tenant.example', emails: [{ value: 'ann@example.com' }] });
    const moved = await apply({ op: 'replace', path: 'emails[type eq "work"].value', value: 'lee@example.com' });
    expect(moved).toMatchObject({ userName: 'ann@tenant.example', emails: [{ value: 'lee@example.com' }] });
  });
});
