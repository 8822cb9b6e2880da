import fc from 'fast-check';
import { identities, oddText } from './odd-values.ts';

/** Bodies of a batch, from sensible to hostile, as bytes; `members` are those that an item may have. */
export function oddBody(members: readonly string[]): fc.Arbitrary<Buffer> {
  return fc.oneof(
    { weight: 20, arbitrary: asJson(batch(sensibleItem(members))) },
    { weight: 8, arbitrary: asJson(batch(oddItem())) },
    { weight: 3, arbitrary: asJson(fc.record({ users: fc.jsonValue() }) as fc.Arbitrary<unknown>) },
    { weight: 3, arbitrary: asJson(fc.anything({ withNullPrototype: false }).map(jsonOf)) },
    { weight: 4, arbitrary: hostileText().map((text) => Buffer.from(text)) },
    { weight: 3, arbitrary: brokenBytes() },
    { weight: 1, arbitrary: huge() },
  );
}

function asJson(value: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> {
  return value.map((json) => Buffer.from(JSON.stringify(json) ?? ''));
}

/** What JSON can say of any value; nothing of what it cannot. */
function jsonOf(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return String(value);
  }
}

function batch(item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.record({ users: fc.array(item, { maxLength: 8 }) });
}

/** An item that may well be carried out. */
function sensibleItem(members: readonly string[]): fc.Arbitrary<unknown> {
  const identity = fc.option(identities(), { freq: 6 });
  const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    remoteId: identity,
    email: identity,
    firstName: oddText(),
    lastName: oddText(),
    active: fc.boolean(),
  };
  const known = Object.entries(values).filter(([name]) => members.includes(name));
  return fc.record(Object.fromEntries(known), { requiredKeys: [] });
}

/** An item with any value in any member, and members that no item has. */
function oddItem(): fc.Arbitrary<unknown> {
  const value = fc.oneof(
    identities(),
    oddText(),
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(0, -0, 1e308, true, null, [], {}),
  );
  const name = fc.oneof(
    fc.constantFrom('id', 'remoteId', 'email', 'firstName', 'lastName', 'active'),
    fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'firstname', 'Email', '', 'a/b~c'),
    oddText(),
  );
  // By entries: JSON can say "__proto__", an object literal cannot.
  return fc.array(fc.tuple(name, value), { maxLength: 7 }).map((entries) => Object.fromEntries(entries));
}

/** Texts that trip parsers. */
function hostileText(): fc.Arbitrary<string> {
  const fixed = [
    '{"users":[{"remoteId":"a"}]',
    '{"users":[{"remoteId":"a",}]}',
    '{"users":[{"remoteId":"E1","remoteId":"E2"}],"users":[]}',
    '{"__proto__":{"users":[{"remoteId":"E1"}]}}',
    '{"users":[{"__proto__":{"remoteId":"E1"}}]}',
    '{"users":[{"remoteId":"E1","constructor":{"prototype":{"x":1}}}]}',
    '{"users":{"0":{"remoteId":"E1"},"length":1}}',
    '{"users":[{"remoteId":"\\ud800"}]}',
    '{"users":[{"id":"\\u0000"},{"id":"\\udfff\\ud800"}]}',
    '{"users":[{"email":"a\\u0000@example.com"}]}',
    '[]',
    'null',
    '""',
    '1e999',
    '-',
    'NaN',
    'undefined',
    "{'users':[]}",
    '\u00a0{}',
    '{"users":[{"active":1e400}]}',
    `{"users":[${'null,'.repeat(300)}null]}`,
    `{"users":[${'{"remoteId":"E1"},'.repeat(200)}{"remoteId":"E1"}]}`,
  ];
  const depth = fc.integer({ min: 1, max: 100_000 });
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...fixed) },
    { weight: 1, arbitrary: depth.map((n) => '['.repeat(n)) },
    { weight: 1, arbitrary: depth.map((n) => `{"users":${'['.repeat(n)}${']'.repeat(n)}}`) },
    { weight: 1, arbitrary: depth.map((n) => `${'{"a":'.repeat(n)}1${'}'.repeat(n)}`) },
    { weight: 1, arbitrary: depth.map((n) => `{"users":[{"remoteId":${'{"a":['.repeat(n)}${']}'.repeat(n)}}]}`) },
    { weight: 2, arbitrary: oddText() },
  );
}

/** Bytes that are no UTF-8, or text in another encoding. */
function brokenBytes(): fc.Arbitrary<Buffer> {
  const text = '{"users":[{"remoteId":"E1","firstName":"ä"}]}';
  const sequences = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0]];
  const spoilt = fc.tuple(fc.nat({ max: text.length }), fc.constantFrom(...sequences)).map(([at, bytes]) => {
    const whole = Buffer.from(text);
    return Buffer.concat([whole.subarray(0, at), Buffer.from(bytes), whole.subarray(at)]);
  });
  return fc.oneof(
    spoilt,
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(Buffer.from(`\ufeff${text}`, 'utf16le'), Buffer.from(`\ufeff${text}`), Buffer.from(text, 'latin1')),
  );
}

/** Around the limit of the body, and over it. */
function huge(): fc.Arbitrary<Buffer> {
  return fc.integer({ min: 900_000, max: 1_400_000 }).map((length) => {
    const start = '{"users":[{"remoteId":"E1","firstName":"';
    return Buffer.from(`${start.padEnd(length - 4, 'a')}"}]}`);
  });
}
