import { getTestClock } from '../store/organizations.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

/** A clock: answers epoch milliseconds. */
type Clock = () => number;

/**
 * The clock that holds for an organization: a test organization's own where it was set, and there it stands still; else
 * the server's. What an organization's people see and do goes by it; keys, limits and logs go by the server's.
 */
export function clockOf({ testClockAt }: { readonly testClockAt: number | null }, serverClock: Clock): Clock {
  return testClockAt === null ? serverClock : () => testClockAt;
}

/** The context in which actions and pages go by the organization's clock, for those who have not read its row. */
export async function withClockOf<C extends ActionContext>(context: C, organization: OrganizationId): Promise<C> {
  const testClockAt = await getTestClock(organization, context.database.reader);
  return { ...context, now: clockOf({ testClockAt }, context.now) };
}
