import type { Connection, Transaction } from './database.ts';
import { touchVersion } from './organizations.ts';
import type { Stretch } from './page.ts';
import type { OrganizationId } from './tables.ts';

/** A cluster with what the list shows of its module. Times are epoch milliseconds. */
export interface ClusterWithModule {
  readonly id: string;
  readonly selfRegistration: boolean;
  /** Seats of new sessions unless they are given others; null where nobody has said. */
  readonly capacity: number | null;
  readonly createdAt: number;
  readonly archivedAt: number | null;
  readonly module: {
    readonly id: string;
    readonly name: string;
    readonly category: string;
    readonly thumbnailUrl: string | null;
    readonly description: string;
    readonly durationMinutes: number;
  };
}

const columns = [
  'c.id',
  'c.self_registration',
  'c.capacity',
  'c.created_at',
  'c.archived_at',
  'c.module_id',
  'm.name',
  'm.category',
  'm.thumbnail_url',
  'm.description',
  'm.duration_minutes',
] as const;

function clustersWithModule(organization: OrganizationId, connection: Connection) {
  return connection.kysely
    .selectFrom('clusters as c')
    .innerJoin('modules as m', (join) =>
      join.onRef('m.organization_id', '=', 'c.organization_id').onRef('m.id', '=', 'c.module_id'),
    )
    .select(columns)
    .where('c.organization_id', '=', organization);
}

type Row = Awaited<ReturnType<ReturnType<typeof clustersWithModule>['execute']>>[number];

function fromRow(row: Row): ClusterWithModule {
  return {
    id: row.id,
    selfRegistration: row.self_registration === 1,
    capacity: row.capacity,
    createdAt: Number(row.created_at),
    archivedAt: row.archived_at === null ? null : Number(row.archived_at),
    module: {
      id: row.module_id,
      name: row.name,
      category: row.category,
      thumbnailUrl: row.thumbnail_url,
      description: row.description,
      durationMinutes: row.duration_minutes,
    },
  };
}

/** A cluster, archived or not; null where the organization has none with this id. */
export async function getCluster(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<ClusterWithModule | null> {
  const row = await clustersWithModule(organization, connection).where('c.id', '=', id).executeTakeFirst();
  return row ? fromRow(row) : null;
}

/** The clusters that are not archived and were created at `from` or later and before `to`, in order of creation. */
export async function listClusters(
  organization: OrganizationId,
  connection: Connection,
  created: { from?: number | undefined; to?: number | undefined },
): Promise<ClusterWithModule[]> {
  let query = clustersWithModule(organization, connection).where('c.archived_at', 'is', null);
  if (created.from !== undefined) query = query.where('c.created_at', '>=', created.from);
  if (created.to !== undefined) query = query.where('c.created_at', '<', created.to);
  const rows = await query.orderBy('c.created_at').orderBy('c.id').execute();
  return rows.map(fromRow);
}

/** A cluster with the number of its sessions that are neither over nor cancelled. */
export interface ListedCluster extends ClusterWithModule {
  readonly sessionsUpcoming: number;
}

function listed(organization: OrganizationId, connection: Connection, now: number) {
  return clustersWithModule(organization, connection).select((outer) =>
    outer
      .selectFrom('sessions as s')
      .whereRef('s.organization_id', '=', 'c.organization_id')
      .whereRef('s.cluster_id', '=', 'c.id')
      .where('s.state', 'in', ['scheduled', 'open'])
      .where('s.scheduled_end_at', '>', now)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .as('sessions_upcoming'),
  );
}

type ListedRow = Awaited<ReturnType<ReturnType<typeof listed>['execute']>>[number];

function fromListedRow(row: ListedRow): ListedCluster {
  return { ...fromRow(row), sessionsUpcoming: Number(row.sessions_upcoming) };
}

/** A cluster, archived or not, with its sessions counted; null where the organization has none with this id. */
export async function getListedCluster(
  organization: OrganizationId,
  connection: Connection,
  id: string,
  now: number,
): Promise<ListedCluster | null> {
  const row = await listed(organization, connection, now).where('c.id', '=', id).executeTakeFirst();
  return row ? fromListedRow(row) : null;
}

/** A stretch of the clusters in order of creation: of the archived ones, or of those that are not. */
export async function pageClusters(
  organization: OrganizationId,
  connection: Connection,
  { archived, moduleId }: { readonly archived: boolean; readonly moduleId?: string | undefined },
  { after, limit }: Stretch,
  now: number,
): Promise<ListedCluster[]> {
  let query = listed(organization, connection, now).where('c.archived_at', archived ? 'is not' : 'is', null);
  if (moduleId !== undefined) query = query.where('c.module_id', '=', moduleId);
  if (after) query = query.where((eb) => eb(eb.refTuple('c.created_at', 'c.id'), '>', eb.tuple(after.at, after.id)));
  const rows = await query.orderBy('c.created_at').orderBy('c.id').limit(limit).execute();
  return rows.map(fromListedRow);
}

/** Ids of the clusters that offer a module and are not archived, in order of creation. */
export async function listOffers(
  organization: OrganizationId,
  connection: Connection,
  moduleId: string,
): Promise<string[]> {
  const rows = await connection.kysely
    .selectFrom('clusters')
    .select('id')
    .where('organization_id', '=', organization)
    .where('module_id', '=', moduleId)
    .where('archived_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => row.id);
}

export interface NewCluster {
  readonly id: string;
  readonly moduleId: string;
  readonly selfRegistration: boolean;
  readonly capacity?: number | null;
  readonly createdAt: number;
}

export async function insertCluster(
  organization: OrganizationId,
  transaction: Transaction,
  cluster: NewCluster,
  now: number,
): Promise<void> {
  await transaction.kysely
    .insertInto('clusters')
    .values({
      organization_id: organization,
      id: cluster.id,
      module_id: cluster.moduleId,
      self_registration: cluster.selfRegistration ? 1 : 0,
      capacity: cluster.capacity ?? null,
      created_at: cluster.createdAt,
      archived_at: null,
    })
    .execute();
  await touchVersion(organization, transaction, 'clusters_version', now);
}

/** Writes what is now different of a cluster. */
export async function updateCluster(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
  {
    selfRegistration,
    capacity,
    archivedAt,
  }: Partial<Pick<ClusterWithModule, 'selfRegistration' | 'capacity' | 'archivedAt'>>,
  now: number,
): Promise<void> {
  await transaction.kysely
    .updateTable('clusters')
    .set({
      ...(selfRegistration !== undefined && { self_registration: selfRegistration ? (1 as const) : (0 as const) }),
      ...(capacity !== undefined && { capacity }),
      ...(archivedAt !== undefined && { archived_at: archivedAt }),
    })
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute();
  await touchVersion(organization, transaction, 'clusters_version', now);
}
