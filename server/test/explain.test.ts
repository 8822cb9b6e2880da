import { randomUUID } from 'node:crypto';
import type { Completion } from '@rollcall/contract/completions.ts';
import { type ExplainedCompletion, explainCompletion } from '@rollcall/contract/manage/completions.ts';
import { allScopes } from '@rollcall/contract/scopes.ts';
import { Compile } from 'typebox/compile';
import { afterAll, expect, test } from 'vitest';
import { endSession } from '../actions/end-session.ts';
import { moveGroup } from '../actions/move-group.ts';
import { recordPresence } from '../actions/record-presence.ts';
import { addSession, contextOf, readCompletions, signUp, stay } from './support/learning.ts';
import type { Reply } from './support/request.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const MINUTE_MS = 60_000;

/** As the contract writes a moment. */
function written(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

async function explain(organization: TestOrganization, id: string): Promise<Reply> {
  const { key } = await organization.createKey({ scopes: ['manage'] });
  return server.request(`/manage/v1/completions/${id}/explain`, { key });
}

async function explained(organization: TestOrganization, id: string): Promise<ExplainedCompletion> {
  const reply = await explain(organization, id);
  if (reply.status !== 200) throw new Error(`answered ${reply.status}: ${reply.text}`);
  return reply.json<{ data: ExplainedCompletion }>().data;
}

/** A session with so many seats taken, and the context of actions at a minute of it. */
async function held(participants: number) {
  const organization = await server.createOrganization();
  const { session } = await addSession(server, organization, {
    steps: ['Arrive', 'Look back', 'Decide'].map((title) => ({ title, prompt: '', minutes: 20 })),
  });
  const registrations = await signUp(server, organization, session, participants);
  const at = (minute: number) => ({
    ...contextOf(server),
    now: () => session.scheduledStartAt + minute * MINUTE_MS,
  });
  const time = (minute: number) => written(session.scheduledStartAt + minute * MINUTE_MS);
  const end = () => server.clock.set(Math.max(server.clock.now(), session.scheduledEndAt));
  return { organization, session, registrations, at, time, end };
}

test('a completion is explained by visits, presence, gaps and steps that add up to its figures', async () => {
  const { organization, session, registrations, at, time, end } = await held(1);
  const [registration = ''] = registrations;
  const move = (minute: number, step: number) =>
    moveGroup(at(minute), organization.id, { sessionId: session.id, step });
  await move(0, 0);
  await move(33, 1);
  await move(35, 2);
  const twoTabs = stay(session, 10, 20).map((signal) => ({ ...signal, tab: 'other' }));
  const lost = stay(session, 2, 30).slice(0, -1);
  const signals = [...lost, ...twoTabs, ...stay(session, 36, 55)].toSorted((a, b) => a.at - b.at);
  await recordPresence(at(56), organization.id, registration, signals);
  end();
  const [completion] = await readCompletions(organization);
  const answer = await explained(organization, registration);
  expect(answer).toEqual({
    completion,
    sessionId: session.id,
    room: { opensAt: time(-10), closesAt: time(90), endedByGroup: false },
    visits: [
      { tab: 1, from: time(2), to: time(29.75), seconds: 27.75 * 60, end: 'lost', counted: true },
      { tab: 2, from: time(10), to: time(20), seconds: 600, end: 'left', counted: true },
      { tab: 1, from: time(36), to: time(55), seconds: 19 * 60, end: 'left', counted: true },
    ],
    presence: [
      { from: time(2), to: time(29.75), seconds: 27.75 * 60 },
      { from: time(36), to: time(55), seconds: 19 * 60 },
    ],
    gaps: [{ from: time(29.75), to: time(36), seconds: 6.25 * 60, reason: 'lost' }],
    steps: [
      { number: 1, title: 'Arrive', shown: [{ from: time(0), to: time(33) }], visited: true, reason: 'seen' },
      { number: 2, title: 'Look back', shown: [{ from: time(33), to: time(35) }], visited: false, reason: 'absent' },
      { number: 3, title: 'Decide', shown: [{ from: time(35), to: null }], visited: true, reason: 'seen' },
    ],
    presentSeconds: 46.75 * 60,
    attendedReason: 'present',
    explanation: [
      expect.stringMatching(/^Attended/),
      expect.stringContaining('46 min 45 s'),
      expect.stringContaining('6 min 15 s'),
      expect.stringContaining('2 of 3 steps (67 percent)'),
    ],
  });
  expect(completion).toMatchObject({ timeInSessionMins: 46, stepsVisited: 2, percentageStepsVisited: 67 });
});

test('an explanation is as its schema says', async () => {
  const { organization, session, registrations, at, end } = await held(2);
  await recordPresence(at(5), organization.id, registrations[0] ?? '', stay(session, 1, 5));
  end();
  const { schema } = explainCompletion.responses[200].content['application/json'];
  for (const id of registrations) {
    expect(Compile(schema).Errors((await explain(organization, id)).json())).toEqual([]);
  }
});

test('a no-show is told from when to when the room was open', async () => {
  const { organization, registrations, time, end } = await held(1);
  end();
  const answer = await explained(organization, registrations[0] ?? '');
  expect(answer).toMatchObject({ visits: [], presence: [], gaps: [], attendedReason: 'never_present' });
  expect(answer.explanation).toEqual([expect.stringContaining(`from ${time(-10)} until ${time(90)}`)]);
  expect(answer.steps.map(({ reason }) => reason)).toEqual(['not_shown', 'not_shown', 'not_shown']);
});

test('a session that its group ended counts until then', async () => {
  const { organization, session, registrations, at, time } = await held(1);
  const [registration = ''] = registrations;
  await moveGroup(at(0), organization.id, { sessionId: session.id, step: 0 });
  await recordPresence(at(20), organization.id, registration, stay(session, 0, 20).slice(0, -1));
  await endSession(at(20), organization.id, registration);
  const answer = await explained(organization, registration);
  expect(answer.room).toEqual({ opensAt: time(-10), closesAt: time(20), endedByGroup: true });
  expect(answer.completion).toMatchObject({ attended: true, timeInSessionMins: 19 });
});

test('after a late visit the explanation is that of the updated record', async () => {
  const { organization, session, registrations, at, end } = await held(1);
  const [registration = ''] = registrations;
  end();
  const before = await explained(organization, registration);
  await recordPresence(at(66), organization.id, registration, stay(session, 61, 66));
  const after = await explained(organization, registration);
  expect(after.completion.hash).not.toBe(before.completion.hash);
  expect(after).toMatchObject({ attendedReason: 'present', presentSeconds: 300, completion: { timeInSessionMins: 5 } });
});

test('a title that may be another since is left out', async () => {
  const { organization, session, registrations, end } = await held(1);
  end();
  await readCompletions(organization);
  const later = session.scheduledEndAt + MINUTE_MS;
  await server.database.transaction(null, async ({ kysely }) => {
    await kysely
      .updateTable('modules')
      .set({ updated_at: later })
      .where('organization_id', '=', organization.id)
      .execute();
  });
  const { steps } = await explained(organization, registrations[0] ?? '');
  expect(steps.map(({ title }) => title)).toEqual([null, null, null]);
});

test('what is no completion, not yet one, or another organization’s is not found', async () => {
  const { organization, registrations, end } = await held(1);
  const [registration = ''] = registrations;
  expect((await explain(organization, registration)).status).toBe(404);
  end();
  // Right after the scheduled end it is there, also before anybody has recorded it.
  expect((await explain(organization, registration)).status).toBe(200);
  const other = await server.createOrganization();
  for (const reply of [
    await explain(other, registration),
    await explain(organization, randomUUID()),
    await explain(organization, 'x'),
  ]) {
    expect([reply.status, reply.json()]).toMatchObject([404, { error: { metadata: { code: 'not_found' } } }]);
  }
});

test('a key needs the scope "manage"', async () => {
  const { organization, registrations, end } = await held(1);
  end();
  const scopes = allScopes.filter((scope) => scope !== 'manage');
  const { key } = await organization.createKey({ scopes });
  const [id = ''] = (await readCompletions(organization)).map((completion: Completion) => completion.id);
  expect(id).toBe(registrations[0]);
  expect((await server.request(`/manage/v1/completions/${id}/explain`, { key })).status).toBe(403);
});
