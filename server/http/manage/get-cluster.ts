import type { getCluster } from '@rollcall/contract/manage/clusters.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { showCluster } from './present-cluster.ts';

/** GET /manage/v1/clusters/{clusterId}. */
export const handleGetCluster: Handler<typeof getCluster> = async (call) =>
  dataAnswer(await showCluster(call, call.database.reader, call.params.clusterId));
