import type { listSessions } from '@rollcall/contract/manage/sessions.ts';
import { pageSessions } from '../../store/sessions.ts';
import type { Handler } from '../context.ts';
import { listAnswer } from './answers.ts';
import { presentSession } from './present-session.ts';

/** GET /manage/v1/sessions. */
export const handleListSessions: Handler<typeof listSessions> = (call) =>
  listAnswer(call, {
    name: 'sessions',
    read: (stretch) => pageSessions(call.account.organization, call.database.reader, call.query, stretch),
    positionOf: ({ scheduledStartAt, id }) => ({ at: scheduledStartAt, id }),
    present: presentSession,
  });
