import type { updateCluster } from '@rollcall/contract/manage/clusters.ts';
import { changeCluster } from '../../actions/change-cluster.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { showCluster } from './present-cluster.ts';

/** PATCH /manage/v1/clusters/{clusterId}. */
export const handleUpdateCluster: Handler<typeof updateCluster> = async (call) => {
  const { clusterId } = call.params;
  await changeCluster(call, call.account.organization, clusterId, call.body);
  return dataAnswer(await showCluster(call, call.database.reader, clusterId));
};
