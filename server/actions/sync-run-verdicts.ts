import type { SyncCounts } from '@rollcall/contract/sync-run-shapes.ts';
import type { User } from '@rollcall/contract/users.ts';
import { batchKeys, prepareTemplates } from '../domain/batch-items.ts';
import { Refusal } from '../domain/refusal.ts';
import { contentOf, judgeRoster, type RosterRow, type Verdict } from '../domain/sync-plan.ts';
import type { Connection } from '../store/database.ts';
import type { StoredSyncItem } from '../store/sync-runs-items.ts';
import { findSyncRowsNamed, type MissingUser, type RowPlace, type StoredSyncRow } from '../store/sync-runs-rows.ts';
import type { OrganizationId } from '../store/tables.ts';
import { findUsersNamed, type StoredUser } from '../store/users.ts';
import { newUserIds, userDocument } from './batch-users.ts';

/** What a plan says of one person. */
export interface PlannedItem {
  readonly item: Omit<StoredSyncItem, 'kind' | 'number'> & { readonly kind: keyof SyncCounts | 'adopted' };
  /** All that it would do, as one text. */
  readonly facts: string;
}

interface Judgement {
  readonly organization: OrganizationId;
  readonly connection: Connection;
  readonly runId: string;
  readonly trustedDomains: readonly string[] | null;
  /** Epoch milliseconds; for ids. */
  readonly now: number;
}

/** Rows that hand their keys on to one another are judged together, and so must fit into memory. */
const ENTANGLED_ROWS_MAX = 5_000;

/** A row of the run, as stored and as judged. */
interface Entangled {
  readonly stored: StoredSyncRow;
  readonly row: RosterRow;
}

/** Judges rows that follow each other in a run, in the light of all others that have to do with them. */
export async function judgeSyncRows(judgement: Judgement, rows: readonly StoredSyncRow[]): Promise<PlannedItem[]> {
  const { group, known } = await gatherEntangled(judgement, rows);
  const verdicts = judgeRoster({
    rows: [...group.values()].sort(byPlace).map(({ row }) => row),
    known,
    trustedDomains: judgement.trustedDomains,
    newIds: newUserIds(group.size, judgement.now),
  });
  return rows.flatMap((stored) => {
    const { row } = group.get(keyOf(stored)) as Entangled;
    return itemsOf(stored, row, verdicts.get(row) as Verdict<StoredUser>);
  });
}

const keyOf = ({ batch, index }: RowPlace): string => `${batch} ${index}`;

function byPlace({ stored: a }: Entangled, { stored: b }: Entangled): number {
  return a.batch - b.batch || a.index - b.index;
}

/** The rows, and all of the run that bear one of their keys or a key of a user whom they name, and so on. */
async function gatherEntangled(
  { organization, connection, runId }: Judgement,
  rows: readonly StoredSyncRow[],
): Promise<{ group: Map<string, Entangled>; known: StoredUser[] }> {
  const group = new Map<string, Entangled>();
  const known = new Map<number, StoredUser>();
  const span = { first: rows[0] as RowPlace, last: rows.at(-1) as RowPlace };
  let fresh = rows;
  while (fresh.length > 0) {
    const templates = prepareTemplates(fresh.map(({ sent }) => sent));
    for (const [index, template] of templates.entries()) {
      const stored = fresh[index] as StoredSyncRow;
      group.set(keyOf(stored), { stored, row: { name: nameOf(stored), template } });
    }
    const keys = batchKeys(templates);
    const users = (await findUsersNamed(organization, connection, keys)).filter(({ position }) => !known.has(position));
    for (const user of users) known.set(user.position, user);
    const related = await findSyncRowsNamed(organization, connection, runId, withKeysOf(keys, users), span);
    fresh = related.filter((stored) => !group.has(keyOf(stored)));
    if (group.size + fresh.length > ENTANGLED_ROWS_MAX) throw tooEntangled();
  }
  return { group, known: [...known.values()] };
}

function nameOf({ batch, index, sent: { row } }: StoredSyncRow): string {
  return row === undefined ? `batch ${batch}, item ${index}` : `row ${row}`;
}

function withKeysOf(
  { remoteIds, emails }: { readonly remoteIds: readonly string[]; readonly emails: readonly string[] },
  users: readonly StoredUser[],
): { remoteIds: string[]; emails: string[] } {
  return {
    remoteIds: [...new Set([...remoteIds, ...users.flatMap(({ remoteId }) => remoteId ?? [])])],
    emails: [...new Set([...emails, ...users.flatMap(({ email }) => email ?? [])])],
  };
}

function tooEntangled(): Refusal {
  return new Refusal(
    'sync_run_closed',
    `More than ${ENTANGLED_ROWS_MAX} rows of this run hand their emails on to one another, or say different things of one person. Cancel it, and bring them in by several runs.`,
    { state: 'open' },
  );
}

const NOTHING = {
  position: null,
  before: null,
  after: null,
  rekeyed: false,
  kept: [],
  sent: null,
  error: null,
  leftAlone: [],
} as const;

function itemsOf(stored: StoredSyncRow, row: RosterRow, verdict: Verdict<StoredUser>): PlannedItem[] {
  const { batch, index, sent } = stored;
  const base = { ...NOTHING, place: { batch, index }, row: sent.row ?? null };
  switch (verdict.kind) {
    case 'repeated':
      return [];
    case 'create': {
      const { id: _unknownYet, position: _none, ...fields } = verdict.user;
      const item = { ...base, kind: verdict.kind, after: userDocument(verdict.user) };
      return [{ item, facts: JSON.stringify(fields) }];
    }
    case 'unchanged':
      return [{ item: { ...base, kind: verdict.kind }, facts: verdict.before.id }, ...adoption(verdict.before)];
    case 'conflict':
    case 'refused': {
      const { before, error } = verdict;
      const item = { ...base, ...standing(before), kind: verdict.kind, sent, error };
      return [{ item, facts: contentOf(row.template) }];
    }
    default: {
      const { before, user, kept } = verdict;
      const after = verdict.kind === 'kept' ? null : userDocument(user);
      const rekeyed = before.email !== user.email || before.remoteId !== user.remoteId;
      const item = { ...base, ...standing(before), kind: verdict.kind, after, rekeyed, kept };
      return [{ item, facts: JSON.stringify([before.document, after, kept]) }, ...adoption(before)];
    }
  }
}

function standing(before: StoredUser | null): { position: number | null; before: string | null } {
  return before ? { position: before.position, before: before.document } : { position: null, before: null };
}

/** A user whom no roster brought in so far is one of the roster's from now on. */
function adoption({ synced, position }: StoredUser): PlannedItem[] {
  if (synced) return [];
  return [{ item: { ...NOTHING, kind: 'adopted', place: null, row: null, position }, facts: '' }];
}

/** What becomes of a user whom the roster lacks: one whose activity was set by hand stays. */
export function plannedMissing({ position, document, stickyFields }: MissingUser): PlannedItem {
  const base = { ...NOTHING, place: null, row: null, position, before: document };
  if (stickyFields.includes('active')) {
    const kept = [{ field: 'active', kept: true, offered: false }] as const;
    return { item: { ...base, kind: 'kept', kept }, facts: document };
  }
  const after = userDocument({ ...(JSON.parse(document) as User), active: false, position });
  return { item: { ...base, kind: 'deactivate', after }, facts: JSON.stringify([document, after, []]) };
}
