import type { Cluster, listClusters } from '@rollcall/contract/clusters.ts';
import { embedCode, signUpAddress } from '../domain/addresses.ts';
import { type ClusterWithModule, listClusters as readClusters } from '../store/clusters.ts';
import type { Call, Handler } from './context.ts';

/** GET /v1/clusters: the clusters in order of creation, all in one answer. */
export const handleListClusters: Handler<typeof listClusters> = async (call) => {
  const { account, database, query } = call;
  const { from, to } = query;
  return {
    contentType: 'application/json; charset=utf-8',
    version: `clusters ${account.organization} ${account.clustersVersion} ${call.publicUrl()} ${JSON.stringify(query)}`,
    body: async () => {
      const seen = { column: 'clusters_version', version: account.clustersVersion } as const;
      const clusters = await database.read(account.organization, seen, (connection) =>
        readClusters(account.organization, connection, { from, to }),
      );
      const items = clusters.map((cluster) => present(cluster, call));
      return JSON.stringify({ success: true, data: { items, total: items.length } });
    },
  };
};

function present(
  { id, module, selfRegistration }: ClusterWithModule,
  { account, publicUrl }: Pick<Call, 'account' | 'publicUrl'>,
): Cluster {
  return {
    clusterId: id,
    moduleId: module.id,
    moduleName: module.name,
    moduleCategory: module.category,
    moduleThumbnailUrl: module.thumbnailUrl,
    moduleDescription: module.description,
    duration: module.durationMinutes,
    ...(selfRegistration && { iframeCode: embedCode(signUpAddress(publicUrl(), account.slug, id)) }),
  };
}
