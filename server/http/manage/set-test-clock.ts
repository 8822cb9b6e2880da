import type { setTestClock } from '@rollcall/contract/manage/test-clock.ts';
import { setTestClock as putTestClock } from '../../actions/set-test-clock.ts';
import { formatDateTime } from '../../domain/date-time.ts';
import { momentOf } from '../../domain/schedule.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';

/** PUT /manage/v1/test-clock. */
export const handleSetTestClock: Handler<typeof setTestClock> = async (call) => {
  const at = momentOf(call.body.now);
  await putTestClock(call, call.account.organization, at);
  return dataAnswer({ now: formatDateTime(at), isSet: true });
};
