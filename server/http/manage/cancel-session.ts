import type { cancelSession } from '@rollcall/contract/manage/sessions.ts';
import { cancelSession as callOff } from '../../actions/cancel-session.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { showSession } from './present-session.ts';

/** POST /manage/v1/sessions/{sessionId}/cancel. */
export const handleCancelSession: Handler<typeof cancelSession> = async (call) => {
  const { organization } = call.account;
  const { sessionId } = call.params;
  await callOff(call, organization, sessionId);
  return dataAnswer(await showSession(organization, call.database.reader, sessionId));
};
