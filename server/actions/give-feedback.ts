import { isDeepStrictEqual } from 'node:util';
import { presenceOf, roomHours } from '../domain/presence.ts';
import { Refusal } from '../domain/refusal.ts';
import { insertEvents } from '../store/events.ts';
import { type Feedback, getFeedback, putFeedback } from '../store/feedback.ts';
import type { OrganizationId } from '../store/tables.ts';
import { listVisits } from '../store/visits.ts';
import { requireAdmission } from './admission.ts';
import type { ActionContext } from './context.ts';

/**
 * Takes in what a participant says of a session that is over (event `feedback.given`); it can be changed later, and the
 * same again changes nothing. Refuses with `conflict` while the session goes on, and where the participant was not there
 * or is out.
 */
export function giveFeedback(
  { database, now }: ActionContext,
  organization: OrganizationId,
  registrationId: string,
  feedback: Feedback,
): Promise<void> {
  return database.transaction(organization, async (transaction) => {
    const at = now();
    const { session } = await requireAdmission(organization, transaction, registrationId);
    if (session.endedAt === null && at < session.scheduledEndAt) {
      throw new Refusal('conflict', 'The session is not over yet.');
    }
    const visits = await listVisits(organization, transaction, registrationId);
    if (!presenceOf(visits, roomHours(session))) throw new Refusal('conflict', 'You were not in this session.');
    if (isDeepStrictEqual(await getFeedback(organization, transaction, registrationId), feedback)) return;
    await putFeedback(organization, transaction, registrationId, feedback, at);
    const data = { sessionId: session.id, registrationId };
    await insertEvents(organization, transaction, [{ type: 'feedback.given', data }], at);
  });
}
