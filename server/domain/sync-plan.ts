import { stickyFieldNames } from '@rollcall/contract/manage/users.ts';
import type { SyncKept } from '@rollcall/contract/sync-run-shapes.ts';
import { emailDoubled, rowsDiffer } from './batch-errors.ts';
import type { PreparedTemplate } from './batch-items.ts';
import {
  type BatchPlan,
  distrust,
  type KnownUser,
  type Outcome,
  type PlannedUser,
  planUpsert,
} from './user-matching.ts';

/** A row of a roster on the way to its verdict. */
export interface RosterRow {
  /** How a person finds the row: `row 6`, or its place where it has no number. */
  readonly name: string;
  readonly template: PreparedTemplate;
}

/** A stored user, with how it stands to rosters. */
export interface RosterUser extends KnownUser {
  /** Fields that were edited by hand: they stay as they are. */
  readonly stickyFields: readonly string[];
  /** A sync run deactivated the user, and nothing was done to it since. */
  readonly lapsed: boolean;
}

/** What becomes of a row. */
export type Verdict<User extends RosterUser = RosterUser> =
  | { readonly kind: 'create'; readonly user: PlannedUser }
  | {
      readonly kind: 'update' | 'deactivate' | 'reactivate' | 'kept';
      readonly before: User;
      readonly user: PlannedUser;
      readonly kept: readonly SyncKept[];
    }
  | { readonly kind: 'unchanged'; readonly before: User }
  /** The same as another row of the run, which stands for both. */
  | { readonly kind: 'repeated' }
  | { readonly kind: 'conflict' | 'refused'; readonly before: User | null; readonly error: string };

type StickyField = (typeof stickyFieldNames)[number];

interface Candidate {
  readonly row: RosterRow;
  /** All that the row says, as one text: equal rows have equal ones. */
  readonly content: string;
  /** What is planned: the row without what is to stay. */
  template: PreparedTemplate;
  readonly kept: Map<StickyField, SyncKept>;
}

/**
 * Decides the rows of a roster as one change, whatever their order: by the rules of a batch upsert
 * (`planUpsert`), but a key that one row gives up is free for another, equal rows are one, and rows that say different
 * things of one person are a conflict, of which nothing is done.
 *
 * `rows` must be closed: with a row, all rows of the run are there that bear one of its keys, or one of the keys of a
 * user whom its keys find. `known` is every stored user that bears a key of a row. `newIds` has an id for each row.
 */
export function judgeRoster<User extends RosterUser>(roster: {
  readonly rows: readonly RosterRow[];
  readonly known: readonly User[];
  readonly trustedDomains: readonly string[] | null;
  readonly newIds: readonly string[];
}): Map<RosterRow, Verdict<User>> {
  const verdicts = new Map<RosterRow, Verdict<User>>();
  const users = new UserIndex(roster.known);
  const sound: Candidate[] = [];
  for (const row of roster.rows) {
    const { template } = row;
    if (template.fault === null) sound.push({ row, content: contentOf(template), template, kept: new Map() });
    else verdicts.set(row, { kind: 'refused', before: users.find(template), error: template.fault });
  }
  const single = withoutRepeated(sound, verdicts);
  const standing = withoutContradictions(single, users, verdicts);
  planTogether(standing, roster, users, verdicts);
  return verdicts;
}

class UserIndex<User extends RosterUser> {
  readonly #byRemoteId = new Map<string, User>();
  readonly #byEmail = new Map<string, User>();

  constructor(known: readonly User[]) {
    for (const user of known) {
      if (user.remoteId !== null) this.#byRemoteId.set(user.remoteId, user);
      if (user.email !== null) this.#byEmail.set(user.email, user);
    }
  }

  /** The stored user whose remote id a template bears. */
  findByRemoteId({ remoteId }: PreparedTemplate): User | null {
    return this.#byRemoteId.get(remoteId ?? '') ?? null;
  }

  /** The stored user whom a template names, by its remote id before its email. */
  find({ remoteId, email }: PreparedTemplate): User | null {
    return this.#byRemoteId.get(remoteId ?? '') ?? this.#byEmail.get(email ?? '') ?? null;
  }
}

/** Absent and null differ; `row`, the place in the caller's file, takes no part. */
export function contentOf({ expectedId, remoteId, email, firstName, lastName, active }: PreparedTemplate): string {
  const fields = [remoteId, email, firstName, lastName, active, expectedId];
  return JSON.stringify(fields.map((value) => (value === undefined ? 0 : value)));
}

/** Leaves the first of equal rows. The order is by content: so nothing hangs on the order in which rows came. */
function withoutRepeated<User extends RosterUser>(
  candidates: Candidate[],
  verdicts: Map<RosterRow, Verdict<User>>,
): Candidate[] {
  const byContent = new Map<string, Candidate>();
  for (const candidate of candidates) {
    if (byContent.has(candidate.content)) verdicts.set(candidate.row, { kind: 'repeated' });
    else byContent.set(candidate.content, candidate);
  }
  return [...byContent.values()].sort(byStrengthAndContent);
}

/** Rows with a remote id first: those with an email alone then find whoever bears it once all others are done. */
function byStrength(a: Candidate, b: Candidate): number {
  return Number(typeof b.template.remoteId === 'string') - Number(typeof a.template.remoteId === 'string');
}

function byStrengthAndContent(a: Candidate, b: Candidate): number {
  return byStrength(a, b) || (a.content < b.content ? -1 : 1);
}

/** Takes out rows that share a key and so cannot all be right. */
function withoutContradictions<User extends RosterUser>(
  candidates: readonly Candidate[],
  users: UserIndex<User>,
  verdicts: Map<RosterRow, Verdict<User>>,
): Candidate[] {
  const byRemoteId = Map.groupBy(candidates, ({ template }) => template.remoteId);
  const byEmail = Map.groupBy(candidates, ({ template }) => template.email);
  return candidates.filter((candidate) => {
    const { remoteId, email } = candidate.template;
    const sameRemoteId = typeof remoteId === 'string' ? byRemoteId.get(remoteId) : undefined;
    const sameEmail = typeof email === 'string' ? byEmail.get(email) : undefined;
    const other = otherThan(candidate, sameRemoteId) ?? otherThan(candidate, sameEmail);
    if (!other) return true;
    const error =
      typeof remoteId === 'string' && other.template.remoteId === remoteId
        ? rowsDiffer(other.row.name, 'remoteId', remoteId)
        : emailDoubled(other.row.name, email ?? '');
    verdicts.set(candidate.row, { kind: 'conflict', before: users.find(candidate.template), error });
    return false;
  });
}

function otherThan(candidate: Candidate, candidates: readonly Candidate[] = []): Candidate | undefined {
  return candidates.find((other) => other !== candidate);
}

/**
 * Plans the rows until nothing more has to be put right: refused rows are tried again after those that may free a key,
 * rows that came out as one user are taken out, fields that must stay are left out.
 */
function planTogether<User extends RosterUser>(
  candidates: Candidate[],
  roster: {
    readonly known: readonly User[];
    readonly trustedDomains: readonly string[] | null;
    readonly newIds: readonly string[];
  },
  users: UserIndex<User>,
  verdicts: Map<RosterRow, Verdict<User>>,
): void {
  let order = candidates;
  let refusals = Number.POSITIVE_INFINITY;
  for (;;) {
    const templates = order.map(({ template }) => template);
    const plan = planUpsert({ ...roster, templates });
    const accepted = order.filter((_, index) => plan.outcomes[index]?.ok);
    const refused = order.filter((_, index) => !plan.outcomes[index]?.ok);
    if (refused.length > 0 && accepted.length > 0 && refused.length < refusals) {
      refusals = refused.length;
      order = [...accepted, ...refused].sort(byStrength);
      continue;
    }
    const standing = withoutDoubled(order, plan, users, verdicts);
    if (standing.length < order.length) {
      order = standing;
      refusals = Number.POSITIVE_INFINITY;
      continue;
    }
    if (keepSticky(order, plan)) continue;
    for (const [index, candidate] of order.entries()) {
      const outcome = plan.outcomes[index] as Outcome<unknown, User>;
      verdicts.set(candidate.row, verdictOf(candidate, outcome, users, roster.trustedDomains));
    }
    return;
  }
}

/** Takes out rows that were found to mean the same user, also where one of them was refused what it wants. */
function withoutDoubled<User extends RosterUser>(
  order: readonly Candidate[],
  { outcomes }: BatchPlan<unknown, User>,
  users: UserIndex<User>,
  verdicts: Map<RosterRow, Verdict<User>>,
): Candidate[] {
  const meant = order.map(({ template }, index) => {
    const outcome = outcomes[index];
    return outcome?.ok ? outcome.user.id : users.findByRemoteId(template)?.id;
  });
  const byUser = Map.groupBy(order, (_, index) => meant[index]);
  return order.filter((candidate, index) => {
    const id = meant[index];
    const other = id === undefined ? undefined : otherThan(candidate, byUser.get(id));
    if (id === undefined || !other) return true;
    const outcome = outcomes[index];
    const before = outcome?.ok ? storedOf(outcome) : users.findByRemoteId(candidate.template);
    const error = rowsDiffer(other.row.name, 'user', before?.remoteId ?? before?.email ?? id);
    verdicts.set(candidate.row, { kind: 'conflict', before, error });
    return false;
  });
}

/** The user as stored whom an accepted row changes or leaves; null where it creates one. */
function storedOf<User extends RosterUser>(outcome: Outcome<unknown, User> & { readonly ok: true }): User | null {
  if (outcome.unchanged) return outcome.unchanged;
  return 'before' in outcome.user ? (outcome.user.before as User) : null;
}

/**
 * Leaves out of the templates what must stay, and lets those be active again whom a roster had lacked; answers whether
 * there was anything, so that the plan is to be made once more.
 */
function keepSticky<User extends RosterUser>(
  order: readonly Candidate[],
  { outcomes }: BatchPlan<unknown, User>,
): boolean {
  let isAnything = false;
  for (const [index, candidate] of order.entries()) {
    const outcome = outcomes[index];
    const before = outcome?.ok ? storedOf(outcome) : null;
    if (!outcome?.ok || before === null) continue;
    const { template } = candidate;
    if (before.lapsed && template.active === undefined) {
      candidate.template = { ...template, active: true };
      isAnything = true;
    }
    for (const field of stickyFieldNames) {
      if (!before.stickyFields.includes(field) || outcome.user[field] === before[field]) continue;
      candidate.kept.set(field, { field, kept: before[field], offered: outcome.user[field] });
      candidate.template = { ...candidate.template, [field]: field === 'active' ? before.active : undefined };
      isAnything = true;
    }
  }
  return isAnything;
}

function verdictOf<User extends RosterUser>(
  { template, kept }: Candidate,
  outcome: Outcome<unknown, User>,
  users: UserIndex<User>,
  trustedDomains: readonly string[] | null,
): Verdict<User> {
  if (!outcome.ok) {
    const before = users.find(template);
    const email = template.email === undefined ? (before?.email ?? null) : template.email;
    const isUntrusted = distrust(email, trustedDomains) === outcome.error;
    return { kind: isUntrusted ? 'refused' : 'conflict', before, error: outcome.error };
  }
  const before = storedOf(outcome);
  if (before === null) return { kind: 'create', user: outcome.user };
  if (outcome.unchanged && kept.size === 0) return { kind: 'unchanged', before };
  return { kind: kindOf(before, outcome.user), before, user: outcome.user, kept: [...kept.values()] };
}

function kindOf(before: KnownUser, user: PlannedUser): 'update' | 'deactivate' | 'reactivate' | 'kept' {
  if (before === user) return 'kept';
  if (before.active === user.active) return 'update';
  return user.active ? 'reactivate' : 'deactivate';
}
