import type { cancelRegistration } from '@rollcall/contract/manage/registrations.ts';
import { cancelRegistration as giveUpSeat } from '../../actions/cancel-registration.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { showRegistration } from './present-registration.ts';

/** POST /manage/v1/registrations/{registrationId}/cancel. */
export const handleCancelRegistration: Handler<typeof cancelRegistration> = async (call) => {
  const { registrationId } = call.params;
  await giveUpSeat(call, call.account.organization, registrationId);
  return dataAnswer(await showRegistration(call, call.database.reader, registrationId));
};
