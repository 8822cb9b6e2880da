import type { updateSession } from '@rollcall/contract/manage/sessions.ts';
import { changeSession } from '../../actions/change-session.ts';
import { readSessionChange } from '../../domain/schedule.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { showSession } from './present-session.ts';

/** PATCH /manage/v1/sessions/{sessionId}. */
export const handleUpdateSession: Handler<typeof updateSession> = async (call) => {
  const { organization } = call.account;
  const { sessionId } = call.params;
  await changeSession(call, organization, sessionId, readSessionChange(call.body));
  return dataAnswer(await showSession(organization, call.database.reader, sessionId));
};
