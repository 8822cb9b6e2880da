import { type Static, Type } from 'typebox';
import { limits } from '../limits.ts';
import { commonErrors, defineOperation } from '../operation.ts';
import { faults, refusal, success } from '../samples.ts';
import { DateTime, described, envelope, nullable, Uuid } from '../shapes.ts';
import { capacity, Schedule } from './session-shapes.ts';
import { actErrors, addErrors, changeErrors, listOf, listQuery, listRules, readErrors } from './shapes.ts';

const sample = '034c75b6-226a-4f5e-842f-f02e06821724';
const moduleSample = '269e82f6-a181-4db5-8346-d1e85c2a3165';
const params = Type.Object({ clusterId: described(Uuid, 'The cluster.', { examples: [sample] }) });

const seatsMeaning = 'Seats of each session that is scheduled from now on, unless it is given others.';

/** A cluster as its managers see it (domain: cluster). */
export const Cluster = Type.Object(
  {
    id: described(Uuid, 'The cluster: `clusterId` in the Account API.', { examples: [sample] }),
    moduleId: described(Uuid, 'The module on offer.', { examples: [moduleSample] }),
    moduleName: Type.String({ description: 'Name of the module.', examples: ['Giving feedback that lands'] }),
    selfRegistration: Type.Boolean({ description: 'Whether people can sign up by themselves.' }),
    capacity: capacity(seatsMeaning),
    signUpUrl: described(
      nullable(Type.String({ format: 'uri' })),
      'Address of the sign-up form, null without self-registration and once archived.',
      { examples: [`https://rollcall.example.com/embed/acme/${sample}`] },
    ),
    iframeCode: described(
      nullable(Type.String()),
      'Embed code of the sign-up form, ready to paste into a page; null where `signUpUrl` is.',
    ),
    sessionsUpcoming: Type.Integer({
      minimum: 0,
      description: 'Number of sessions that are neither over nor cancelled.',
      examples: [6],
    }),
    createdAt: described(DateTime, 'When the cluster was made.'),
    archivedAt: described(nullable(DateTime), 'When the cluster was archived, null while it is not.'),
  },
  { $id: 'Cluster', description: 'The offer of one module on a set of dates.' },
);
export type Cluster = Static<typeof Cluster>;

const selfRegistration = (options: object) =>
  Type.Boolean({ description: 'Whether people can sign up by themselves, with the sign-up form.', ...options });

const ClusterTemplate = Type.Object(
  {
    moduleId: described(Uuid, 'The module to offer.', { examples: [moduleSample] }),
    selfRegistration: Type.Optional(selfRegistration({ default: false })),
    capacity: Type.Optional(capacity(seatsMeaning, { default: limits.capacityDefault })),
    sessions: Type.Optional(Schedule),
  },
  { $id: 'ClusterTemplate', additionalProperties: false, description: 'What a cluster is to be.' },
);

const ClusterChange = Type.Object(
  { selfRegistration: Type.Optional(selfRegistration({})), capacity: Type.Optional(capacity(seatsMeaning)) },
  {
    $id: 'ClusterChange',
    additionalProperties: false,
    description: 'What is to change: members that are absent stay as they are.',
  },
);

const ClusterAnswer = envelope(Cluster, { $id: 'ClusterAnswer', description: 'The cluster, in the envelope.' });

export const ClusterList = listOf(Cluster, 'ClusterList', 'The clusters, in order of creation.');
export type ClusterList = Static<typeof ClusterList>;

const open: Cluster = {
  id: sample,
  moduleId: moduleSample,
  moduleName: 'Giving feedback that lands',
  selfRegistration: true,
  capacity: 10,
  signUpUrl: `https://rollcall.example.com/embed/acme/${sample}`,
  iframeCode: `<iframe src="https://rollcall.example.com/embed/acme/${sample}" width="100%" height="100%"></iframe>`,
  sessionsUpcoming: 6,
  createdAt: '2026-11-24T09:00:00Z',
  archivedAt: null,
};

const closed: Cluster = { ...open, selfRegistration: false, signUpUrl: null, iframeCode: null };
const archived: Cluster = { ...closed, sessionsUpcoming: 0, archivedAt: '2027-02-01T12:00:00Z' };

const answers = {
  open: success('With self-registration', open),
  closed: success('Without self-registration', closed),
};

/** GET /manage/v1/clusters. */
export const listClusters = defineOperation({
  id: 'listClusters',
  method: 'GET',
  path: '/manage/v1/clusters',
  scope: 'manage',
  tag: 'Clusters',
  summary: 'List clusters',
  description: `Gives the clusters in order of creation. ${listRules}`,
  query: Type.Object({
    moduleId: Type.Optional(
      described(Uuid, 'Only clusters of this module. One that does not exist gives an empty list.', {
        examples: [moduleSample],
      }),
    ),
    archived: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Only archived clusters (`true`) or only those that are not (`false`).',
        examples: [false],
      }),
    ),
    ...listQuery,
  }),
  responses: {
    200: {
      description: 'A stretch of the list.',
      content: {
        'application/json': {
          schema: ClusterList,
          examples: {
            first: success('The first stretch; there is more', { items: [open], next: 'MS5jbHVzdGVycy4xNC4xNzk1' }),
            last: success('The end of the list', { items: [], next: null }),
          },
        },
      },
    },
  },
  errors: commonErrors,
});

/** POST /manage/v1/clusters. */
export const createCluster = defineOperation({
  id: 'createCluster',
  method: 'POST',
  path: '/manage/v1/clusters',
  scope: 'manage',
  tag: 'Clusters',
  summary: 'Create a cluster',
  description:
    'Offers a module, with sessions by a list of starts or by a recurrence, or without any for now. The cluster and all its sessions are made, or nothing is. A module that does not exist is `not_found`; an archived one, or one that has no steps yet, a `conflict`.',
  body: ClusterTemplate,
  bodyDescription: 'What the cluster is to be.',
  bodyExamples: {
    recurrence: {
      summary: 'Six Tuesdays at nine in Berlin, open for sign-up',
      value: {
        moduleId: moduleSample,
        selfRegistration: true,
        capacity: 10,
        sessions: {
          recurrence: { startsAt: '2027-01-12T09:00:00', timeZone: 'Europe/Berlin', every: 'week', count: 6 },
        },
      },
    },
    list: {
      summary: 'Two starts',
      value: {
        moduleId: moduleSample,
        sessions: { startsAt: ['2027-01-14T15:00:00+01:00', '2027-01-21T15:00:00+01:00'] },
      },
    },
  },
  requestHeaders: ['Idempotency-Key'],
  responses: {
    201: {
      description: 'The cluster, made.',
      headers: ['Location', 'Idempotency-Replayed'],
      content: { 'application/json': { schema: ClusterAnswer, examples: answers } },
    },
  },
  errors: addErrors,
  errorExamples: {
    invalid_request: {
      both: faults('Both a list and a recurrence', {
        pointer: '/sessions',
        message: 'has both "startsAt" and "recurrence"; send one of them',
      }),
    },
  },
});

/** GET /manage/v1/clusters/{clusterId}. */
export const getCluster = defineOperation({
  id: 'getCluster',
  method: 'GET',
  path: '/manage/v1/clusters/{clusterId}',
  scope: 'manage',
  tag: 'Clusters',
  summary: 'Get a cluster',
  description: 'Gives a cluster, archived or not. Its sessions are listed by `GET /manage/v1/sessions?clusterId=…`.',
  params,
  responses: {
    200: {
      description: 'The cluster.',
      content: { 'application/json': { schema: ClusterAnswer, examples: answers } },
    },
  },
  errors: readErrors,
});

/** PATCH /manage/v1/clusters/{clusterId}. */
export const updateCluster = defineOperation({
  id: 'updateCluster',
  method: 'PATCH',
  path: '/manage/v1/clusters/{clusterId}',
  scope: 'manage',
  tag: 'Clusters',
  summary: 'Change a cluster',
  description:
    'Opens or closes the sign-up form, or changes the seats of sessions to be scheduled. Sessions that are scheduled already keep their seats, and people keep theirs. An archived cluster is refused with `conflict`.',
  params,
  body: ClusterChange,
  bodyDescription: 'What is to change.',
  bodyExamples: {
    close: { summary: 'Close the sign-up form', value: { selfRegistration: false } },
    seats: { summary: 'More seats in new sessions', value: { capacity: 14 } },
  },
  responses: {
    200: {
      description: 'The cluster as it is now.',
      content: { 'application/json': { schema: ClusterAnswer, examples: answers } },
    },
  },
  errors: changeErrors,
});

/** POST /manage/v1/clusters/{clusterId}/archive. */
export const archiveCluster = defineOperation({
  id: 'archiveCluster',
  method: 'POST',
  path: '/manage/v1/clusters/{clusterId}/archive',
  scope: 'manage',
  tag: 'Clusters',
  summary: 'Archive a cluster',
  description:
    'Takes a cluster off the offer for good: it leaves `GET /v1/clusters`, its sign-up form closes, nothing can be added. What has been stays, completions included. Sessions to come that nobody has a seat in are cancelled with it. Where people have seats in sessions that are not over, it is refused with `conflict`, unless `cancelSessions=true` says that these are to be cancelled too. A cluster that is archived already stays as it is.',
  params,
  query: Type.Object({
    cancelSessions: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Cancel sessions that are not over, also where people have seats in them.',
        examples: [true],
      }),
    ),
  }),
  responses: {
    200: {
      description: 'The cluster, archived.',
      content: {
        'application/json': {
          schema: ClusterAnswer,
          examples: {
            archived: success('The cluster, archived', archived),
            repeated: success('The same where it was archived before', archived),
          },
        },
      },
    },
  },
  errors: actErrors,
  errorExamples: {
    conflict: {
      seats: refusal(
        'People have seats',
        'conflict',
        'People have seats in 2 sessions that are not over. Send cancelSessions=true to cancel these too.',
        { sessionIds: ['8f14e45f-ceea-467f-a8b1-3f1c2a7be6d1', 'c9f0f895-fb98-4b91-99f5-1fd0297e236d'] },
      ),
    },
  },
});
