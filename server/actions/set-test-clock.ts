import { formatDateTime } from '../domain/date-time.ts';
import { Refusal } from '../domain/refusal.ts';
import { insertEvents } from '../store/events.ts';
import { getOrganization, putTestClock } from '../store/organizations.ts';
import type { OrganizationId } from '../store/tables.ts';
import { advanceSessions } from './advance-sessions.ts';
import { clockOf } from './clock.ts';
import type { ActionContext } from './context.ts';

/** What is scheduled from there can still be written as a date with a year of four digits. */
const LAST_AT = Date.parse('9000-01-01T00:00:00Z');

/**
 * Puts a test organization's clock to a moment, where it then stands still (event `organization.clock_set`), and does
 * what is due by then before it answers. The same moment again does what is still due, so that a call that was broken
 * off can be repeated. Refuses with `forbidden` where the organization is none for tests, with `conflict` where its clock
 * stands later already or the moment is too far ahead.
 */
export async function setTestClock(context: ActionContext, organization: OrganizationId, at: number): Promise<void> {
  await context.database.transaction(organization, async (transaction) => {
    const known = await getOrganization(organization, transaction);
    if (!known.isTest) throw noTestOrganization();
    const standsAt = clockOf(known, context.now)();
    if (at < standsAt) {
      const now = formatDateTime(standsAt);
      throw new Refusal('conflict', `The clock stands at ${now} already, and it never goes back.`, { now });
    }
    if (at > LAST_AT) throw new Refusal('conflict', `The clock cannot go beyond ${formatDateTime(LAST_AT)}.`);
    if (at === known.testClockAt) return;
    await putTestClock(organization, transaction, at);
    const data = { now: formatDateTime(at) };
    await insertEvents(organization, transaction, [{ type: 'organization.clock_set', data }], at);
  });
  await advanceSessions({ ...context, now: () => at }, organization);
}

/** How an organization that goes by the server's clock is refused. */
export function noTestOrganization(): Refusal {
  return new Refusal(
    'forbidden',
    'Only a test organization has a clock of its own. Make one with "rollcall org create SLUG --name NAME --test".',
  );
}
