import type { getRegistration } from '@rollcall/contract/manage/registrations.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { showRegistration } from './present-registration.ts';

/** GET /manage/v1/registrations/{registrationId}. */
export const handleGetRegistration: Handler<typeof getRegistration> = async (call) =>
  dataAnswer(await showRegistration(call, call.database.reader, call.params.registrationId));
