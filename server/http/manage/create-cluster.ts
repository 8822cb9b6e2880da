import { limits } from '@rollcall/contract/limits.ts';
import type { createCluster } from '@rollcall/contract/manage/clusters.ts';
import { createCluster as offerModule } from '../../actions/create-cluster.ts';
import { readSchedule } from '../../domain/schedule.ts';
import type { Handler } from '../context.ts';
import { madeAnswer } from './answers.ts';
import { showCluster } from './present-cluster.ts';

/** POST /manage/v1/clusters. */
export const handleCreateCluster: Handler<typeof createCluster> = (call) => {
  const { moduleId, selfRegistration = false, capacity = limits.capacityDefault, sessions } = call.body;
  const template = {
    moduleId: moduleId.toLowerCase(),
    selfRegistration,
    capacity,
    ...(sessions && { sessions: readSchedule(sessions, '/sessions') }),
  };
  return madeAnswer(call, 'createCluster', async (inside) => {
    const { id } = await offerModule(inside, call.account.organization, template);
    return { path: `/manage/v1/clusters/${id}`, data: await showCluster(call, inside.database.reader, id) };
  });
};
