import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { batchDeactivateUsers, batchUpsertUsers, FailedUser, listUsers, type User } from './users.ts';

const upsert = Compile(batchUpsertUsers.body);
const deactivate = Compile(batchDeactivateUsers.body);

const listed: User = {
  id: '3a6ebee080551a4e8f9a62bdc3bb3f94a0c9405f395a9dbaa8edea848c36b109',
  firstName: 'Amélie',
  lastName: 'Laurent',
  email: null,
  active: true,
  remoteId: 'E1001',
};

function pointers(errors: readonly { instancePath: string }[]): string[] {
  return [...new Set(errors.map(({ instancePath }) => instancePath))];
}

test('a request without email, as old clients send it, is accepted', () => {
  const users = [{ firstName: 'Amélie', lastName: 'Laurent', active: true, remoteId: 'E1001' }];
  expect(upsert.Check({ users })).toBe(true);
  expect(deactivate.Check({ users: [{ remoteId: 'E1001' }] })).toBe(true);
});

test('a listed user can be sent back to be updated as it came', () => {
  expect(upsert.Check({ users: [listed] })).toBe(true);
});

test('a failed item, corrected or not, can be sent again as it came back', () => {
  const item = { remoteId: 'E1001', email: 'not an address', id: listed.id };
  expect(Compile(FailedUser).Check(item)).toBe(true);
  expect(upsert.Check({ users: [item] })).toBe(true);
});

test('what a rule refuses item by item does not refuse the whole batch', () => {
  const users = [
    { remoteId: '' },
    { remoteId: 'x'.repeat(10_000) },
    { email: 'not an address' },
    { email: 'amelie@example.com', firstName: 'a\u0000b' },
    { firstName: 'nobody' },
    { remoteId: null, email: null },
  ];
  expect(upsert.Check({ users })).toBe(true);
  expect(deactivate.Check({ users: [{}, { remoteId: null, email: null }, { id: 'no id' }] })).toBe(true);
});

test('a batch takes 1 to 200 users', () => {
  const of = (length: number) => ({ users: Array.from({ length }, (_, index) => ({ remoteId: `E${index}` })) });
  for (const batch of [upsert, deactivate]) {
    expect([0, 1, 200, 201].map((length) => batch.Check(of(length)))).toEqual([false, true, true, false]);
  }
});

test('a misspelt member is refused with its place instead of being lost', () => {
  const body = { users: [listed, { remoteId: 'E1002', firstname: 'Kwame' }], dryrun: true };
  expect(pointers(upsert.Errors(body))).toEqual(expect.arrayContaining(['/dryrun', '/users/1/firstname']));
  expect(pointers(deactivate.Errors({ users: [{ remoteId: 'E1', lastName: 'Boateng' }] }))).toContain(
    '/users/0/lastName',
  );
});

test('null clears only what can be empty: names and active are never null', () => {
  expect(
    upsert.Check({
      users: [
        { remoteId: 'E1', email: null },
        { email: 'a@example.com', remoteId: null },
      ],
    }),
  ).toBe(true);
  const body = { users: [{ remoteId: 'E1', firstName: null, lastName: null, active: null, id: null }] };
  expect(pointers(upsert.Errors(body)).sort()).toEqual(
    ['/users/0/active', '/users/0/firstName', '/users/0/id', '/users/0/lastName'].sort(),
  );
});

test('a prototype cannot be smuggled in as a member', () => {
  const body = JSON.parse('{"users":[{"remoteId":"E1","__proto__":{"active":true}}],"__proto__":{}}');
  expect(pointers(upsert.Errors(body))).toEqual(expect.arrayContaining(['/__proto__', '/users/0/__proto__']));
});

test('any value of the wrong type is a fault at its place, and any of the right types is not', () => {
  const text = fc.string({ unit: 'grapheme' });
  const nullableText = fc.option(text, { nil: null });
  const template = fc.record(
    {
      id: text,
      firstName: text,
      lastName: text,
      email: nullableText,
      active: fc.boolean(),
      remoteId: nullableText,
    },
    { requiredKeys: [] },
  );
  const batch = fc.array(template, { minLength: 1, maxLength: 5 });
  const wrong = fc.oneof(fc.integer(), fc.array(fc.anything()), fc.object());
  fc.assert(
    fc.property(
      batch,
      fc.constantFrom('id', 'firstName', 'lastName', 'email', 'active', 'remoteId'),
      wrong,
      (users, member, value) => {
        expect(upsert.Check({ users })).toBe(true);
        const spoilt = { users: [...users, { [member]: value }] };
        expect(pointers(upsert.Errors(spoilt))).toEqual([`/users/${users.length}/${member}`]);
      },
    ),
  );
});

test('a page is asked for by number from 0, and holds up to 200 users', () => {
  const query = Compile(listUsers.query);
  expect(query.Check({})).toBe(true);
  expect(query.Check({ page: 0, pageSize: 200 })).toBe(true);
  for (const refused of [{ page: -1 }, { page: 0.5 }, { pageSize: 0 }, { pageSize: 201 }]) {
    expect(query.Check(refused), JSON.stringify(refused)).toBe(false);
  }
  expect(listUsers.query.properties.page).toMatchObject({ default: 0 });
  expect(listUsers.query.properties.pageSize).toMatchObject({ default: 200 });
});
