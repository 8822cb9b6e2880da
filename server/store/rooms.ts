import type { Connection } from './database.ts';
import type { OrganizationId } from './tables.ts';

/** A step as it stands in the list of all: without its prompt. */
export interface AgendaStep {
  readonly title: string;
  readonly minutes: number;
}

/** The steps of a module, in their order. */
export async function listAgenda(
  organization: OrganizationId,
  connection: Connection,
  moduleId: string,
): Promise<AgendaStep[]> {
  return connection.kysely
    .selectFrom('steps')
    .select(['title', 'minutes'])
    .where('organization_id', '=', organization)
    .where('module_id', '=', moduleId)
    .orderBy('position')
    .execute();
}

/** The step that a group is on. */
export interface CurrentStep extends AgendaStep {
  /** Markdown. */
  readonly prompt: string;
  /** Since when it has been shown, in epoch milliseconds. */
  readonly shownAt: number;
}

/** The step that the group of a session is shown now; null before the first, and where the module has lost it. */
export async function getCurrentStep(
  organization: OrganizationId,
  connection: Connection,
  { id, module }: { readonly id: string; readonly module: { readonly id: string } },
): Promise<CurrentStep | null> {
  const row = await connection.kysely
    .selectFrom('shown_steps as shown')
    .innerJoin('steps', (join) =>
      join
        .onRef('steps.organization_id', '=', 'shown.organization_id')
        .on('steps.module_id', '=', module.id)
        .onRef('steps.position', '=', 'shown.step'),
    )
    .select(['steps.title', 'steps.prompt', 'steps.minutes', 'shown.from_at'])
    .where('shown.organization_id', '=', organization)
    .where('shown.session_id', '=', id)
    .where('shown.to_at', 'is', null)
    .executeTakeFirst();
  return row ? { title: row.title, prompt: row.prompt, minutes: row.minutes, shownAt: Number(row.from_at) } : null;
}

/** Somebody who has a seat in a session. */
export interface Member {
  readonly registrationId: string;
  readonly userId: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Deactivated users keep their seats in sessions that have begun, but are out of the room. */
  readonly active: boolean;
}

/** Everybody who has a seat in a session, in the order in which they got it. */
export async function listMembers(
  organization: OrganizationId,
  connection: Connection,
  sessionId: string,
): Promise<Member[]> {
  const rows = await connection.kysely
    .selectFrom('registrations as r')
    .innerJoin('users as u', (join) =>
      join.onRef('u.organization_id', '=', 'r.organization_id').onRef('u.id', '=', 'r.user_id'),
    )
    .select(['r.id', 'r.user_id', 'u.first_name', 'u.last_name', 'u.active'])
    .where('r.organization_id', '=', organization)
    .where('r.session_id', '=', sessionId)
    .where('r.cancelled_at', 'is', null)
    .orderBy('r.created_at')
    .orderBy('r.id')
    .execute();
  return rows.map((row) => ({
    registrationId: row.id,
    userId: row.user_id,
    firstName: row.first_name,
    lastName: row.last_name,
    active: row.active === 1,
  }));
}

/** Registrations of those whose last signal came at `since` or later, and who have not left. Epoch milliseconds. */
export async function listPresent(
  organization: OrganizationId,
  connection: Connection,
  sessionId: string,
  since: number,
): Promise<Set<string>> {
  // A join would leave it to the engine to begin with all visits of the organization.
  const rows = await connection.kysely
    .selectFrom('registrations as r')
    .select('r.id')
    .where('r.organization_id', '=', organization)
    .where('r.session_id', '=', sessionId)
    .where('r.cancelled_at', 'is', null)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('visits as v')
          .select('v.tab')
          .whereRef('v.organization_id', '=', 'r.organization_id')
          .whereRef('v.registration_id', '=', 'r.id')
          .where('v.closed', '=', 0)
          .where('v.last_at', '>=', since),
      ),
    )
    .execute();
  return new Set(rows.map((row) => row.id));
}
