import { type Static, Type } from 'typebox';
import { limits } from '../limits.ts';
import { defineOperation } from '../operation.ts';
import { faults, refusal, success } from '../samples.ts';
import { choice, DateTime, described, envelope, nullable } from '../shapes.ts';
import { User } from '../users.ts';
import { changeErrors, readErrors, textRules } from './shapes.ts';

const sample = '3a6ebee080551a4e8f9a62bdc3bb3f94a0c9405f395a9dbaa8edea848c36b109';
const params = Type.Object({
  userId: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'The `id` of the user.', examples: [sample] }),
});

/** Fields of a user that can be edited by hand, and then stay as they are. */
export const stickyFieldNames = ['firstName', 'lastName', 'email', 'active'] as const;

const stickyFields = Type.Array(choice(stickyFieldNames, { description: 'Name of the field.' }), {
  description: 'Fields that were edited by hand: sync runs leave them as they are.',
});

/** A user, with how it came and what was edited by hand. */
export const ManagedUser = Type.Object(
  {
    ...User.properties,
    stickyFields,
    synced: Type.Boolean({
      description:
        'Whether a batch upsert or a sync run ever brought the user in: only then a sync run can deactivate them for being absent from a roster.',
    }),
    createdAt: described(DateTime, 'When the user was made.'),
    updatedAt: described(DateTime, 'When the user last changed.'),
  },
  { $id: 'ManagedUser', description: 'A user, with how it came and what was edited by hand.' },
);
export type ManagedUser = Static<typeof ManagedUser>;

const nameRules = `At most ${limits.nameCharactersMax} characters. ${textRules}`;

export const UserChange = Type.Object(
  {
    firstName: Type.Optional(Type.String({ description: `Given name. ${nameRules}` })),
    lastName: Type.Optional(Type.String({ description: `Family name. ${nameRules}` })),
    email: Type.Optional(
      described(nullable(Type.String()), 'Email address; null takes it from a user that has a `remoteId`.'),
    ),
    active: Type.Optional(
      Type.Boolean({ description: 'False deactivates the user, who loses the seats in sessions to come.' }),
    ),
    stickyFields: Type.Optional(
      Type.Array(choice(stickyFieldNames, { description: 'Name of the field.' }), {
        uniqueItems: true,
        description:
          'The whole new list of fields that sync runs leave alone. Without it, the fields that this request names are added to the list; an empty one lets sync runs have them all again.',
      }),
    ),
  },
  {
    $id: 'UserChange',
    additionalProperties: false,
    description: 'What is to change of a user: members that are absent stay as they are.',
  },
);
export type UserChange = Static<typeof UserChange>;

const ManagedUserAnswer = envelope(ManagedUser, {
  $id: 'ManagedUserAnswer',
  description: 'The user, in the envelope.',
});

const amelie: ManagedUser = {
  id: sample,
  firstName: 'Amélie',
  lastName: 'Laurent',
  email: 'amelie.laurent@example.com',
  active: true,
  remoteId: 'E9001',
  stickyFields: [],
  synced: true,
  createdAt: '2026-09-01T08:00:00Z',
  updatedAt: '2026-11-24T01:00:05Z',
};

const edited: ManagedUser = { ...amelie, lastName: 'Laurent-Petit', stickyFields: ['lastName'] };

/** GET /manage/v1/users/{userId}. */
export const getUser = defineOperation({
  id: 'getUser',
  method: 'GET',
  path: '/manage/v1/users/{userId}',
  scope: 'manage',
  tag: 'Users',
  summary: 'Get a user',
  description: 'Gives a user, with how it came and what was edited by hand.',
  params,
  responses: {
    200: {
      description: 'The user.',
      content: {
        'application/json': {
          schema: ManagedUserAnswer,
          examples: {
            synced: success('A user of the roster', amelie),
            edited: success('A user whose family name was edited by hand', edited),
          },
        },
      },
    },
  },
  errors: readErrors,
});

/** PATCH /manage/v1/users/{userId}. */
export const updateUser = defineOperation({
  id: 'updateUser',
  method: 'PATCH',
  path: '/manage/v1/users/{userId}',
  scope: 'manage',
  tag: 'Users',
  summary: 'Edit a user by hand',
  description:
    'Changes a user by hand. What it names stays so: from then on sync runs leave these fields as they are, and show in their plans what the roster has instead; `stickyFields` lets them go again. A batch upsert of the Account API still changes them. An email that another user has, one outside of the trusted domains, or none for a user without a `remoteId`: `conflict`.',
  params,
  body: UserChange,
  bodyExamples: {
    name: { summary: 'A name that the roster has wrong', value: { lastName: 'Laurent-Petit' } },
    leave: { summary: 'Deactivate, whatever the roster says', value: { active: false } },
    release: { summary: 'Let the roster have the fields again', value: { stickyFields: [] } },
  },
  responses: {
    200: {
      description: 'The user, changed.',
      content: {
        'application/json': {
          schema: ManagedUserAnswer,
          examples: {
            edited: success('The family name stays from now on', edited),
            released: success('The roster has all fields again', { ...edited, stickyFields: [] }),
          },
        },
      },
    },
  },
  errors: changeErrors,
  errorExamples: {
    invalid_request: {
      email: faults('No email address', {
        pointer: '/email',
        message: 'has no "@"; send an address such as name@example.com',
      }),
    },
    conflict: {
      taken: refusal(
        'The email belongs to somebody else',
        'conflict',
        'The email "yuki.tanaka@example.com" belongs to another user. Choose another, or first give that user another.',
      ),
    },
  },
});
