import type { scheduleSessions } from '@rollcall/contract/manage/sessions.ts';
import { scheduleSessions as addSessions } from '../../actions/schedule-sessions.ts';
import { readSchedule } from '../../domain/schedule.ts';
import type { Handler } from '../context.ts';
import { madeAnswer } from './answers.ts';
import { showSession } from './present-session.ts';

/** POST /manage/v1/clusters/{clusterId}/sessions. */
export const handleScheduleSessions: Handler<typeof scheduleSessions> = (call) => {
  const { organization } = call.account;
  const schedule = readSchedule(call.body);
  return madeAnswer(call, 'scheduleSessions', async (inside) => {
    const sessions = await addSessions(inside, organization, call.params.clusterId, schedule);
    const items = [];
    for (const { id } of sessions) items.push(await showSession(organization, inside.database.reader, id));
    return { data: { items } };
  });
};
