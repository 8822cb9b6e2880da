import { type Static, Type } from 'typebox';
import { limits } from '../limits.ts';
import { commonErrors, defineOperation } from '../operation.ts';
import { faults, success } from '../samples.ts';
import { DateTime, described, envelope, nullable } from '../shapes.ts';
import { textRules } from './shapes.ts';

const domains = `Domains of email addresses, 1 to ${limits.trustedDomainsMax} of them, each by itself: a subdomain is trusted only where it is listed. Null turns the restriction off: anyone can be taken in.`;
const origins = `Sites that may frame the sign-up form, as origins: scheme and host, port where it is not the usual one. At most ${limits.embedOriginsMax}. An empty list lets any site frame it.`;

/** What a sync run may deactivate unseen. */
const SyncLimit = Type.Object(
  {
    percent: Type.Integer({
      minimum: 0,
      maximum: 100,
      description: 'So many percent of the active users whom a sync brought in.',
    }),
    people: Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: 'So many people.' }),
  },
  {
    $id: 'SyncLimit',
    additionalProperties: false,
    description:
      'How many deactivations of a sync run pass unseen: one that exceeds both needs a confirmation. 10 and 10 unless set otherwise; 0 and 0 for a confirmation of every one.',
  },
);

/** An organization and its settings (domain: organization). */
export const Organization = Type.Object(
  {
    slug: Type.String({ description: 'Short name in addresses. It never changes.', examples: ['acme'] }),
    name: Type.String({ description: 'Name for people.', examples: ['Acme Ltd'] }),
    trustedDomains: described(nullable(Type.Array(Type.String())), domains, { examples: [['acme.example']] }),
    embedOrigins: Type.Array(Type.String(), { description: origins, examples: [['https://intranet.acme.example']] }),
    accentColor: described(
      nullable(Type.String({ pattern: '^#[0-9a-f]{6}$' })),
      'Color of buttons and links on the sign-up form and in the room; null is the standard one.',
      { examples: ['#0a7f5a'] },
    ),
    syncLimit: SyncLimit,
    createdAt: described(DateTime, 'When the organization was made.'),
  },
  { $id: 'Organization', description: 'An organization and its settings.' },
);
export type Organization = Static<typeof Organization>;

/** What is to change of an organization's settings. */
export const OrganizationChange = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: limits.nameCharactersMax,
        description: `Name for people. ${textRules}`,
      }),
    ),
    trustedDomains: Type.Optional(
      described(
        nullable(Type.Array(Type.String(), { minItems: 1, maxItems: limits.trustedDomainsMax })),
        `The whole new list. ${domains} Kept in lower case and in IDNA ASCII form. Users who are there already stay.`,
      ),
    ),
    embedOrigins: Type.Optional(
      Type.Array(Type.String(), { maxItems: limits.embedOriginsMax, description: `The whole new list. ${origins}` }),
    ),
    accentColor: Type.Optional(
      described(nullable(Type.String()), '`#` and six hexadecimal digits; null is the standard color.'),
    ),
    syncLimit: Type.Optional(SyncLimit),
  },
  {
    $id: 'OrganizationChange',
    additionalProperties: false,
    description: 'What is to change: members that are absent stay as they are, a list replaces the one before.',
  },
);
export type OrganizationChange = Static<typeof OrganizationChange>;

const OrganizationAnswer = envelope(Organization, {
  $id: 'OrganizationAnswer',
  description: 'The organization, in the envelope.',
});

const acme: Organization = {
  slug: 'acme',
  name: 'Acme Ltd',
  trustedDomains: ['acme.example', 'xn--bcher-kva.example'],
  embedOrigins: ['https://intranet.acme.example'],
  accentColor: '#0a7f5a',
  syncLimit: { percent: 10, people: 10 },
  createdAt: '2026-09-01T08:00:00Z',
};

const answers = {
  restricted: success('Trusted domains, one site that may frame the form', acme),
  open: success('No restriction, the standard color', {
    ...acme,
    trustedDomains: null,
    embedOrigins: [],
    accentColor: null,
  }),
};

/** GET /manage/v1/organization. */
export const getOrganization = defineOperation({
  id: 'getOrganization',
  method: 'GET',
  path: '/manage/v1/organization',
  scope: 'manage',
  tag: 'Organization',
  summary: 'Get the organization',
  description: 'Gives the organization that the key belongs to, with its settings.',
  responses: {
    200: {
      description: 'The organization.',
      content: { 'application/json': { schema: OrganizationAnswer, examples: answers } },
    },
  },
  errors: commonErrors,
});

/** PATCH /manage/v1/organization. */
export const updateOrganization = defineOperation({
  id: 'updateOrganization',
  method: 'PATCH',
  path: '/manage/v1/organization',
  scope: 'manage',
  tag: 'Organization',
  summary: 'Change the organization’s settings',
  description:
    'Changes the settings that the body names; they hold from the next request on. Users outside newly trusted domains stay as they are, but can be neither created nor updated from then on.',
  body: OrganizationChange,
  bodyDescription: 'What is to change.',
  bodyExamples: {
    trustedDomains: {
      summary: 'Only people of two domains',
      value: { trustedDomains: ['acme.example', 'bücher.example'] },
    },
    unrestricted: {
      summary: 'Anyone; frames on any site; the standard color',
      value: { trustedDomains: null, embedOrigins: [], accentColor: null },
    },
    cautious: {
      summary: 'Sync runs stop for more than 2 % and more than 5 people',
      value: { syncLimit: { percent: 2, people: 5 } },
    },
  },
  responses: {
    200: {
      description: 'The organization as it is now.',
      content: { 'application/json': { schema: OrganizationAnswer, examples: answers } },
    },
  },
  errors: [...commonErrors, 'payload_too_large', 'unsupported_media_type', 'insufficient_storage'],
  errorExamples: {
    invalid_request: {
      origin: faults('An address with a path instead of an origin', {
        pointer: '/embedOrigins/0',
        message:
          'is not the origin of a site; write scheme and host without a path, such as https://intranet.example.com',
      }),
      color: faults('No color', {
        pointer: '/accentColor',
        message: 'is no color; write # and six hex digits, such as #0a7f5a',
      }),
    },
  },
});
