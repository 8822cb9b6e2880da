import type { UserRef, UserTemplate } from '@rollcall/contract/users.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BatchKeys, batchKeys, prepareRefs, prepareTemplates } from './batch-items.ts';
import { type BatchPlan, type KnownUser, type Outcome, planDeactivate, planUpsert } from './user-matching.ts';

// The rules of contract.md once more, as slow and as plain as can be, to compare the planner with. Alphabets are so
// small that items collide all the time.

type Row = Omit<KnownUser, 'position'>;
type Verdict = { ok: true; id: string } | { ok: false; id: string | undefined };

interface Batch {
  readonly stored: KnownUser[];
  readonly templates: UserTemplate[];
  readonly trustedDomains: readonly string[] | null;
}

const pick = fc.constantFrom;
const mostly = <A, B>(usual: fc.Arbitrary<A>, odd: fc.Arbitrary<B>) =>
  fc.oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: odd });

const template: fc.Arbitrary<UserTemplate> = fc.record(
  {
    remoteId: mostly(pick('r1', 'r2', 'r3', ' r2 '), pick(null, '')),
    email: mostly(pick('a@x.test', 'b@x.test', 'c@x.test', ' A@X.TEST'), pick(null, 'a@y.test', 'nobody')),
    firstName: pick('Ann', 'Bob', ' Bob '),
    active: fc.boolean(),
  },
  { requiredKeys: [] },
);
const templateWithId = fc.tuple(template, pick('u0', 'u1', 'n0')).map(([fields, id]) => ({ ...fields, id }));
const anyTemplate = mostly(template, templateWithId);

const ref: fc.Arbitrary<UserRef> = fc.record(
  {
    id: pick('u0', 'u1', 'u9'),
    remoteId: pick('r1', 'r2', 'r3', ' r1', null),
    email: pick('a@x.test', 'b@x.test', 'A@x.test', null, 'nobody'),
  },
  { requiredKeys: [] },
);

/** Up to four users, no two with the same key, none without a key. */
const stored: fc.Arbitrary<KnownUser[]> = fc
  .array(
    fc.record({
      remoteId: pick('r1', 'r2', 'r3', null),
      email: pick('a@x.test', 'b@x.test', 'c@x.test', 'a@y.test', null),
      firstName: pick('Ann', 'Bob'),
      active: fc.boolean(),
    }),
    { maxLength: 4 },
  )
  .map((candidates) => {
    const users: KnownUser[] = [];
    for (const { remoteId, email, ...fields } of candidates) {
      const isTaken = users.some(
        (user) => (remoteId !== null && user.remoteId === remoteId) || (email !== null && user.email === email),
      );
      if (isTaken || (remoteId === null && email === null)) continue;
      users.push({ position: users.length, id: `u${users.length}`, lastName: '', remoteId, email, ...fields });
    }
    return users;
  });

const batchOf = (item: fc.Arbitrary<UserTemplate>, maxLength: number): fc.Arbitrary<Batch> =>
  fc.record({
    stored,
    templates: fc.array(item, { minLength: 1, maxLength }),
    trustedDomains: mostly(fc.constant(null), fc.constant(['x.test'])),
  });
const batch = batchOf(anyTemplate, 7);

const rowOf = ({ id, firstName, lastName, email, active, remoteId }: Row): Row => ({
  id,
  firstName,
  lastName,
  email,
  active,
  remoteId,
});

function normalized(value: string | null | undefined, isValid: RegExp) {
  if (typeof value !== 'string') return value;
  return isValid.test(value.trim()) ? value.trim() : 'faulty';
}

function modelUpsert(
  rows: Row[],
  item: UserTemplate,
  newId: string,
  trustedDomains: readonly string[] | null,
): Verdict {
  const remoteId = normalized(item.remoteId, /./);
  const email = normalized(item.email?.toLowerCase() ?? item.email, /@/);
  const byRemoteId = rows.find((row) => typeof remoteId === 'string' && row.remoteId === remoteId);
  const byEmail = rows.find((row) => typeof email === 'string' && row.email === email);
  const found = byRemoteId ?? byEmail;
  const failed: Verdict = { ok: false, id: item.id === undefined ? found?.id : undefined };

  if (remoteId === 'faulty' || email === 'faulty') return failed;
  if (typeof remoteId !== 'string' && typeof email !== 'string') return failed;
  if (byRemoteId && byEmail && byRemoteId !== byEmail) return failed;
  if (!byRemoteId && byEmail?.remoteId && typeof remoteId === 'string') return failed;
  if (item.id !== undefined && item.id !== found?.id) return failed;

  const target = found ?? { id: newId, firstName: '', lastName: '', email: null, active: true, remoteId: null };
  const result = {
    ...target,
    ...(item.firstName !== undefined && { firstName: item.firstName.trim() }),
    ...(item.active !== undefined && { active: item.active }),
    ...(remoteId !== undefined && { remoteId }),
    ...(email !== undefined && { email }),
  };
  if (trustedDomains && !trustedDomains.some((domain) => result.email?.endsWith(`@${domain}`))) return failed;
  if (found) rows[rows.indexOf(found)] = result;
  else rows.push(result);
  return { ok: true, id: result.id };
}

function modelDeactivate(rows: Row[], item: UserRef): Verdict {
  const keys = [
    ['id', item.id],
    ['remoteId', normalized(item.remoteId, /./)],
    ['email', normalized(item.email?.toLowerCase(), /@/)],
  ] as const;
  const sent = keys.filter(([, value]) => typeof value === 'string');
  const found = sent.map(([key, value]) => rows.find((row) => row[key] === value));
  const [first] = found;
  if (first === undefined || found.some((row) => row !== first)) {
    return { ok: false, id: item.id === undefined ? found.find((row) => row !== undefined)?.id : undefined };
  }
  rows[rows.indexOf(first)] = { ...first, active: false };
  return { ok: true, id: first.id };
}

/** What a store finds for a batch: no one but those who bear one of its keys. */
function lookUp(users: KnownUser[], keys: BatchKeys): KnownUser[] {
  return users.filter(
    ({ id, remoteId, email }) =>
      keys.ids.includes(id) ||
      (remoteId !== null && keys.remoteIds.includes(remoteId)) ||
      (email !== null && keys.emails.includes(email)),
  );
}

const idsFor = (templates: UserTemplate[]) => templates.map((_, index) => `n${index}`);

function upsert({ stored, templates, trustedDomains }: Batch, newIds = idsFor(templates)) {
  const prepared = prepareTemplates(templates);
  return planUpsert({ templates: prepared, known: lookUp(stored, batchKeys(prepared)), trustedDomains, newIds });
}

function expectNoSharedKeys(rows: readonly Row[]): void {
  for (const key of ['id', 'remoteId', 'email'] as const) {
    const values = rows.map((row) => row[key]).filter((value) => value !== null);
    expect(new Set(values).size).toBe(values.length);
  }
}

/** Carries a plan out as a store with unique keys does, statement by statement, `updated` in an order of its own. */
function carryOut(users: KnownUser[], plan: BatchPlan<unknown>, reversed = false): KnownUser[] {
  const rows = [...users];
  const write = (row: KnownUser) => {
    rows[row.position] = row;
    expectNoSharedKeys(rows);
  };
  for (const { before } of plan.released) write({ ...before, email: null, remoteId: null });
  const updated = reversed ? plan.updated.toReversed() : plan.updated;
  for (const user of updated) write({ ...rowOf(user), position: user.position });
  for (const user of plan.created) write({ ...rowOf(user), position: rows.length });
  return rows;
}

/** What a caller sees of an outcome. */
const answerOf = (outcome: Outcome<unknown>) => (outcome.ok ? rowOf(outcome.user) : outcome);

test('a batch does what the rules say, item by item, whatever collides', () => {
  const seen = { created: 0, updated: 0, released: 0, failed: 0 };
  fc.assert(
    fc.property(batch, fc.boolean(), (input, reversed) => {
      const rows = input.stored.map(rowOf);
      const verdicts = input.templates.map((item, index) => modelUpsert(rows, item, `n${index}`, input.trustedDomains));
      const plan = upsert(input);

      expect(carryOut(input.stored, plan, reversed).map(rowOf)).toEqual(rows);
      expect(plan.outcomes).toHaveLength(input.templates.length);
      for (const [index, outcome] of plan.outcomes.entries()) {
        const verdict = verdicts[index];
        if (outcome.ok) {
          expect(verdict).toEqual({ ok: true, id: outcome.user.id });
          expect(rowOf(outcome.user)).toEqual(rows.find(({ id }) => id === outcome.user.id));
        } else {
          expect(verdict).toEqual({ ok: false, id: outcome.id });
          expect(outcome.item).toBe(input.templates[index]);
        }
      }
      seen.created += plan.created.length;
      seen.updated += plan.updated.length;
      seen.released += plan.released.length;
      seen.failed += verdicts.filter(({ ok }) => !ok).length;
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
});

test('only users who really differ are written, each once, and everyone else is answered as stored', () => {
  fc.assert(
    fc.property(batch, (input) => {
      const plan = upsert(input);
      const written = [...plan.created, ...plan.updated];
      expect(new Set(written.map(({ id }) => id)).size).toBe(written.length);
      for (const user of plan.updated) {
        expect(input.stored).toContain(user.before);
        expect(rowOf(user)).not.toEqual(rowOf(user.before));
      }
      for (const outcome of plan.outcomes) {
        if (!outcome.ok) continue;
        if (outcome.unchanged === null) expect(written).toContain(outcome.user);
        else expect(input.stored).toContain(outcome.user);
        expect(outcome.unchanged === null || outcome.unchanged === outcome.user).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a batch at once does what its items do one by one', () => {
  fc.assert(
    fc.property(batch, (input) => {
      const atOnce = upsert(input);
      let users = input.stored;
      const oneByOne = input.templates.map((item, index) => {
        const plan = upsert({ ...input, stored: users, templates: [item] }, [`n${index}`]);
        users = carryOut(users, plan);
        return plan.outcomes[0];
      });
      expect(carryOut(input.stored, atOnce)).toEqual(users);
      const asTheyEndUp = oneByOne.map((outcome) =>
        outcome?.ok ? users.map(rowOf).find(({ id }) => id === outcome.user.id) : outcome,
      );
      expect(atOnce.outcomes.map(answerOf)).toEqual(asTheyEndUp);
    }),
    { numRuns: 1000 },
  );
});

test('a refused item changes nothing: without it, the rest of the batch does and answers the same', () => {
  fc.assert(
    fc.property(batch, (input) => {
      const whole = upsert(input);
      const isAccepted = (_: unknown, index: number) => whole.outcomes[index]?.ok === true;
      const templates = input.templates.filter(isAccepted);
      const without = upsert({ ...input, templates }, idsFor(input.templates).filter(isAccepted));
      expect(without.outcomes.map(answerOf)).toEqual(whole.outcomes.filter(({ ok }) => ok).map(answerOf));
      expect(carryOut(input.stored, without)).toEqual(carryOut(input.stored, whole));
    }),
    { numRuns: 1000 },
  );
});

test('a batch that was accepted, each user once, changes nothing when repeated and answers the same', () => {
  let repeated = 0;
  fc.assert(
    fc.property(batchOf(template, 3), (input) => {
      const first = upsert(input);
      const ids = first.outcomes.map((outcome) => (outcome.ok ? outcome.user.id : null));
      if (ids.includes(null) || new Set(ids).size < ids.length) return;
      repeated++;
      const second = upsert({ ...input, stored: carryOut(input.stored, first) }, ['again0', 'again1', 'again2']);
      expect(second).toMatchObject({ created: [], updated: [], released: [] });
      expect(second.outcomes.map(answerOf)).toEqual(first.outcomes.map(answerOf));
    }),
    { numRuns: 3000 },
  );
  expect(repeated).toBeGreaterThan(300);
});

test('a list of users sent back as it came changes nothing', () => {
  fc.assert(
    fc.property(stored, (users) => {
      const plan = upsert({ stored: users, templates: users.map(rowOf), trustedDomains: null });
      expect(plan).toMatchObject({ created: [], updated: [], released: [] });
      expect(plan.outcomes).toEqual(users.map((user) => ({ ok: true, user, unchanged: user })));
    }),
  );
});

test('a deactivation does what the rules say, and repeating it changes nothing and answers the same', () => {
  fc.assert(
    fc.property(stored, fc.array(ref, { minLength: 1, maxLength: 6 }), (users, refs) => {
      const rows = users.map(rowOf);
      const verdicts = refs.map((item) => modelDeactivate(rows, item));
      const prepared = prepareRefs(refs);
      const plan = planDeactivate({ refs: prepared, known: lookUp(users, batchKeys(prepared)) });
      const after = carryOut(users, plan);

      expect(after.map(rowOf)).toEqual(rows);
      expect(
        plan.outcomes.map((outcome) => ({ ok: outcome.ok, id: outcome.ok ? outcome.user.id : outcome.id })),
      ).toEqual(verdicts);
      const again = planDeactivate({ refs: prepared, known: lookUp(after, batchKeys(prepared)) });
      expect(again.updated).toEqual([]);
      expect(again.outcomes.map(answerOf)).toEqual(plan.outcomes.map(answerOf));
    }),
    { numRuns: 2000 },
  );
});
