import type { Session } from '@rollcall/contract/manage/session-shapes.ts';
import { formatDateTime } from '../../domain/date-time.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Connection } from '../../store/database.ts';
import { getNamedSession, type NamedSession } from '../../store/sessions.ts';
import type { OrganizationId } from '../../store/tables.ts';

/** A session as the contract shows it. */
export function presentSession(session: NamedSession): Session {
  return {
    id: session.id,
    clusterId: session.clusterId,
    moduleId: session.moduleId,
    moduleName: session.moduleName,
    startsAt: formatDateTime(session.scheduledStartAt),
    endsAt: formatDateTime(session.scheduledEndAt),
    state: session.state,
    capacity: session.capacity,
    seatsTaken: session.seatsTaken,
    meetingLink: session.meetingLink,
    createdAt: formatDateTime(session.createdAt),
  };
}

/** Reads a session and presents it; refuses with `not_found`. */
export async function showSession(organization: OrganizationId, connection: Connection, id: string): Promise<Session> {
  const session = await getNamedSession(organization, connection, id);
  if (!session) throw new Refusal('not_found', `There is no session "${id}".`);
  return presentSession(session);
}
