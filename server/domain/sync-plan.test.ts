import type { UserTemplate } from '@rollcall/contract/users.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepareTemplates } from './batch-items.ts';
import { contentOf, judgeRoster, type RosterRow, type RosterUser, type Verdict } from './sync-plan.ts';

// Alphabets are so small that rows and users collide all the time.

const pick = fc.constantFrom;
const mostly = <A, B>(usual: fc.Arbitrary<A>, odd: fc.Arbitrary<B>) =>
  fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: odd });

const template: fc.Arbitrary<UserTemplate> = fc.record(
  {
    remoteId: mostly(pick('r1', 'r2', 'r3', 'r4', ' r2 '), pick(null, '')),
    email: mostly(pick('a@x.test', 'b@x.test', 'c@x.test', 'd@x.test', ' A@X.TEST'), pick(null, 'a@y.test', 'nobody')),
    firstName: pick('Ann', 'Bob'),
    active: fc.boolean(),
  },
  { requiredKeys: [] },
);

const stored: fc.Arbitrary<RosterUser[]> = fc
  .array(
    fc.record({
      remoteId: pick('r1', 'r2', 'r3', 'r4', null),
      email: pick('a@x.test', 'b@x.test', 'c@x.test', 'd@x.test', null),
      firstName: pick('Ann', 'Bob'),
      active: fc.boolean(),
      lapsed: fc.boolean(),
      stickyFields: fc.subarray(['firstName', 'email', 'active']),
    }),
    { maxLength: 5 },
  )
  .map((candidates) => {
    const users: RosterUser[] = [];
    for (const { lapsed, ...candidate } of candidates) {
      const { remoteId, email } = candidate;
      const isTaken = users.some(
        (user) => (remoteId !== null && user.remoteId === remoteId) || (email !== null && user.email === email),
      );
      if (isTaken || (remoteId === null && email === null)) continue;
      const position = users.length;
      users.push({ ...candidate, position, id: `u${position}`, lastName: '', lapsed: lapsed && !candidate.active });
    }
    return users;
  });

interface Case {
  readonly users: RosterUser[];
  readonly templates: UserTemplate[];
  readonly trustedDomains: readonly string[] | null;
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  users: stored,
  templates: fc.array(template, { minLength: 1, maxLength: 8 }),
  trustedDomains: mostly(fc.constant(null), fc.constant(['x.test'])),
});

const rowsOf = (templates: readonly UserTemplate[]): RosterRow[] =>
  prepareTemplates(templates).map((prepared) => ({ name: 'row', template: prepared }));

function judge(rows: readonly RosterRow[], { users, trustedDomains }: Omit<Case, 'templates'>) {
  const newIds = rows.map((_, index) => `n${users.length}-${index}`);
  return judgeRoster({ rows, known: users, trustedDomains, newIds });
}

/** What a verdict does, without the id of whoever is new. */
function effect(verdict: Verdict): unknown {
  if (verdict.kind === 'repeated') return verdict;
  const before = 'before' in verdict ? verdict.before?.id : undefined;
  const user = 'user' in verdict ? { ...verdict.user, id: verdict.kind === 'create' ? 'new' : verdict.user.id } : null;
  const { before: _before, ...fields } = (user ?? {}) as Record<string, unknown>;
  const kept = 'kept' in verdict ? verdict.kept : [];
  return { kind: verdict.kind, before, kept, user: user && fields };
}

/** What becomes of each content; of equal rows, what becomes of the one that stands for all. */
function effects(verdicts: ReadonlyMap<RosterRow, Verdict>): Record<string, unknown> {
  const standing = [...verdicts].filter(([, { kind }]) => kind !== 'repeated');
  return Object.fromEntries(
    standing.map(([{ template: own }, verdict]) => [contentOf(own) + (own.fault ?? ''), effect(verdict)]),
  );
}

/** The users as a plan leaves them. */
function applied(users: readonly RosterUser[], verdicts: ReadonlyMap<RosterRow, Verdict>): RosterUser[] {
  const after = new Map(users.map((user) => [user.id, user]));
  for (const verdict of verdicts.values()) {
    if (!('user' in verdict)) continue;
    const { id, firstName, lastName, email, active, remoteId } = verdict.user;
    const former = after.get(id) ?? { position: after.size, stickyFields: [], lapsed: false };
    after.set(id, { ...former, id, firstName, lastName, email, active, remoteId, lapsed: former.lapsed && !active });
  }
  return [...after.values()];
}

test('what becomes of a roster does not hang on the order of its rows', () => {
  fc.assert(
    fc.property(anyCase, fc.infiniteStream(fc.nat()), ({ templates, ...rest }, random) => {
      const shuffled = templates
        .map((each) => ({ each, at: random.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ each }) => each);
      expect(effects(judge(rowsOf(shuffled), rest))).toEqual(effects(judge(rowsOf(templates), rest)));
    }),
    { numRuns: 2_000 },
  );
});

test('what is planned never gives two users the same email or remote id', () => {
  fc.assert(
    fc.property(anyCase, ({ templates, ...rest }) => {
      const after = applied(rest.users, judge(rowsOf(templates), rest));
      for (const key of ['email', 'remoteId'] as const) {
        const values = after.flatMap((user) => user[key] ?? []);
        expect(new Set(values).size, key).toBe(values.length);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('once a plan is carried out, the same roster changes nothing more', () => {
  fc.assert(
    fc.property(anyCase, ({ templates, ...rest }) => {
      const rows = rowsOf(templates);
      const users = applied(rest.users, judge(rows, rest));
      const again = [...judge(rows, { ...rest, users }).values()].map(({ kind }) => kind);
      expect(again.filter((kind) => ['create', 'update', 'deactivate', 'reactivate'].includes(kind))).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test('rows that have nothing to do with each other are judged alike, together or apart', () => {
  fc.assert(
    fc.property(anyCase, ({ templates, ...rest }) => {
      const rows = rowsOf(templates);
      const apart = componentsOf(rows, rest.users).map((component) => {
        const keys = new Set(component.flatMap(keysOfRow));
        const users = rest.users.filter((user) => keysOf(user).some((key) => keys.has(key)));
        return effects(judge(component, { ...rest, users }));
      });
      expect(Object.assign({}, ...apart)).toEqual(effects(judge(rows, rest)));
    }),
    { numRuns: 2_000 },
  );
});

test('a user edited by hand keeps what was edited', () => {
  fc.assert(
    fc.property(anyCase, ({ templates, ...rest }) => {
      const after = applied(rest.users, judge(rowsOf(templates), rest));
      for (const user of rest.users) {
        const now = after.find(({ id }) => id === user.id);
        for (const field of user.stickyFields as ('firstName' | 'email' | 'active')[]) {
          expect(now?.[field], field).toBe(user[field]);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

const keysOf = ({ remoteId, email }: { remoteId?: string | null | undefined; email?: string | null | undefined }) => [
  ...(typeof remoteId === 'string' ? [`r ${remoteId}`] : []),
  ...(typeof email === 'string' ? [`e ${email}`] : []),
];

const keysOfRow = ({ template: own }: RosterRow): string[] => keysOf(own);

/** Rows by what they have to do with each other: a key in common, or a user who bears keys of both. */
function componentsOf(rows: readonly RosterRow[], users: readonly RosterUser[]): RosterRow[][] {
  const left = new Set(rows);
  const components: RosterRow[][] = [];
  for (const first of rows) {
    if (!left.has(first)) continue;
    const keys = new Set(keysOfRow(first));
    const component = new Set([first]);
    for (let size = -1; size !== component.size + keys.size; ) {
      size = component.size + keys.size;
      for (const user of users)
        if (keysOf(user).some((key) => keys.has(key))) for (const key of keysOf(user)) keys.add(key);
      for (const row of left) {
        if (!keysOfRow(row).some((key) => keys.has(key))) continue;
        component.add(row);
        for (const key of keysOfRow(row)) keys.add(key);
      }
    }
    for (const row of component) left.delete(row);
    components.push(rows.filter((row) => component.has(row)));
  }
  return components;
}
