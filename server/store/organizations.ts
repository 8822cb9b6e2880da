import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Connection, ListVersion, Transaction } from './database.ts';
import { prepared } from './prepared.ts';
import type { OrganizationId, OrganizationsTable } from './tables.ts';

/** An organization with its settings, as the operator's commands and the rules see it. */
export interface Organization {
  readonly id: OrganizationId;
  readonly slug: string;
  readonly name: string;
  /** null: the restriction is off. */
  readonly trustedDomains: readonly string[] | null;
  readonly embedOrigins: readonly string[];
  readonly accentColor: string | null;
  /** How many deactivations of a sync run pass unseen. */
  readonly syncLimit: { readonly percent: number; readonly people: number };
  /** Made for tests: such an organization may have a clock of its own. */
  readonly isTest: boolean;
  /** Where that clock stands; null: the server's clock holds. */
  readonly testClockAt: number | null;
  readonly usersTotal: number;
  readonly usersActive: number;
  readonly createdAt: number;
}

export interface OrganizationSettings {
  readonly name?: string;
  readonly trustedDomains?: readonly string[] | null;
  readonly embedOrigins?: readonly string[];
  readonly accentColor?: string | null;
  readonly syncLimit?: { readonly percent: number; readonly people: number };
}

const columns = [
  'id',
  'slug',
  'name',
  'trusted_domains_enabled',
  'trusted_domains',
  'embed_origins',
  'accent_color',
  'sync_threshold_percent',
  'sync_threshold_people',
  'is_test',
  'test_clock_at',
  'users_total',
  'users_active',
  'created_at',
] as const satisfies (keyof OrganizationsTable)[];

type Row = Pick<Selectable<OrganizationsTable>, (typeof columns)[number]>;

function fromRow(row: Row): Organization {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    trustedDomains: row.trusted_domains_enabled === 1 ? (JSON.parse(row.trusted_domains) as string[]) : null,
    embedOrigins: JSON.parse(row.embed_origins) as string[],
    accentColor: row.accent_color,
    syncLimit: { percent: row.sync_threshold_percent, people: row.sync_threshold_people },
    isTest: row.is_test === 1,
    testClockAt: row.test_clock_at === null ? null : Number(row.test_clock_at),
    usersTotal: Number(row.users_total),
    usersActive: Number(row.users_active),
    createdAt: Number(row.created_at),
  };
}

/** Makes an organization; answers null where the slug is taken. */
export async function insertOrganization(
  transaction: Transaction,
  slug: string,
  name: string,
  now: number,
  { isTest = false }: { readonly isTest?: boolean } = {},
): Promise<Organization | null> {
  const row = await transaction.kysely
    .insertInto('organizations')
    .values({
      slug,
      name,
      is_test: isTest ? 1 : 0,
      trusted_domains_enabled: 0,
      trusted_domains: '[]',
      embed_origins: '[]',
      accent_color: null,
      users_total: 0,
      users_active: 0,
      users_version: now,
      clusters_version: now,
      completions_version: now,
      events_last: 0,
      completions_change_last: 0,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .returning(columns)
    .executeTakeFirst();
  return row ? fromRow(row) : null;
}

export async function findOrganization(slug: string, connection: Connection): Promise<Organization | null> {
  const row = await connection.kysely
    .selectFrom('organizations')
    .select(columns)
    .where('slug', '=', slug)
    .executeTakeFirst();
  return row ? fromRow(row) : null;
}

export async function getOrganization(organization: OrganizationId, connection: Connection): Promise<Organization> {
  const row = await connection.kysely
    .selectFrom('organizations')
    .select(columns)
    .where('id', '=', organization)
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

const testClock = prepared<{ organization: OrganizationId }>((db, parameter) =>
  db.selectFrom('organizations').select('test_clock_at').where('id', '=', parameter('organization')),
);

/** Where a test organization's clock stands, in epoch milliseconds; null where the server's clock holds. */
export async function getTestClock(organization: OrganizationId, connection: Connection): Promise<number | null> {
  const row = await connection.row(testClock, { organization });
  return row?.[0] == null ? null : Number(row[0]);
}

/** Puts the clock of a test organization to that moment; others have none. */
export async function putTestClock(organization: OrganizationId, transaction: Transaction, at: number): Promise<void> {
  await transaction.kysely
    .updateTable('organizations')
    .set({ test_clock_at: at })
    .where('id', '=', organization)
    .where('is_test', '=', 1)
    .execute();
}

export async function listOrganizations(connection: Connection): Promise<Organization[]> {
  const rows = await connection.kysely.selectFrom('organizations').select(columns).orderBy('id').execute();
  return rows.map(fromRow);
}

export async function updateOrganization(
  organization: OrganizationId,
  transaction: Transaction,
  settings: OrganizationSettings,
): Promise<void> {
  const { name, trustedDomains, embedOrigins, accentColor, syncLimit } = settings;
  const changes = {
    ...(name !== undefined && { name }),
    ...(trustedDomains !== undefined && {
      trusted_domains_enabled: trustedDomains ? (1 as const) : (0 as const),
      trusted_domains: JSON.stringify(trustedDomains ?? []),
    }),
    ...(embedOrigins !== undefined && { embed_origins: JSON.stringify(embedOrigins) }),
    ...(accentColor !== undefined && { accent_color: accentColor }),
    ...(syncLimit && { sync_threshold_percent: syncLimit.percent, sync_threshold_people: syncLimit.people }),
  };
  if (Object.keys(changes).length === 0) return;
  await transaction.kysely.updateTable('organizations').set(changes).where('id', '=', organization).execute();
}

/** The lists whose content has a version. */
type Versioned = ListVersion['column'];

/**
 * SQL for a version that was never used before: the clock's milliseconds, or one more than the last. Taking the clock
 * keeps versions from repeating after a restore from a backup, where a mere counter would go over the same numbers
 * again and a cached ETag would match other content.
 */
export function nextVersion(column: Versioned, now: number): RawBuilder<number> {
  const last = sql.ref(column);
  return sql<number>`case when ${last} >= ${now} then ${last} + 1 else ${now} end`;
}

/** Says that the content of a list has changed. */
export async function touchVersion(
  organization: OrganizationId,
  transaction: Transaction,
  column: Versioned,
  now: number,
): Promise<void> {
  await transaction.kysely
    .updateTable('organizations')
    .set({ [column]: nextVersion(column, now) })
    .where('id', '=', organization)
    .execute();
}
