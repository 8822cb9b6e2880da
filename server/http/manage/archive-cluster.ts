import type { archiveCluster } from '@rollcall/contract/manage/clusters.ts';
import { archiveCluster as takeDown } from '../../actions/archive-cluster.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { showCluster } from './present-cluster.ts';

/** POST /manage/v1/clusters/{clusterId}/archive. */
export const handleArchiveCluster: Handler<typeof archiveCluster> = async (call) => {
  const { clusterId } = call.params;
  const cancelSessions = call.query.cancelSessions ?? false;
  await takeDown(call, call.account.organization, clusterId, { cancelSessions });
  return dataAnswer(await showCluster(call, call.database.reader, clusterId));
};
