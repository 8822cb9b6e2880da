import { type Static, Type } from 'typebox';
import { commonErrors, defineOperation } from './operation.ts';
import { faults } from './samples.ts';
import { DateTime, described, nullable, Succeeded, Uuid } from './shapes.ts';

/** The offer of one module on a set of dates, members in this order (contract: Cluster; domain: cluster). */
export const Cluster = Type.Object(
  {
    clusterId: described(Uuid, 'The cluster.', { examples: ['034c75b6-226a-4f5e-842f-f02e06821724'] }),
    moduleId: described(Uuid, 'The module on offer.', { examples: ['269e82f6-a181-4db5-8346-d1e85c2a3165'] }),
    moduleName: Type.String({ description: 'Name of the module.', examples: ['Giving feedback that lands'] }),
    moduleCategory: Type.String({ description: 'Category of the module.', examples: ['Communication'] }),
    moduleThumbnailUrl: described(
      nullable(Type.String({ format: 'uri' })),
      'Absolute URL of an image for the module, null where there is none.',
      { examples: ['https://rollcall.example.com/thumbnails/giving-feedback.svg'] },
    ),
    moduleDescription: Type.String({ description: 'What the module is about, in plain text.' }),
    duration: Type.Integer({
      minimum: 0,
      description: 'How long a session of the module lasts, in minutes.',
      examples: [60],
    }),
    iframeCode: Type.Optional(
      Type.String({
        description:
          'Embed code of the cluster’s sign-up form, ready to paste into a page of yours. Present only where self-registration is enabled.',
      }),
    ),
  },
  { $id: 'Cluster', description: 'The offer of one module on a set of dates.' },
);
export type Cluster = Static<typeof Cluster>;

/** All clusters in one answer. Without an `error` member: the reference has none here (contract: List session clusters). */
export const ClusterList = Type.Object(
  {
    success: Succeeded,
    data: Type.Object(
      {
        items: Type.Array(Cluster, { description: 'The clusters, in order of creation.' }),
        total: Type.Integer({ minimum: 0, description: 'Number of `items`.' }),
      },
      { description: 'The clusters.' },
    ),
  },
  { $id: 'ClusterList', description: 'All clusters that were asked for.' },
);
export type ClusterList = Static<typeof ClusterList>;

const feedback = {
  clusterId: '034c75b6-226a-4f5e-842f-f02e06821724',
  moduleId: '269e82f6-a181-4db5-8346-d1e85c2a3165',
  moduleName: 'Giving feedback that lands',
  moduleCategory: 'Communication',
  moduleThumbnailUrl: 'https://rollcall.example.com/thumbnails/giving-feedback.svg',
  moduleDescription: 'Practise saying what you saw, what it did and what you wish for, in pairs and in the group.',
  duration: 60,
  iframeCode:
    '<iframe src="https://rollcall.example.com/embed/acme/034c75b6-226a-4f5e-842f-f02e06821724" width="100%" height="100%"></iframe>',
};

const meetings = {
  clusterId: '5b62a3de-0efd-4bad-bd10-eb7941ff8a2e',
  moduleId: '26f8dec5-73b9-4a79-8648-f0c70611608a',
  moduleName: 'Meetings that decide',
  moduleCategory: 'Collaboration',
  moduleThumbnailUrl: null,
  moduleDescription: 'Find out together what makes a meeting end with a decision, and try it on one of your own.',
  duration: 45,
};

/** GET /v1/clusters (contract: List session clusters, Clusters, Dates). */
export const listClusters = defineOperation({
  id: 'listClusters',
  method: 'GET',
  path: '/v1/clusters',
  scope: 'clusters:read',
  tag: 'Clusters',
  summary: 'List session clusters',
  description: `Gives the session clusters of the organization, all in one answer, in order of creation. Archived clusters are left out.

With \`from\` or \`to\`, only the clusters created in that span: \`from <= createdAt < to\`. Consecutive spans therefore neither overlap nor leave a gap.

A cluster with self-registration enabled carries \`iframeCode\`. It can be framed by the sites that the organization allows.`,
  query: Type.Object({
    from: Type.Optional(
      described(DateTime, 'Only clusters created at or after this moment. Without it: from the beginning.', {
        examples: ['2024-06-01T00:00:00Z'],
      }),
    ),
    to: Type.Optional(
      described(
        DateTime,
        'Only clusters created before this moment, which must be later than `from`. Without it: up to now.',
        { examples: ['2024-07-01T00:00:00Z'] },
      ),
    ),
  }),
  requestHeaders: ['If-None-Match'],
  responses: {
    200: {
      description: 'The clusters.',
      headers: ['ETag'],
      content: {
        'application/json': {
          schema: ClusterList,
          examples: {
            clusters: {
              summary: 'One cluster with self-registration, one without',
              value: { success: true, data: { items: [feedback, meetings], total: 2 } },
            },
            none: {
              summary: 'No cluster was created in this span',
              value: { success: true, data: { items: [], total: 0 } },
            },
          },
        },
      },
    },
    304: { description: 'The list is still the one that `If-None-Match` names.', headers: ['ETag'] },
  },
  errors: commonErrors,
  errorExamples: {
    invalid_request: {
      order: faults('The span ends before it begins', { parameter: 'to', message: 'must be later than "from"' }),
      date: faults('A date without a time', {
        parameter: 'from',
        message: 'has a date but no time; write for example 2024-06-01T00:00:00Z',
      }),
    },
  },
});
