import type { Schedule } from '@rollcall/contract/manage/session-shapes.ts';
import { startsOf } from '../domain/schedule.ts';
import type { NewSession } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import { type ActionContext, within } from './context.ts';
import { scheduleSession } from './schedule-session.ts';

/**
 * Schedules the sessions of a cluster that a schedule names: all of them, or none. `pointer` is the schedule's place in
 * the body; else refuses as `scheduleSession` does, and with `invalid_request` where a start cannot be.
 */
export function scheduleSessions(
  context: ActionContext,
  organization: OrganizationId,
  clusterId: string,
  schedule: Schedule,
  pointer = '',
): Promise<NewSession[]> {
  const { duration, capacity, meetingLink = null } = schedule;
  return context.database.transaction(organization, async (transaction) => {
    const inside = within(context, transaction);
    const sessions: NewSession[] = [];
    for (const scheduledStartAt of startsOf(schedule, context.now(), pointer)) {
      const session = await scheduleSession(inside, organization, {
        clusterId,
        scheduledStartAt,
        meetingLink,
        ...(capacity !== undefined && { capacity }),
        ...(duration !== undefined && { durationMinutes: duration }),
      });
      sessions.push(session);
    }
    return sessions;
  });
}
