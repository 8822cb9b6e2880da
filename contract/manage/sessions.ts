import { Type } from 'typebox';
import { commonErrors, defineOperation } from '../operation.ts';
import { faults, refusal } from '../samples.ts';
import { choice, DateTime, described, Uuid } from '../shapes.ts';
import {
  cancelAnswers,
  changedSessions,
  scheduledSessions,
  schedules,
  sessionAnswers,
  sessionChanges,
  sessionLists,
} from './session-samples.ts';
import {
  Schedule,
  ScheduledSessions,
  SessionAnswer,
  SessionChange,
  SessionList,
  sessionStates,
} from './session-shapes.ts';
import { actErrors, addErrors, changeErrors, listQuery, listRules, readErrors } from './shapes.ts';

const sample = '8f14e45f-ceea-467f-a8b1-3f1c2a7be6d1';
const clusterSample = '034c75b6-226a-4f5e-842f-f02e06821724';
const params = Type.Object({ sessionId: described(Uuid, 'The session.', { examples: [sample] }) });

/** GET /manage/v1/sessions. */
export const listSessions = defineOperation({
  id: 'listSessions',
  method: 'GET',
  path: '/manage/v1/sessions',
  scope: 'manage',
  tag: 'Sessions',
  summary: 'List sessions',
  description: `Gives sessions in order of their start. Filters can be combined; a session is listed if all of them hold. ${listRules} A session that is moved meanwhile can be met twice or not at all.`,
  query: Type.Object({
    clusterId: Type.Optional(
      described(Uuid, 'Only sessions of this cluster. One that does not exist gives an empty list.', {
        examples: [clusterSample],
      }),
    ),
    from: Type.Optional(
      described(DateTime, 'Only sessions that start at or after this moment.', { examples: ['2027-01-01T00:00:00Z'] }),
    ),
    to: Type.Optional(
      described(DateTime, 'Only sessions that start before this moment, which must be later than `from`.', {
        examples: ['2027-02-01T00:00:00Z'],
      }),
    ),
    state: Type.Optional(
      choice(sessionStates, { description: 'Only sessions in this state.', examples: ['scheduled'] }),
    ),
    ...listQuery,
  }),
  responses: {
    200: {
      description: 'A stretch of the list.',
      content: { 'application/json': { schema: SessionList, examples: sessionLists } },
    },
  },
  errors: commonErrors,
});

/** POST /manage/v1/clusters/{clusterId}/sessions. */
export const scheduleSessions = defineOperation({
  id: 'scheduleSessions',
  method: 'POST',
  path: '/manage/v1/clusters/{clusterId}/sessions',
  scope: 'manage',
  tag: 'Sessions',
  summary: 'Schedule sessions of a cluster',
  description:
    'Adds sessions to a cluster, by a list of starts or by a recurrence: all of them or, where one is refused, none. An archived cluster is refused with `conflict`.',
  params: Type.Object({ clusterId: described(Uuid, 'The cluster.', { examples: [clusterSample] }) }),
  body: Schedule,
  bodyDescription: 'The sessions to be scheduled.',
  bodyExamples: schedules,
  requestHeaders: ['Idempotency-Key'],
  responses: {
    201: {
      description: 'The sessions, scheduled.',
      headers: ['Idempotency-Replayed'],
      content: { 'application/json': { schema: ScheduledSessions, examples: scheduledSessions } },
    },
  },
  errors: addErrors,
  errorExamples: {
    invalid_request: {
      clockChange: faults('A local time that a clock change skips', {
        pointer: '/recurrence/startsAt',
        message:
          'gives 2027-03-28T02:30:00, which does not exist in Europe/Berlin: a clock change skips it; choose another time',
      }),
      past: faults('A start that has passed', {
        pointer: '/startsAt/0',
        message: 'lies in the past; choose a moment to come',
      }),
    },
  },
});

/** GET /manage/v1/sessions/{sessionId}. */
export const getSession = defineOperation({
  id: 'getSession',
  method: 'GET',
  path: '/manage/v1/sessions/{sessionId}',
  scope: 'manage',
  tag: 'Sessions',
  summary: 'Get a session',
  description: 'Gives a session, in whatever state.',
  params,
  responses: {
    200: {
      description: 'The session.',
      content: { 'application/json': { schema: SessionAnswer, examples: sessionAnswers } },
    },
  },
  errors: readErrors,
});

/** PATCH /manage/v1/sessions/{sessionId}. */
export const updateSession = defineOperation({
  id: 'updateSession',
  method: 'PATCH',
  path: '/manage/v1/sessions/{sessionId}',
  scope: 'manage',
  tag: 'Sessions',
  summary: 'Change a session',
  description:
    'Changes what the body names. The time can be changed while the session is `scheduled` and not over, seats and meeting link until it is `ended` or `cancelled`; anything else is refused with `conflict`, and so are fewer seats than are taken. Registrations and join links stay as they are.',
  params,
  body: SessionChange,
  bodyDescription: 'What is to change.',
  bodyExamples: sessionChanges,
  responses: {
    200: {
      description: 'The session as it is now.',
      content: { 'application/json': { schema: SessionAnswer, examples: changedSessions } },
    },
  },
  errors: changeErrors,
  errorExamples: {
    conflict: {
      seats: refusal(
        'Fewer seats than are taken',
        'conflict',
        'The session has 4 seats taken: it cannot have fewer. Cancel registrations first.',
        { seatsTaken: 4 },
      ),
      state: refusal('Too late', 'conflict', 'The session has ended. It can no longer be changed.'),
    },
  },
});

/** POST /manage/v1/sessions/{sessionId}/cancel. */
export const cancelSession = defineOperation({
  id: 'cancelSession',
  method: 'POST',
  path: '/manage/v1/sessions/{sessionId}/cancel',
  scope: 'manage',
  tag: 'Sessions',
  summary: 'Cancel a session',
  description:
    'Cancels a session, and with it its registrations, which stay listed as cancelled. Join links then say so, and whoever is in the room is out at once. No completions come of it. A session that has ended is refused with `conflict`; one that is cancelled already stays as it is.',
  params,
  responses: {
    200: {
      description: 'The session, cancelled.',
      content: { 'application/json': { schema: SessionAnswer, examples: cancelAnswers } },
    },
  },
  errors: actErrors,
});
