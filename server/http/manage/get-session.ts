import type { getSession } from '@rollcall/contract/manage/sessions.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { showSession } from './present-session.ts';

/** GET /manage/v1/sessions/{sessionId}. */
export const handleGetSession: Handler<typeof getSession> = async ({ account, database, params }) =>
  dataAnswer(await showSession(account.organization, database.reader, params.sessionId));
