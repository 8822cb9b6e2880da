import type { createRegistration } from '@rollcall/contract/manage/registrations.ts';
import { registerNamedUser } from '../../actions/register-named-user.ts';
import type { Handler } from '../context.ts';
import { madeAnswer } from './answers.ts';
import { showRegistration } from './present-registration.ts';

/** POST /manage/v1/sessions/{sessionId}/registrations: 200 where the user had the seat already. */
export const handleCreateRegistration: Handler<typeof createRegistration> = (call) =>
  madeAnswer(call, 'createRegistration', async (inside) => {
    const { organization } = call.account;
    const { registration, isNew } = await registerNamedUser(inside, organization, call.params.sessionId, call.body);
    const data = await showRegistration(call, inside.database.reader, registration.id);
    return isNew ? { path: `/manage/v1/registrations/${registration.id}`, data } : { status: 200, data };
  });
