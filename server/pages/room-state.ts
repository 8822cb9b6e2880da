import { hash } from 'node:crypto';
import type { RoomPerson, RoomState } from '@rollcall/contract/room.ts';
import { shownName } from '../domain/initials.ts';
import { PRESENCE_GAP_MS_MAX, roomHours } from '../domain/presence.ts';
import { type RoomPhase, roomPhase } from '../domain/room.ts';
import type { Connection } from '../store/database.ts';
import { type CurrentStep, getCurrentStep, listAgenda, listMembers, listPresent, type Member } from '../store/rooms.ts';
import { getSession, type SessionWithModule } from '../store/sessions.ts';
import type { OrganizationId } from '../store/tables.ts';
import { webAddress } from './html.ts';
import { renderMarkdown } from './markdown.ts';

/** An open room as all in it see it, but for the time at which they are told. */
export type SharedState = Omit<RoomState, 'serverTime' | 'movedBy'>;

/** A session's room at a moment. */
export interface Room {
  readonly session: SessionWithModule;
  readonly phase: RoomPhase;
  /** All who have a seat, also those who are out. */
  readonly userIds: ReadonlySet<string>;
  /** By registration: those who may be in the room. */
  readonly members: ReadonlyMap<string, Member>;
  readonly state: SharedState;
}

/** Reads a session's room; null where the organization has no such session. `at` is in epoch milliseconds. */
export async function readRoom(
  organization: OrganizationId,
  connection: Connection,
  sessionId: string,
  at: number,
): Promise<Room | null> {
  const session = await getSession(organization, connection, sessionId);
  if (!session) return null;
  const step = await getCurrentStep(organization, connection, session);
  const agenda = await listAgenda(organization, connection, session.module.id);
  const seated = await listMembers(organization, connection, sessionId);
  const present = await readPresent(organization, connection, sessionId, at);
  const members = new Map(seated.filter(({ active }) => active).map((member) => [member.registrationId, member]));
  const phase = roomPhase(session, at);
  const state: SharedState = {
    phase: phase === 'running' ? 'running' : 'lobby',
    startsAt: session.scheduledStartAt,
    endsAt: session.scheduledEndAt,
    closesAt: roomHours(session).closesAt,
    meetingLink: webAddress(session.meetingLink),
    agenda: agenda.map(({ title, minutes }) => ({ title, minutes })),
    currentStep: session.currentStep,
    step: step && presentStep(step),
    people: presentPeople(members, present),
  };
  return { session, phase, userIds: new Set(seated.map(({ userId }) => userId)), members, state };
}

/** Registrations of those who are in the room at that moment. */
export function readPresent(
  organization: OrganizationId,
  connection: Connection,
  sessionId: string,
  at: number,
): Promise<Set<string>> {
  return listPresent(organization, connection, sessionId, at - PRESENCE_GAP_MS_MAX);
}

/** The members of a group as they see each other. */
export function presentPeople(members: ReadonlyMap<string, Member>, present: ReadonlySet<string>): RoomPerson[] {
  return [...members.values()].map((member) => ({
    id: personId(member.registrationId),
    ...shownName(member),
    isHere: present.has(member.registrationId),
  }));
}

function presentStep({ title, prompt, minutes, shownAt }: CurrentStep): SharedState['step'] {
  return { title, html: renderMarkdown(prompt).text, minutes, shownAt };
}

/** By what a group's pages tell its members apart; registrations and users are none of their business. */
export function personId(registrationId: string): string {
  return hash('sha256', registrationId, 'hex').slice(0, 10);
}
