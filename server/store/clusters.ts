import type { Connection, Transaction } from './database.ts';
import { touchVersion } from './organizations.ts';
import type { OrganizationId } from './tables.ts';

/** A cluster with what the list shows of its module. Times are epoch milliseconds. */
export interface ClusterWithModule {
  readonly id: string;
  readonly selfRegistration: boolean;
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

export interface NewCluster {
  readonly id: string;
  readonly moduleId: string;
  readonly selfRegistration: boolean;
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
      created_at: cluster.createdAt,
      archived_at: null,
    })
    .execute();
  await touchVersion(organization, transaction, 'clusters_version', now);
}
