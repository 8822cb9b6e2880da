import type { listClusters } from '@rollcall/contract/manage/clusters.ts';
import { pageClusters } from '../../store/clusters.ts';
import type { Handler } from '../context.ts';
import { listAnswer } from './answers.ts';
import { presentCluster } from './present-cluster.ts';

/** GET /manage/v1/clusters. */
export const handleListClusters: Handler<typeof listClusters> = (call) => {
  const { archived = false, moduleId } = call.query;
  return listAnswer(call, {
    name: 'clusters',
    read: (stretch) =>
      pageClusters(call.account.organization, call.database.reader, { archived, moduleId }, stretch, call.now()),
    positionOf: ({ createdAt, id }) => ({ at: createdAt, id }),
    present: (cluster) => presentCluster(call, cluster),
  });
};
