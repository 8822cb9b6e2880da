import type { UserRef, UserTemplate } from '@rollcall/contract/users.ts';
import { expect, test } from 'vitest';
import { batchKeys, prepareRefs, prepareTemplates } from './batch-items.ts';
import { findNamed, type KnownUser, planDeactivate, planUpsert } from './user-matching.ts';

const newIds = Array.from({ length: 10 }, (_, index) => `new-${index}`);

function user(position: number, fields: Partial<KnownUser>): KnownUser {
  return {
    position,
    id: `id-${position}`,
    firstName: '',
    lastName: '',
    email: null,
    active: true,
    remoteId: null,
    ...fields,
  };
}

function upsert(templates: UserTemplate[], known: KnownUser[] = [], trustedDomains: string[] | null = null) {
  return planUpsert({ templates: prepareTemplates(templates), known, trustedDomains, newIds });
}

function deactivate(refs: UserRef[], known: KnownUser[]) {
  return planDeactivate({ refs: prepareRefs(refs), known });
}

const refused = (error: string, more: object = {}) => ({ ok: false, error: expect.stringContaining(error), ...more });

test('a new user starts active, with empty names and no keys but those sent', () => {
  const plan = upsert([{ remoteId: 'r1' }, { email: ' B@Example.COM ', firstName: ' Bea ', active: false }]);
  expect(plan.created).toEqual([
    { position: null, id: 'new-0', firstName: '', lastName: '', email: null, active: true, remoteId: 'r1' },
    {
      position: null,
      id: 'new-1',
      firstName: 'Bea',
      lastName: '',
      email: 'b@example.com',
      active: false,
      remoteId: null,
    },
  ]);
  expect(plan.updated).toEqual([]);
  expect(plan.outcomes.map((outcome) => outcome.ok && outcome.user)).toEqual(plan.created);
});

test('what a template leaves out stays as it is', () => {
  const known = user(4, { firstName: 'Ann', lastName: 'Lee', email: 'a@x.com', active: false, remoteId: 'r1' });
  const plan = upsert([{ remoteId: 'r1', lastName: 'Ray' }], [known]);
  expect(plan.updated).toEqual([{ ...known, lastName: 'Ray', before: known }]);
});

test('a user whom the batch leaves as it is is not written, and answered as stored', () => {
  const known = user(0, { firstName: 'Ann', email: 'a@x.com', remoteId: 'r1' });
  const plan = upsert([{ remoteId: ' r1 ', email: 'A@X.com', firstName: 'Ann', active: true }], [known]);
  expect(plan).toMatchObject({ created: [], updated: [], released: [] });
  const [outcome] = plan.outcomes;
  expect(outcome?.ok && outcome.unchanged).toBe(known);
  expect(outcome?.ok && outcome.user).toBe(known);
});

test('remoteId is looked for first; the email sent with it becomes the email of that user', () => {
  const known = user(0, { email: 'old@x.com', remoteId: 'r1' });
  const plan = upsert([{ remoteId: 'r1', email: 'new@x.com' }], [known]);
  expect(plan.updated).toEqual([{ ...known, email: 'new@x.com', before: known }]);
});

test('an email found on a user without a remoteId links the two', () => {
  const known = user(0, { email: 'a@x.com' });
  const plan = upsert([{ remoteId: 'r1', email: 'a@x.com' }], [known]);
  expect(plan.updated).toEqual([{ ...known, remoteId: 'r1', before: known }]);
});

test('an email that belongs to a user with another remoteId is a conflict', () => {
  const known = user(0, { email: 'a@x.com', remoteId: 'r1' });
  const plan = upsert([{ remoteId: 'r2', email: 'a@x.com', firstName: 'Eve' }], [known]);
  expect(plan.outcomes).toEqual([
    refused('email "a@x.com" belongs to the user with remoteId "r1"', {
      item: { remoteId: 'r2', email: 'a@x.com', firstName: 'Eve' },
      id: 'id-0',
    }),
  ]);
  expect(plan).toMatchObject({ created: [], updated: [] });
});

test('remoteId and email that find two users are a conflict, also where the second has no remoteId', () => {
  const first = user(0, { remoteId: 'r1' });
  const withRemoteId = upsert(
    [{ remoteId: 'r1', email: 'b@x.com' }],
    [first, user(1, { email: 'b@x.com', remoteId: 'r2' })],
  );
  expect(withRemoteId.outcomes).toEqual([refused('remoteId "r2"', { id: 'id-0', item: expect.anything() })]);
  const without = upsert([{ remoteId: 'r1', email: 'b@x.com' }], [first, user(1, { email: 'b@x.com' })]);
  expect(without.outcomes).toEqual([refused('no remoteId', { id: 'id-0', item: expect.anything() })]);
  expect(without).toMatchObject({ created: [], updated: [] });
});

test('null clears a key while the other remains', () => {
  const known = user(0, { email: 'a@x.com', remoteId: 'r1' });
  expect(upsert([{ remoteId: 'r1', email: null }], [known]).updated).toMatchObject([{ email: null, remoteId: 'r1' }]);
  expect(upsert([{ remoteId: null, email: 'a@x.com' }], [known]).updated).toMatchObject([
    { email: 'a@x.com', remoteId: null },
  ]);
});

test.each<UserTemplate>([
  {},
  { firstName: 'Ann' },
  { remoteId: null },
  { email: null },
  { remoteId: null, email: null },
  { id: 'id-0' },
])('a template without a key, %j, is refused', (template) => {
  const plan = upsert([template], [user(0, { email: 'a@x.com', remoteId: 'r1' })]);
  expect(plan.outcomes).toEqual([refused('Neither remoteId nor email', { item: template })]);
});

test('an id that is sent must be that of the user found', () => {
  const known = [user(0, { email: 'a@x.com', remoteId: 'r1' }), user(1, { email: 'b@x.com' })];
  const plan = upsert(
    [
      { id: 'id-0', remoteId: 'r1', firstName: 'Ann' },
      { id: 'id-1', remoteId: 'r1', firstName: 'Bob' },
      { id: 'id-0', email: 'b@x.com' },
      { id: 'id-0', remoteId: 'r9' },
      { id: 'id-0', email: 'z@x.com' },
    ],
    known,
  );
  expect(plan.outcomes).toEqual([
    expect.objectContaining({ ok: true }),
    refused('not the id of the user with remoteId "r1"', { item: { id: 'id-1', remoteId: 'r1', firstName: 'Bob' } }),
    refused('not the id of the user with email "b@x.com"', { item: expect.anything() }),
    refused('no user has remoteId "r9"', { item: expect.anything() }),
    refused('no user has email "z@x.com"', { item: expect.anything() }),
  ]);
  expect(plan.updated).toMatchObject([{ id: 'id-0', firstName: 'Ann' }]);
  expect(plan.created).toEqual([]);
});

test('every fault of an item is named, with the value and a remedy', () => {
  const template = { remoteId: ' ', email: 'nobody', firstName: 'x'.repeat(300), lastName: 'A\u0007' };
  const [outcome] = upsert([template]).outcomes;
  const error = outcome?.ok === false ? outcome.error : '';
  expect(error).toContain('remoteId " " is empty');
  expect(error).toContain('email "nobody" has no "@"; send an address such as name@example.com');
  expect(error).toContain(`firstName "${'x'.repeat(64)}…" is longer than 256 characters; shorten it`);
  expect(error).toContain('lastName "A\\u0007" contains the control character U+0007; remove it');
});

test('an error shows nothing that could hide or break a line', () => {
  const [outcome] = upsert([{ remoteId: 'a\u202e\u2028\u009b\nb' }, { remoteId: '\ud800' }]).outcomes;
  expect(outcome).toMatchObject(refused('"a\\u{202e}\\u{2028}\\u{9b}\\nb"'));
});

test('a faulty item names the user whom its other key finds', () => {
  const plan = upsert(
    [
      { remoteId: 'r1', email: 'nobody' },
      { remoteId: '', email: 'b@x.com' },
    ],
    [user(0, { remoteId: 'r1' }), user(1, { email: 'b@x.com' })],
  );
  expect(plan.outcomes).toMatchObject([
    { ok: false, id: 'id-0' },
    { ok: false, id: 'id-1' },
  ]);
});

test('with trusted domains, users outside them or without an email are neither created nor updated', () => {
  const known = [
    user(0, { remoteId: 'r1' }),
    user(1, { remoteId: 'r2', email: 'b@x.com' }),
    user(2, { email: 'c@evil.com' }),
  ];
  const templates: UserTemplate[] = [
    { email: 'new@x.com' },
    { email: 'new@evil.com' },
    { email: 'new@sub.x.com' },
    { remoteId: 'r3' },
    { remoteId: 'r1', firstName: 'Ann' },
    { remoteId: 'r1', email: 'a@x.com' },
    { remoteId: 'r2', firstName: 'Bob' },
    { remoteId: 'r2', email: null },
    { email: 'c@evil.com', firstName: 'Cy' },
    { remoteId: 'r2', email: 'b@evil.com' },
  ];
  const plan = upsert(templates, known, ['x.com', 'y.com']);
  const outside = refused("outside the organization's trusted domains (x.com, y.com)");
  const missing = refused('email is missing, and the organization takes only users of its trusted domains');
  const taken = expect.objectContaining({ ok: true });
  expect(
    plan.outcomes.map(({ ok, ...outcome }) => ({ ok, ...('error' in outcome ? { error: outcome.error } : {}) })),
  ).toEqual([taken, outside, outside, missing, missing, taken, taken, missing, outside, outside]);
  expect(plan.created).toMatchObject([{ email: 'new@x.com' }]);
  expect(plan.updated).toMatchObject([
    { id: 'id-0', email: 'a@x.com' },
    { id: 'id-1', firstName: 'Bob', email: 'b@x.com' },
  ]);
});

test('a long list of trusted domains is cut short in the error, an empty one says so', () => {
  const domains = ['a.com', 'b.com', 'c.com', 'd.com', 'e.com'];
  expect(upsert([{ email: 'x@z.com' }], [], domains).outcomes).toMatchObject([
    refused('(a.com, b.com, c.com and 2 more)'),
  ]);
  expect(upsert([{ email: 'x@z.com' }], [], []).outcomes).toMatchObject([refused('none is listed yet')]);
});

test('the same user twice: applied in order, both answers show the user as it stands after the batch', () => {
  const plan = upsert([
    { remoteId: 'r1', firstName: 'Ann', lastName: 'Lee' },
    { remoteId: 'r1', firstName: 'Anna' },
  ]);
  expect(plan.created).toMatchObject([{ id: 'new-0', firstName: 'Anna', lastName: 'Lee' }]);
  expect(plan.outcomes.map((outcome) => outcome.ok && outcome.user)).toEqual([plan.created[0], plan.created[0]]);
});

test('a user who is changed and changed back is not written', () => {
  const known = user(0, { firstName: 'Ann', remoteId: 'r1' });
  const plan = upsert(
    [
      { remoteId: 'r1', firstName: 'Eve' },
      { remoteId: 'r1', firstName: 'Ann' },
    ],
    [known],
  );
  expect(plan.updated).toEqual([]);
  expect(plan.outcomes).toEqual([
    { ok: true, user: known, unchanged: known },
    { ok: true, user: known, unchanged: known },
  ]);
});

test('an email that one user gives up can be taken by the next in the same batch, and the store is told', () => {
  const known = [user(0, { email: 'a@x.com', remoteId: 'r1' }), user(1, { email: 'b@x.com', remoteId: 'r2' })];
  const plan = upsert(
    [
      { remoteId: 'r1', email: null },
      { remoteId: 'r2', email: 'a@x.com' },
      { remoteId: 'r1', email: 'b@x.com' },
    ],
    known,
  );
  expect(plan.updated).toMatchObject([
    { id: 'id-0', email: 'b@x.com' },
    { id: 'id-1', email: 'a@x.com' },
  ]);
  expect(plan.released).toEqual(plan.updated);
});

test('items are applied in order: an email is still taken for an item before the one that frees it', () => {
  const known = [user(0, { email: 'a@x.com', remoteId: 'r1' })];
  const plan = upsert(
    [
      { remoteId: 'r2', email: 'a@x.com' },
      { remoteId: 'r1', email: null },
    ],
    known,
  );
  expect(plan.outcomes).toMatchObject([{ ok: false }, { ok: true }]);
});

test('a store that hands a user in twice changes nothing', () => {
  const known = user(0, { email: 'a@x.com', remoteId: 'r1' });
  const plan = upsert([{ remoteId: 'r1', email: 'a@x.com', firstName: 'Ann' }], [known, { ...known }]);
  expect(plan.outcomes).toMatchObject([{ ok: true }]);
  expect(plan.updated).toHaveLength(1);
});

test('fewer new ids than items are an error of the caller', () => {
  const templates = prepareTemplates([{ remoteId: 'r1' }, { remoteId: 'r2' }]);
  expect(() => planUpsert({ templates, known: [], trustedDomains: null, newIds: ['new-0'] })).toThrow(RangeError);
});

test('the keys to look up are normalized, each once; the id of a template is compared, not looked up', () => {
  const templates: UserTemplate[] = [
    { id: 'id-0', remoteId: ' r1 ', email: 'A@X.com' },
    { remoteId: 'r1', email: 'a@x.com' },
    { remoteId: null, email: 'nobody' },
  ];
  expect(batchKeys(prepareTemplates(templates))).toEqual({ ids: [], remoteIds: ['r1'], emails: ['a@x.com'] });
  const refs: UserRef[] = [{ id: 'id-0' }, { id: 'id-0', remoteId: 'r1 ', email: null }, { email: 'B@x.com' }];
  expect(batchKeys(prepareRefs(refs))).toEqual({ ids: ['id-0'], remoteIds: ['r1'], emails: ['b@x.com'] });
});

test('a user is deactivated by any one key or all of them', () => {
  const known = [0, 1, 2, 3].map((n) => user(n, { email: `${n}@x.com`, remoteId: `r${n}` }));
  const refs: UserRef[] = [
    { id: 'id-0' },
    { remoteId: ' r1' },
    { email: '2@X.com' },
    { id: 'id-3', remoteId: 'r3', email: '3@x.com' },
  ];
  const plan = deactivate(refs, known);
  expect(plan.updated).toEqual(known.map((before) => ({ ...before, active: false, before })));
  expect(plan.outcomes).toEqual(plan.updated.map((user) => ({ ok: true, user, unchanged: null })));
  expect(plan).toMatchObject({ created: [], released: [] });
});

test('someone inactive already is a success and stays as stored', () => {
  const known = user(0, { remoteId: 'r1', active: false });
  const plan = deactivate([{ remoteId: 'r1' }, { id: 'id-0' }], [known]);
  expect(plan.updated).toEqual([]);
  expect(plan.outcomes).toEqual([
    { ok: true, user: known, unchanged: known },
    { ok: true, user: known, unchanged: known },
  ]);
});

test('a ref that is unknown, contradicts itself or names nobody is refused, and the others are deactivated', () => {
  const known = [user(0, { email: 'a@x.com', remoteId: 'r1' }), user(1, { email: 'b@x.com' })];
  const refs: UserRef[] = [
    { remoteId: 'r9' },
    { id: 'id-9', email: 'z@x.com' },
    { remoteId: 'r1', email: 'b@x.com' },
    { id: 'id-1', email: 'a@x.com' },
    { remoteId: 'r1', email: 'z@x.com' },
    {},
    { remoteId: null, email: null },
    { email: 'nobody' },
    { remoteId: 'r1', email: 'nobody' },
    { email: 'b@x.com' },
  ];
  const plan = deactivate(refs, known);
  expect(plan.outcomes.slice(0, -1)).toEqual([
    refused('No user has remoteId "r9"', { item: refs[0] }),
    refused('No user has id "id-9"', { item: refs[1] }),
    refused('remoteId "r1" and email "b@x.com" name different users', { item: refs[2], id: 'id-0' }),
    refused('id "id-1" and email "a@x.com" name different users', { item: refs[3] }),
    refused('No user has email "z@x.com"', { item: refs[4], id: 'id-0' }),
    refused('Neither id, remoteId nor email', { item: refs[5] }),
    refused('Neither id, remoteId nor email', { item: refs[6] }),
    refused('email "nobody" has no "@"', { item: refs[7] }),
    refused('email "nobody" has no "@"', { item: refs[8], id: 'id-0' }),
  ]);
  expect(plan.outcomes.at(-1)).toMatchObject({ ok: true });
  expect(plan.updated.map(({ id }) => id)).toEqual(['id-1']);
});

test('a ref finds the user whom all of its keys name, active or not, or says why there is none', () => {
  const known = [user(0, { email: 'a@x.com', remoteId: 'r1', active: false }), user(1, { email: 'b@x.com' })];
  const find = (ref: UserRef) => {
    const [prepared] = prepareRefs([ref]);
    return prepared && findNamed(prepared, known);
  };
  expect(find({ remoteId: 'r1', email: 'A@x.com' })).toEqual({ ok: true, user: known[0] });
  expect(find({ id: 'id-1' })).toEqual({ ok: true, user: known[1] });
  expect(find({ remoteId: 'r9' })).toMatchObject({ ok: false, fault: 'unknown' });
  expect(find({ remoteId: 'r1', email: 'z@x.com' })).toMatchObject({ ok: false, fault: 'unknown' });
  expect(find({ remoteId: 'r1', email: 'b@x.com' })).toMatchObject({ ok: false, fault: 'ambiguous' });
  expect(find({ email: 'nobody' })).toMatchObject({ ok: false, fault: 'invalid' });
  expect(find({ remoteId: null })).toMatchObject({ ok: false, fault: 'invalid' });
});
