import type { Connection, Transaction } from './database.ts';
import { noteSessionDue } from './due-sessions.ts';
import type { Stretch } from './page.ts';
import type { OrganizationId, SessionState } from './tables.ts';

/** A session to be written. Times are epoch milliseconds. */
export interface NewSession {
  readonly id: string;
  readonly clusterId: string;
  readonly scheduledStartAt: number;
  readonly scheduledEndAt: number;
  /** Seats. */
  readonly capacity: number;
  readonly meetingLink: string | null;
  readonly createdAt: number;
}

/** What changes while a session is held. */
export interface SessionProgress {
  readonly state: SessionState;
  /** Position of the step that the group is on, from 0; null before the first was shown. */
  readonly currentStep: number | null;
  /** When the group ended the session; null while it runs or where the clock ended it. */
  readonly endedAt: number | null;
}

export interface Session extends NewSession, SessionProgress {}

/** A session of a cluster's list, with the number of its live registrations. */
export interface ListedSession extends Session {
  readonly seatsTaken: number;
}

/** A session with the module that it is about. */
export interface SessionWithModule extends Session {
  readonly module: {
    readonly id: string;
    readonly name: string;
    readonly category: string;
    readonly description: string;
    readonly thumbnailUrl: string | null;
    readonly durationMinutes: number;
    readonly steps: number;
  };
}

const columns = [
  's.id',
  's.cluster_id',
  's.scheduled_start_at',
  's.scheduled_end_at',
  's.capacity',
  's.meeting_link',
  's.state',
  's.current_step',
  's.ended_at',
  's.created_at',
] as const;

function sessions(organization: OrganizationId, connection: Connection) {
  return connection.kysely.selectFrom('sessions as s').select(columns).where('s.organization_id', '=', organization);
}

type Row = Awaited<ReturnType<ReturnType<typeof sessions>['execute']>>[number];

function fromRow(row: Row): Session {
  return {
    id: row.id,
    clusterId: row.cluster_id,
    scheduledStartAt: Number(row.scheduled_start_at),
    scheduledEndAt: Number(row.scheduled_end_at),
    capacity: row.capacity,
    meetingLink: row.meeting_link,
    state: row.state,
    currentStep: row.current_step,
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    createdAt: Number(row.created_at),
  };
}

export async function insertSession(
  organization: OrganizationId,
  transaction: Transaction,
  session: NewSession,
): Promise<void> {
  await transaction.kysely
    .insertInto('sessions')
    .values({
      organization_id: organization,
      id: session.id,
      cluster_id: session.clusterId,
      scheduled_start_at: session.scheduledStartAt,
      scheduled_end_at: session.scheduledEndAt,
      capacity: session.capacity,
      meeting_link: session.meetingLink,
      state: 'scheduled',
      current_step: null,
      ended_at: null,
      created_at: session.createdAt,
    })
    .execute();
  await noteSessionDue(organization, transaction, session.scheduledStartAt);
}

/** A session with its module; null where the organization has none with this id. */
export async function getSession(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<SessionWithModule | null> {
  const row = await sessions(organization, connection)
    .innerJoin('clusters as c', (join) =>
      join.onRef('c.organization_id', '=', 's.organization_id').onRef('c.id', '=', 's.cluster_id'),
    )
    .innerJoin('modules as m', (join) =>
      join.onRef('m.organization_id', '=', 'c.organization_id').onRef('m.id', '=', 'c.module_id'),
    )
    .select(['c.module_id', 'm.name', 'm.category', 'm.description', 'm.thumbnail_url', 'm.duration_minutes'])
    .select((outer) =>
      outer
        .selectFrom('steps')
        .whereRef('steps.organization_id', '=', 'm.organization_id')
        .whereRef('steps.module_id', '=', 'm.id')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .as('steps'),
    )
    .where('s.id', '=', id)
    .executeTakeFirst();
  if (!row) return null;
  const module = {
    id: row.module_id,
    name: row.name,
    category: row.category,
    description: row.description,
    thumbnailUrl: row.thumbnail_url,
    durationMinutes: row.duration_minutes,
    steps: Number(row.steps),
  };
  return { ...fromRow(row), module };
}

function sessionsWithSeats(organization: OrganizationId, connection: Connection) {
  return sessions(organization, connection).select((outer) =>
    outer
      .selectFrom('registrations as r')
      .whereRef('r.organization_id', '=', 's.organization_id')
      .whereRef('r.session_id', '=', 's.id')
      .where('r.cancelled_at', 'is', null)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .as('seats_taken'),
  );
}

/** The sessions of a cluster in order of their start, cancelled ones too; with `after` only those that start later. */
export async function listSessions(
  organization: OrganizationId,
  connection: Connection,
  clusterId: string,
  { after }: { readonly after?: number } = {},
): Promise<ListedSession[]> {
  let query = sessionsWithSeats(organization, connection).where('s.cluster_id', '=', clusterId);
  if (after !== undefined) query = query.where('s.scheduled_start_at', '>', after);
  const rows = await query.orderBy('s.scheduled_start_at').orderBy('s.id').execute();
  return rows.map((row) => ({ ...fromRow(row), seatsTaken: Number(row.seats_taken) }));
}

/** A session with its seats and the name of its module. */
export interface NamedSession extends ListedSession {
  readonly moduleId: string;
  readonly moduleName: string;
}

function namedSessions(organization: OrganizationId, connection: Connection) {
  return sessionsWithSeats(organization, connection)
    .innerJoin('clusters as c', (join) =>
      join.onRef('c.organization_id', '=', 's.organization_id').onRef('c.id', '=', 's.cluster_id'),
    )
    .innerJoin('modules as m', (join) =>
      join.onRef('m.organization_id', '=', 'c.organization_id').onRef('m.id', '=', 'c.module_id'),
    )
    .select(['m.id as module_id', 'm.name as module_name']);
}

type NamedRow = Awaited<ReturnType<ReturnType<typeof namedSessions>['execute']>>[number];

function fromNamedRow(row: NamedRow): NamedSession {
  return {
    ...fromRow(row),
    seatsTaken: Number(row.seats_taken),
    moduleId: row.module_id,
    moduleName: row.module_name,
  };
}

/** A session with its seats; null where the organization has none with this id. */
export async function getNamedSession(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<NamedSession | null> {
  const row = await namedSessions(organization, connection).where('s.id', '=', id).executeTakeFirst();
  return row ? fromNamedRow(row) : null;
}

/** Which sessions to list; times are epoch milliseconds, compared with the scheduled start. */
export interface SessionFilter {
  readonly clusterId?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly state?: SessionState | undefined;
}

/** A stretch of the organization's sessions that pass a filter, in order of their start. */
export async function pageSessions(
  organization: OrganizationId,
  connection: Connection,
  { clusterId, from, to, state }: SessionFilter,
  { after, limit }: Stretch,
): Promise<NamedSession[]> {
  let query = namedSessions(organization, connection);
  if (clusterId !== undefined) query = query.where('s.cluster_id', '=', clusterId);
  if (from !== undefined) query = query.where('s.scheduled_start_at', '>=', from);
  if (to !== undefined) query = query.where('s.scheduled_start_at', '<', to);
  if (state !== undefined) query = query.where('s.state', '=', state);
  if (after)
    query = query.where((eb) => eb(eb.refTuple('s.scheduled_start_at', 's.id'), '>', eb.tuple(after.at, after.id)));
  const rows = await query.orderBy('s.scheduled_start_at').orderBy('s.id').limit(limit).execute();
  return rows.map(fromNamedRow);
}

/** Whether a group is in the middle of a module: one of its sessions is open. */
export async function hasOpenSession(
  organization: OrganizationId,
  connection: Connection,
  moduleId: string,
): Promise<boolean> {
  const row = await sessions(organization, connection)
    .innerJoin('clusters as c', (join) =>
      join.onRef('c.organization_id', '=', 's.organization_id').onRef('c.id', '=', 's.cluster_id'),
    )
    .where('s.state', '=', 'open')
    .where('c.module_id', '=', moduleId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Ids of the sessions whose scheduled end has passed and that nobody has ended yet, in order of that end. */
export async function listDueSessions(
  organization: OrganizationId,
  connection: Connection,
  now: number,
): Promise<string[]> {
  const rows = await connection.kysely
    .selectFrom('sessions')
    .select('id')
    .where('organization_id', '=', organization)
    .where('state', 'in', ['scheduled', 'open'])
    .where('scheduled_end_at', '<=', now)
    .orderBy('scheduled_end_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => row.id);
}

export async function updateSession(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
  { state, currentStep, endedAt }: SessionProgress,
): Promise<void> {
  await transaction.kysely
    .updateTable('sessions')
    .set({ state, current_step: currentStep, ended_at: endedAt })
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute();
}

/** What a session's managers can change. */
export type SessionSettings = Pick<Session, 'scheduledStartAt' | 'scheduledEndAt' | 'capacity' | 'meetingLink'>;

/** Writes a session's time, seats and meeting link. */
export async function rescheduleSession(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
  { scheduledStartAt, scheduledEndAt, capacity, meetingLink }: SessionSettings,
): Promise<void> {
  await transaction.kysely
    .updateTable('sessions')
    .set({
      scheduled_start_at: scheduledStartAt,
      scheduled_end_at: scheduledEndAt,
      capacity,
      meeting_link: meetingLink,
    })
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute();
  await noteSessionDue(organization, transaction, scheduledStartAt);
}
