import type { listRegistrations } from '@rollcall/contract/manage/registrations.ts';
import { pageRegistrations } from '../../store/registrations.ts';
import type { Handler } from '../context.ts';
import { listAnswer } from './answers.ts';
import { presentRegistration } from './present-registration.ts';
import { showSession } from './present-session.ts';

/** GET /manage/v1/sessions/{sessionId}/registrations. */
export const handleListRegistrations: Handler<typeof listRegistrations> = async (call) => {
  const { organization } = call.account;
  const { reader } = call.database;
  const { sessionId } = call.params;
  await showSession(organization, reader, sessionId);
  return listAnswer(call, {
    name: 'registrations',
    read: (stretch) => pageRegistrations(organization, reader, { sessionId, cancelled: call.query.cancelled }, stretch),
    positionOf: ({ createdAt, id }) => ({ at: createdAt, id }),
    present: (registration) => presentRegistration(registration, call.publicUrl()),
  });
};
