import type { Completion } from '@rollcall/contract/completions.ts';
import type { ActionContext } from '../../actions/context.ts';
import { createCluster } from '../../actions/create-cluster.ts';
import { createModule, type ModuleTemplate } from '../../actions/create-module.ts';
import { registerUser } from '../../actions/register-user.ts';
import { scheduleSession } from '../../actions/schedule-session.ts';
import type { PresenceSignal } from '../../domain/presence.ts';
import type { Module } from '../../store/modules.ts';
import type { NewSession } from '../../store/sessions.ts';
import type { TestOrganization, TestServer } from './test-server.ts';
import { createUsers } from './users.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** What actions work with, on the test's clock. */
export function contextOf({ database, clock }: TestServer): ActionContext {
  return { database, now: clock.now };
}

/** A session of a module of its own that begins in an hour, by the actions that make one. */
export async function addSession(
  server: TestServer,
  organization: TestOrganization,
  { capacity = 6, ...template }: Partial<ModuleTemplate> & { readonly capacity?: number } = {},
): Promise<{ module: Module; session: NewSession }> {
  const context = contextOf(server);
  const module = await createModule(context, organization.id, {
    name: 'Meetings that decide',
    category: 'Collaboration',
    description: 'Find out together what makes a meeting end with a decision.',
    thumbnailUrl: null,
    durationMinutes: 60,
    steps: Array.from({ length: 10 }, (_, index) => ({ title: `Step ${index + 1}`, prompt: 'Talk.', minutes: 6 })),
    ...template,
  });
  const cluster = await createCluster(context, organization.id, { moduleId: module.id, selfRegistration: true });
  const scheduledStartAt = server.clock.now() + 60 * MINUTE_MS;
  const session = await scheduleSession(context, organization.id, {
    clusterId: cluster.id,
    scheduledStartAt,
    capacity,
  });
  return { module, session };
}

/** As many new users with a seat in the session; answers the ids of their registrations. */
export async function signUp(
  server: TestServer,
  organization: TestOrganization,
  { id: sessionId }: NewSession,
  count: number,
): Promise<string[]> {
  const registrations: string[] = [];
  for (const { id: userId } of await createUsers(organization, count)) {
    registrations.push((await registerUser(contextOf(server), organization.id, { sessionId, userId })).id);
  }
  return registrations;
}

/** The signals of one tab that is open from one minute of the session to another, and then closed. */
export function stay({ scheduledStartAt }: NewSession, fromMinute: number, toMinute: number): PresenceSignal[] {
  const to = scheduledStartAt + toMinute * MINUTE_MS;
  const signals: PresenceSignal[] = [];
  for (let at = scheduledStartAt + fromMinute * MINUTE_MS; at < to; at += 15 * SECOND_MS) {
    signals.push({ tab: 'tab', at, leaving: false });
  }
  return [...signals, { tab: 'tab', at: to, leaving: true }];
}

/** The completions that a key reads. */
export async function readCompletions({ get }: TestOrganization): Promise<Completion[]> {
  return (await get('/v1/completions')).json<Completion[]>();
}
