import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonObject } from './json.ts';
import { ScimRefusal } from './refusal.ts';
import { PATCH_MESSAGE } from './schemas.ts';
import type { UserChange } from './user-change.ts';
import { readUserPatch } from './user-patch.ts';
import { changedState, type ScimState } from './user-state.ts';

const ANN: ScimState & { id: string } = {
  id: '1',
  firstName: 'Ann',
  lastName: 'Lee',
  email: 'ann@example.com',
  active: true,
  remoteId: 'E1',
  userName: null,
};

function patchOf(...operations: unknown[]): JsonObject {
  return new JsonObject({ schemas: [PATCH_MESSAGE], Operations: operations });
}

const PATHS = [
  'userName',
  'active',
  'name',
  'name.givenName',
  'emails',
  'emails[type eq "work"].value',
  'emails[primary eq true]',
  'externalId',
  'title',
  '__proto__',
  '__proto__.polluted',
  'constructor.prototype.polluted',
  'name.__proto__.polluted',
  'urn:ietf:params:scim:schemas:core:2.0:User:active',
  'urn:ietf:params:scim:schemas:core:2.0:User',
];

/** JSON as it comes over the wire, keys such as `__proto__` included. */
const json = fc
  .jsonValue({ maxDepth: 3 })
  .chain((value) =>
    fc.constantFrom(
      value,
      JSON.parse(`{"__proto__": ${JSON.stringify(value)}, "active": "False"}`),
      JSON.parse(`{"constructor": {"prototype": {"polluted": 1}}, "name": {"__proto__": {"polluted": 1}}}`),
      [{ value, primary: true }],
    ),
  );

const operation = fc.record(
  {
    op: fc.constantFrom('add', 'Replace', 'REMOVE', 'remove', 'move'),
    path: fc.oneof(fc.constantFrom(...PATHS), fc.string({ maxLength: 20 })),
    value: json,
  },
  { requiredKeys: ['op'] },
);

describe('any PATCH', () => {
  test('is read or refused, and leaves every prototype alone', () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 4 }), (operations) => {
        try {
          const change = readUserPatch(patchOf(...operations), ANN.email);
          expect(Object.getPrototypeOf(change)).toBe(Object.prototype);
          changedState(ANN, change);
        } catch (error) {
          if (!(error instanceof ScimRefusal)) throw error;
        }
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
        expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
      }),
    );
  });

  test('that is read says something of the person: there is no silent success', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 3 }), (operations) => {
        try {
          expect(Object.keys(readUserPatch(patchOf(...operations), ANN.email))).not.toEqual([]);
        } catch (error) {
          if (!(error instanceof ScimRefusal)) throw error;
        }
      }),
    );
  });
});

const change: fc.Arbitrary<UserChange> = fc.record(
  {
    userName: fc.constantFrom('ann', 'ann@example.com', 'Bob@Example.com'),
    email: fc.constantFrom(null, 'ann@example.com', 'bob@example.com'),
    externalId: fc.constantFrom(null, 'E1', 'E2'),
    givenName: fc.constantFrom('', 'Ann'),
    familyName: fc.constantFrom('', 'Lee'),
    active: fc.boolean(),
  },
  { requiredKeys: [] },
);

describe('a change', () => {
  test('made twice is the same as made once', () => {
    fc.assert(
      fc.property(change, (once) => {
        try {
          const after = changedState(ANN, once);
          expect(changedState({ ...after, id: '1' }, once)).toEqual(after);
        } catch (error) {
          if (!(error instanceof ScimRefusal)) throw error;
        }
      }),
    );
  });

  test('that says nothing of somebody changes nothing', () => {
    const { id: _, ...state } = ANN;
    expect(changedState(ANN, {})).toEqual(state);
  });
});
