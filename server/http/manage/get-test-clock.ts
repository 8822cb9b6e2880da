import type { getTestClock } from '@rollcall/contract/manage/test-clock.ts';
import { clockOf } from '../../actions/clock.ts';
import { noTestOrganization } from '../../actions/set-test-clock.ts';
import { formatDateTime } from '../../domain/date-time.ts';
import { getOrganization } from '../../store/organizations.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';

/** GET /manage/v1/test-clock. */
export const handleGetTestClock: Handler<typeof getTestClock> = async ({ account, database, now }) => {
  const organization = await getOrganization(account.organization, database.reader);
  if (!organization.isTest) throw noTestOrganization();
  const at = clockOf(organization, now)();
  return dataAnswer({ now: formatDateTime(at), isSet: organization.testClockAt !== null });
};
