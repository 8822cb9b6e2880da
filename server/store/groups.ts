import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Filter } from '../domain/scim/filter.ts';
import { foldCase } from '../domain/scim/matches.ts';
import { GROUP_SCHEMA } from '../domain/scim/schemas.ts';
import type { Connection, Transaction } from './database.ts';
import { insertEach, wantedTexts, wantedValues } from './dialect.ts';
import { prepared } from './prepared.ts';
import { type FilterColumns, filterCondition, sortColumn } from './scim-filter.ts';
import type { OrganizationId } from './tables.ts';

/** A group of users, without its members. Times are epoch milliseconds. */
export interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly externalId: string | null;
  readonly membersTotal: number;
  /** Changes whenever the group does, its members included, and never repeats. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

function groups({ kysely }: Connection, organization: OrganizationId) {
  return kysely
    .selectFrom('scim_groups as g')
    .select(['g.id', 'g.display_name', 'g.external_id', 'g.members_total', 'g.version', 'g.created_at', 'g.updated_at'])
    .where('g.organization_id', '=', organization);
}

type Row = Awaited<ReturnType<ReturnType<typeof groups>['execute']>>[number];

function fromRow(row: Row): Group {
  return {
    id: row.id,
    displayName: row.display_name,
    externalId: row.external_id,
    membersTotal: Number(row.members_total),
    version: Number(row.version),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  };
}

export async function findGroup(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<Group | null> {
  const row = await groups(connection, organization).where('g.id', '=', id).executeTakeFirst();
  return row ? fromRow(row) : null;
}

/** Another group that bears the name (without case) or the external id. */
export async function findGroupByKeys(
  organization: OrganizationId,
  connection: Connection,
  { id, displayName, externalId }: Pick<Group, 'id' | 'displayName' | 'externalId'>,
): Promise<Group | null> {
  const row = await groups(connection, organization)
    .where('g.id', '<>', id)
    .where(({ or, eb }) =>
      or([eb('g.display_name_folded', '=', foldCase(displayName)), eb('g.external_id', '=', externalId)]),
    )
    .executeTakeFirst();
  return row ? fromRow(row) : null;
}

/** What groups can be filtered and sorted by, over `scim_groups as g`. */
const groupColumns: FilterColumns = {
  schema: GROUP_SCHEMA,
  columns: {
    id: { type: 'text', value: sql`g.id` },
    displayname: { type: 'text', value: sql`g.display_name_folded`, fold: foldCase },
    externalid: { type: 'text', value: sql`g.external_id` },
    'meta.created': { type: 'time', value: sql`g.created_at` },
    'meta.lastmodified': { type: 'time', value: sql`g.updated_at` },
    'meta.resourcetype': { type: 'text', value: sql`'Group'` },
  },
  values: {
    members: {
      parts: {
        value: { type: 'text', value: sql`u.id` },
        type: { type: 'text', value: sql`'user'`, fold: foldCase },
      },
      exists: (condition) => sql<SqlBool>`exists (
        select 1 from scim_members as m
        join users as u on u.organization_id = m.organization_id and u.position = m.user_position
        where m.organization_id = g.organization_id and m.group_id = g.id and ${condition})`,
    },
  },
};

export interface GroupSearch {
  readonly filter: Filter | null;
  readonly sortBy: string | null;
  readonly isDescending: boolean;
  /** How many to pass over. */
  readonly offset: number;
  readonly limit: number;
}

/** A stretch of the groups that pass a search, in its order or that of creation, and how many pass in all. */
export async function searchGroups(
  organization: OrganizationId,
  connection: Connection,
  { filter, sortBy, isDescending, offset, limit }: GroupSearch,
): Promise<{ total: number; groups: Group[] }> {
  const condition = filter && filterCondition(filter, groupColumns);
  const column = sortBy === null ? null : sortColumn(sortBy, groupColumns);
  const order: RawBuilder<unknown>[] = column ? [sql`(${column.value} is null)`, column.value] : [];
  const total = await countGroups(organization, connection, condition);
  if (limit === 0 || offset >= total) return { total, groups: [] };
  let query = groups(connection, organization).limit(limit).offset(offset);
  if (condition) query = query.where(condition);
  for (const value of order) query = query.orderBy(value, isDescending ? 'desc' : 'asc');
  const rows = await query.orderBy('g.created_at').orderBy('g.id').execute();
  return { total, groups: rows.map(fromRow) };
}

/** How many groups pass the condition; all of them where there is none. */
export async function countGroups(
  organization: OrganizationId,
  connection: Connection,
  condition: RawBuilder<SqlBool> | null = null,
): Promise<number> {
  let query = connection.kysely
    .selectFrom('scim_groups as g')
    .select(({ fn }) => fn.countAll().as('total'))
    .where('g.organization_id', '=', organization);
  if (condition) query = query.where(condition);
  return Number((await query.executeTakeFirstOrThrow()).total);
}

export async function insertGroup(organization: OrganizationId, transaction: Transaction, group: Group): Promise<void> {
  await transaction.kysely
    .insertInto('scim_groups')
    .values({ organization_id: organization, id: group.id, ...toColumns(group), created_at: group.createdAt })
    .execute();
}

export async function updateGroup(organization: OrganizationId, transaction: Transaction, group: Group): Promise<void> {
  await transaction.kysely
    .updateTable('scim_groups')
    .set(toColumns(group))
    .where('organization_id', '=', organization)
    .where('id', '=', group.id)
    .execute();
}

function toColumns(group: Group) {
  return {
    display_name: group.displayName,
    display_name_folded: foldCase(group.displayName),
    external_id: group.externalId,
    members_total: group.membersTotal,
    version: group.version,
    updated_at: group.updatedAt,
  };
}

/** Removes a group; its members stay users. */
export async function deleteGroup(organization: OrganizationId, transaction: Transaction, id: string): Promise<void> {
  await transaction.kysely
    .deleteFrom('scim_members')
    .where('organization_id', '=', organization)
    .where('group_id', '=', id)
    .execute();
  await transaction.kysely
    .deleteFrom('scim_groups')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute();
}

/**
 * Ids are asked for one by one, here and below, which both engines answer by an index: of a join, PostgreSQL makes a
 * comparison of all with all as long as it has no statistics of those who have just come.
 */
const membersAfter = prepared<{ organization: OrganizationId; group: string; after: number; limit: number }>(
  (db, parameter) =>
    db
      .selectFrom('scim_members as m')
      .select(({ selectFrom }) => [
        'm.user_position',
        selectFrom('users as u')
          .select('u.id')
          .whereRef('u.organization_id', '=', 'm.organization_id')
          .whereRef('u.position', '=', 'm.user_position')
          .as('id'),
      ])
      .where('m.organization_id', '=', parameter('organization'))
      .where('m.group_id', '=', parameter('group'))
      .where('m.user_position', '>', parameter('after'))
      .orderBy('m.user_position')
      .limit(parameter('limit')),
);

/** Some members of a group, in the order of their positions, after that one; -1: from the first. */
export async function listMembersAfter(
  organization: OrganizationId,
  connection: Connection,
  group: string,
  after: number,
  limit: number,
): Promise<{ position: number; id: string }[]> {
  const rows = await connection.rows(membersAfter, { organization, group, after, limit });
  return rows.map(([position, id]) => ({ position: Number(position), id: id as string }));
}

const positionsById = prepared<{ organization: OrganizationId; ids: string }>((db, parameter) =>
  db.selectFrom(wantedValues(db, parameter('ids'))).select(({ selectFrom }) => [
    'wanted.value',
    selectFrom('users as u')
      .select('u.position')
      .where('u.organization_id', '=', parameter('organization'))
      .whereRef('u.id', '=', 'wanted.value')
      .where(({ not, exists, selectFrom: among }) =>
        not(
          exists(
            among('scim_users as s')
              .select('s.position')
              .whereRef('s.organization_id', '=', 'u.organization_id')
              .whereRef('s.position', '=', 'u.position')
              .where('s.deleted_at', 'is not', null)
              .where('u.active', '=', 0),
          ),
        ),
      )
      .as('position'),
  ]),
);

/** Positions of the users with these ids; those whom SCIM does not see are not among them. */
export async function findUserPositionsById(
  organization: OrganizationId,
  connection: Connection,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const rows = await connection.rows(positionsById, { organization, ids: wantedTexts(ids) });
  const found = rows.filter(([, position]) => position !== null);
  return new Map(found.map(([id, position]) => [id as string, Number(position)]));
}

/** Positions that one statement asks for. */
const POSITIONS_AT_ONCE = 200;

function* chunks(positions: readonly number[]): Generator<readonly number[]> {
  for (let from = 0; from < positions.length; from += POSITIONS_AT_ONCE) {
    yield positions.slice(from, from + POSITIONS_AT_ONCE);
  }
}

/** Which of these users are members of the group. */
export async function findMembers(
  organization: OrganizationId,
  connection: Connection,
  group: string,
  positions: readonly number[],
): Promise<Set<number>> {
  const found = new Set<number>();
  for (const some of chunks(positions)) {
    const rows = await connection.kysely
      .selectFrom('scim_members')
      .select('user_position')
      .where('organization_id', '=', organization)
      .where('group_id', '=', group)
      .where('user_position', 'in', some)
      .execute();
    for (const row of rows) found.add(Number(row.user_position));
  }
  return found;
}

const insertMember = insertEach('scim_members', ['organization_id', 'group_id', 'user_position']);

/** Adds users who are no members yet. */
export async function insertMembers(
  organization: OrganizationId,
  transaction: Transaction,
  group: string,
  positions: readonly number[],
): Promise<void> {
  const rows = positions.map((position) => ({
    organization_id: organization,
    group_id: group,
    user_position: position,
  }));
  await transaction.runMany(insertMember, rows);
}

/** Removes members; answers how many there were of them. */
export async function deleteMembers(
  organization: OrganizationId,
  transaction: Transaction,
  group: string,
  positions: readonly number[],
): Promise<number> {
  let deleted = 0;
  for (const some of chunks(positions)) {
    const { numDeletedRows } = await transaction.kysely
      .deleteFrom('scim_members')
      .where('organization_id', '=', organization)
      .where('group_id', '=', group)
      .where('user_position', 'in', some)
      .executeTakeFirstOrThrow();
    deleted += Number(numDeletedRows);
  }
  return deleted;
}

/** The groups that a user is a member of. */
export async function listGroupsOf(
  organization: OrganizationId,
  connection: Connection,
  position: number,
): Promise<Group[]> {
  const rows = await groups(connection, organization)
    .innerJoin('scim_members as m', (join) =>
      join.onRef('m.organization_id', '=', 'g.organization_id').onRef('m.group_id', '=', 'g.id'),
    )
    .where('m.user_position', '=', position)
    .where('m.organization_id', '=', organization)
    .execute();
  return rows.map(fromRow);
}
