import { setImmediate as nextTurn } from 'node:timers/promises';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Filter, FilterValue } from '../domain/scim/filter.ts';
import { foldCase } from '../domain/scim/matches.ts';
import { localName } from '../domain/scim/path.ts';
import { ScimRefusal } from '../domain/scim/refusal.ts';
import { USER_SCHEMA } from '../domain/scim/schemas.ts';
import { foldUserName } from '../domain/scim/user-change.ts';
import type { Connection } from './database.ts';
import { jsonIntegers } from './dialect.ts';
import { type FilterColumn, type FilterColumns, filterCondition, sortColumn } from './scim-filter.ts';
import { findScimUser, findScimUsersByKeys } from './scim-users.ts';
import { sortInTurns } from './sort-in-turns.ts';
import type { OrganizationId } from './tables.ts';

/** Which users to list, and in which order; that of creation where nothing is said. */
export interface UserSearch {
  readonly filter: Filter | null;
  readonly sortBy: string | null;
  readonly isDescending: boolean;
}

/** Rows read at once: few enough that the event loop's turns stay short. */
const CHUNK_USERS = 1_000;
/** More than these are not sorted: the values to sort by have to be held meanwhile. */
const SORTED_MAX = 200_000;

const fullName = sql`trim(u.first_name || ' ' || u.last_name)`;
const folded = (value: RawBuilder<unknown>): FilterColumn => ({
  type: 'text',
  value: sql`lower(nullif(${value}, ''))`,
  fold: foldCase,
});
const emailColumn: FilterColumn = { type: 'text', value: sql`u.email`, fold: foldUserName };

/** What users can be filtered and sorted by, over `users as u` and `scim_users as s`. */
const userColumns: FilterColumns = {
  schema: USER_SCHEMA,
  columns: {
    id: { type: 'text', value: sql`u.id` },
    username: {
      type: 'text',
      value: sql`coalesce(s.user_name_folded, u.email, lower(u.remote_id), u.id)`,
      fold: foldUserName,
    },
    externalid: { type: 'text', value: sql`u.remote_id` },
    'name.givenname': folded(sql`u.first_name`),
    'name.familyname': folded(sql`u.last_name`),
    'name.formatted': folded(fullName),
    displayname: folded(fullName),
    active: { type: 'boolean', value: sql`u.active` },
    'meta.created': { type: 'time', value: sql`u.created_at` },
    'meta.lastmodified': { type: 'time', value: sql`u.updated_at` },
    'meta.resourcetype': { type: 'text', value: sql`'User'` },
  },
  values: {
    emails: {
      parts: {
        value: emailColumn,
        type: { type: 'text', value: sql`'work'`, fold: foldCase },
        primary: { type: 'boolean', value: sql`1` },
      },
      exists: (condition) => sql`(u.email is not null and ${condition})`,
    },
  },
};

/**
 * The positions of the users that pass a search, in its order. A filter that asks for a key of one person costs the same
 * however many there are; others are judged in short reads with a turn of the event loop between two. Refuses with
 * `invalidFilter` and `invalidValue` what cannot be asked, with `tooMany` what is too much to sort.
 */
export async function searchScimUsers(
  organization: OrganizationId,
  connection: Connection,
  { filter, sortBy, isDescending }: UserSearch,
  usersTotal: number,
): Promise<Int32Array> {
  const condition = filter && filterCondition(filter, userColumns);
  const column = sortBy === null ? null : sortColumn(sortBy, userColumns);
  const holders = filter && (await findKeyHolders(organization, connection, filter));
  const sorted: Passed[] = [];
  const positions: number[] = [];
  for await (const users of candidates(organization, connection, holders, usersTotal, condition, column)) {
    for (const user of users) {
      if (column) sorted.push(user);
      else positions.push(user.position);
    }
    if (sorted.length > SORTED_MAX) throw tooManyToSort();
  }
  if (column) {
    for (const { position } of await sortInTurns(sorted, comparison(isDescending))) positions.push(position);
  }
  return Int32Array.from(positions);
}

/** Those who pass, some at a time: of the given ones, or of all. */
async function* candidates(
  organization: OrganizationId,
  connection: Connection,
  holders: readonly number[] | null,
  usersTotal: number,
  condition: RawBuilder<SqlBool> | null,
  column: FilterColumn | null,
): AsyncGenerator<Passed[]> {
  if (holders) {
    yield await selectUsers(organization, connection, { positions: holders }, condition, column);
    return;
  }
  for (let from = 0; from < usersTotal; from += CHUNK_USERS) {
    yield await selectUsers(organization, connection, { from, to: from + CHUNK_USERS }, condition, column);
    await nextTurn();
  }
}

function tooManyToSort(): ScimRefusal {
  return new ScimRefusal(
    'tooMany',
    `More than ${SORTED_MAX} users pass; ask without sortBy, or for fewer by a filter.`,
  );
}

/** Those without a value come last, or first where the order is descending (RFC 7644, section 3.4.2.3). */
function comparison(isDescending: boolean): (a: Passed, b: Passed) => number {
  const direction = isDescending ? -1 : 1;
  return (a, b) => {
    if (a.key === b.key) return a.position - b.position;
    if (a.key === null || b.key === null) return a.key === null ? direction : -direction;
    return a.key < b.key ? -direction : direction;
  };
}

/**
 * Those who may pass a filter that asks for a key of one person, found by its index; null where it asks for no key. They
 * have still to be judged by the whole filter.
 */
async function findKeyHolders(
  organization: OrganizationId,
  connection: Connection,
  filter: Filter,
): Promise<number[] | null> {
  const wanted = wantedKey(filter);
  if (!wanted) return null;
  const { name, value } = wanted;
  if (name === 'id') {
    const user = await findScimUser(organization, connection, value);
    return user ? [user.position] : [];
  }
  const isName = name === 'username';
  const users = await findScimUsersByKeys(organization, connection, {
    email: name === 'externalid' ? null : foldUserName(value),
    remoteId: isName || name === 'externalid' ? value : null,
    userName: isName ? foldUserName(value) : null,
  });
  return users.map(({ position }) => position);
}

/** Whether a search is answered by an index, whatever the number of users. */
export function asksForOne({ filter }: UserSearch): boolean {
  return filter !== null && wantedKey(filter) !== null;
}

/** Attributes that at most one person has the same of, by an index. */
const KEYS = new Set(['id', 'username', 'externalid', 'emails', 'emails.value']);

function wantedKey(filter: Filter): { name: string; value: string } | null {
  if (filter.kind === 'and') return filter.parts.map(wantedKey).find((key) => key !== null) ?? null;
  if (filter.kind === 'some') {
    const key = localName(filter.path, USER_SCHEMA) === 'emails' ? wantedEmail(filter.part) : null;
    return key === null ? null : { name: 'emails', value: key };
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq') return null;
  const name = localName(filter.path, USER_SCHEMA) ?? '';
  return KEYS.has(name) && typeof filter.value === 'string' ? { name, value: filter.value } : null;
}

function wantedEmail(filter: Filter): string | null {
  if (filter.kind === 'and') return filter.parts.map(wantedEmail).find((email) => email !== null) ?? null;
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || filter.path.name !== 'value') return null;
  return typeof filter.value === 'string' ? filter.value : null;
}

/** Who passes at these positions. */
type Candidates = { readonly from: number; readonly to: number } | { readonly positions: readonly number[] };

/** A user that passed, with the value to sort by. */
interface Passed {
  readonly position: number;
  readonly key: FilterValue;
}

/** Those among the candidates whom SCIM sees and who pass the condition, ascending; with the value to sort by, where there is one. */
async function selectUsers(
  organization: OrganizationId,
  connection: Connection,
  candidates: Candidates,
  condition: RawBuilder<SqlBool> | null,
  sortBy: FilterColumn | null,
): Promise<Passed[]> {
  let query = connection.kysely
    .selectFrom('users as u')
    .leftJoin('scim_users as s', (join) =>
      join.onRef('s.organization_id', '=', 'u.organization_id').onRef('s.position', '=', 'u.position'),
    )
    .select(['u.position', (sortBy?.value ?? sql`null`).as('key')])
    .where('u.organization_id', '=', organization)
    .where(sql<SqlBool>`(s.deleted_at is null or u.active = 1)`)
    .orderBy('u.position');
  if (condition) query = query.where(condition);
  if ('from' in candidates) {
    query = query.where('u.position', '>=', candidates.from).where('u.position', '<', candidates.to);
  } else {
    const positions = JSON.stringify(candidates.positions);
    query = query.where('u.position', 'in', jsonIntegers(connection.kysely, positions));
  }
  return (await query.execute()) as Passed[];
}
