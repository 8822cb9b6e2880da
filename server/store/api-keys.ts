import type { Connection, Transaction } from './database.ts';
import { updateEach } from './dialect.ts';
import { prepared } from './prepared.ts';
import type { OrganizationId } from './tables.ts';

/** What a request needs to know of its key and organization, read in one statement. */
export interface Account {
  readonly keyId: string;
  /** JSON array, as stored. */
  readonly scopes: string;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
  readonly organization: OrganizationId;
  readonly slug: string;
  /** Where a test organization's clock stands; null: the server's clock holds. */
  readonly testClockAt: number | null;
  /** When the next session begins or ends, or before that; null: there is none to come. */
  readonly sessionsDueAt: number | null;
  readonly usersTotal: number;
  readonly usersActive: number;
  readonly usersVersion: number;
  readonly clustersVersion: number;
  readonly completionsVersion: number;
  /** Number of the latest change to a completion. */
  readonly completionsChangeLast: number;
}

/** An API key as shown in lists: never with the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly lastFour: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

const accountByDigest = prepared<{ digest: string }>((db, parameter) =>
  db
    .selectFrom('api_keys as k')
    .innerJoin('organizations as o', 'o.id', 'k.organization_id')
    .where('k.digest', '=', parameter('digest'))
    .select([
      'k.id',
      'k.scopes',
      'k.expires_at',
      'k.revoked_at',
      'k.last_used_at',
      'o.id as organization_id',
      'o.slug',
      'o.test_clock_at',
      'o.sessions_due_at',
      'o.users_total',
      'o.users_active',
      'o.users_version',
      'o.clusters_version',
      'o.completions_version',
      'o.completions_change_last',
    ]),
);

/** Finds the key by its digest (SHA-256, hex) and the organization it decides; also expired and revoked ones. */
export async function findAccount(digest: string, connection: Connection): Promise<Account | null> {
  const row = await connection.row(accountByDigest, { digest });
  if (!row) return null;
  const [keyId, scopes, expiresAt, revokedAt, lastUsedAt, organization, slug, ...rest] = row;
  const [testClockAt, sessionsDueAt, ...counters] = rest as (number | null)[];
  const [usersTotal, usersActive, usersVersion, clustersVersion, completionsVersion, completionsChangeLast] =
    counters as number[];
  return {
    keyId,
    scopes,
    expiresAt,
    revokedAt,
    lastUsedAt,
    organization,
    slug,
    testClockAt,
    sessionsDueAt,
    usersTotal,
    usersActive,
    usersVersion,
    clustersVersion,
    completionsVersion,
    completionsChangeLast,
  } as Account;
}

export interface NewApiKey {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  readonly lastFour: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number | null;
}

export async function insertApiKey(
  organization: OrganizationId,
  transaction: Transaction,
  key: NewApiKey,
  now: number,
): Promise<void> {
  await transaction.kysely
    .insertInto('api_keys')
    .values({
      id: key.id,
      organization_id: organization,
      name: key.name,
      digest: key.digest,
      last_four: key.lastFour,
      scopes: JSON.stringify(key.scopes),
      created_at: now,
      expires_at: key.expiresAt,
      revoked_at: null,
      last_used_at: null,
    })
    .execute();
}

export async function listApiKeys(organization: OrganizationId, connection: Connection): Promise<ApiKey[]> {
  const rows = await connection.kysely
    .selectFrom('api_keys')
    .selectAll()
    .where('organization_id', '=', organization)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    lastFour: row.last_four,
    scopes: JSON.parse(row.scopes) as string[],
    createdAt: Number(row.created_at),
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  }));
}

/** Revokes a key for good; false where the organization has no such key. A second time changes nothing. */
export async function revokeApiKey(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
  now: number,
): Promise<boolean> {
  const key = await transaction.kysely
    .selectFrom('api_keys')
    .select('revoked_at')
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!key) return false;
  await transaction.kysely
    .updateTable('api_keys')
    .set({ revoked_at: key.revoked_at ?? now })
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute();
  return true;
}

const setLastUsed = updateEach('api_keys', ['id', 'organization_id'], ['last_used_at']);

/** Notes when keys were used last; keys of several organizations at once, each bound to its own. */
export async function recordKeyUse(
  transaction: Transaction,
  uses: readonly { organization: OrganizationId; id: string; at: number }[],
): Promise<void> {
  await transaction.runMany(
    setLastUsed,
    uses.map(({ organization, id, at }) => ({ organization_id: organization, id, last_used_at: at })),
  );
}
