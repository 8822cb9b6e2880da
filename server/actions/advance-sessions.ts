import { openBegunSessions, refreshSessionsDue } from '../store/due-sessions.ts';
import { insertEvents } from '../store/events.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';
import { endDueSessions } from './record-completions.ts';

/** How many sessions were opened and ended. */
export interface AdvancedSessions {
  readonly opened: number;
  readonly ended: number;
}

/**
 * Does what time alone brings about in an organization: ends the sessions whose scheduled end has passed, with their
 * completions, and opens those whose scheduled start has come (event `session.opened`). Can be called at any time and by
 * several at once: nothing is done twice. After a failure the organization is still due, and the next call tries again.
 */
export async function advanceSessions(context: ActionContext, organization: OrganizationId): Promise<AdvancedSessions> {
  let ended = 0;
  let opened = 0;
  try {
    ended = await endDueSessions(context, organization);
  } finally {
    // Also where one could not be ended: others are to begin.
    opened = await openSessions(context, organization);
  }
  return { opened, ended };
}

function openSessions({ database, now }: ActionContext, organization: OrganizationId): Promise<number> {
  return database.transaction(organization, async (transaction) => {
    const at = now();
    const sessionIds = await openBegunSessions(organization, transaction, at);
    const events = sessionIds.map((sessionId) => ({ type: 'session.opened', data: { sessionId } }));
    await insertEvents(organization, transaction, events, at);
    await refreshSessionsDue(organization, transaction);
    return sessionIds.length;
  });
}
