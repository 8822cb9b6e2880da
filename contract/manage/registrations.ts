import { type Static, Type } from 'typebox';
import { defineOperation } from '../operation.ts';
import { faults, refusal, success } from '../samples.ts';
import { DateTime, described, envelope, nullable, Uuid } from '../shapes.ts';
import { User, UserRef } from '../users.ts';
import { actErrors, addErrors, listOf, listQuery, listRules, readErrors } from './shapes.ts';

const sample = '6f4922f4-5568-461a-8cdf-4ad2299f6d23';
const sessionSample = '8f14e45f-ceea-467f-a8b1-3f1c2a7be6d1';
const params = Type.Object({ registrationId: described(Uuid, 'The registration.', { examples: [sample] }) });
const sessionParams = Type.Object({ sessionId: described(Uuid, 'The session.', { examples: [sessionSample] }) });

/** A seat, with who has it (domain: registration). */
export const Registration = Type.Object(
  {
    id: described(Uuid, 'The registration. Its completion will have the same id.', { examples: [sample] }),
    sessionId: described(Uuid, 'The session.', { examples: [sessionSample] }),
    user: User,
    joinUrl: described(
      nullable(Type.String({ format: 'uri' })),
      'The join link: whoever has it can enter the room in this user’s name, so hand it to nobody else. Null once the registration is cancelled.',
      { examples: ['https://rollcall.example.com/join/e.mZ1q5uBfC0yXw8T2kLr7sWgEoAbc'] },
    ),
    createdAt: described(DateTime, 'When the seat was taken.'),
    consentedAt: described(
      nullable(DateTime),
      'When the person agreed to the consent line of the sign-up form; null where somebody else registered them.',
    ),
    cancelledAt: described(nullable(DateTime), 'When the registration was cancelled, null while it is not.'),
  },
  { $id: 'Registration', description: 'A user’s seat in a session.' },
);
export type Registration = Static<typeof Registration>;

const RegistrationAnswer = envelope(Registration, {
  $id: 'RegistrationAnswer',
  description: 'The registration, in the envelope.',
});

export const RegistrationList = listOf(
  Registration,
  'RegistrationList',
  'The registrations, cancelled ones too, in the order in which the seats were taken.',
);
export type RegistrationList = Static<typeof RegistrationList>;

const amelie: Registration = {
  id: sample,
  sessionId: sessionSample,
  user: {
    id: '3a6ebee080551a4e8f9a62bdc3bb3f94a0c9405f395a9dbaa8edea848c36b109',
    firstName: 'Amélie',
    lastName: 'Laurent',
    email: 'amelie.laurent@example.com',
    active: true,
    remoteId: 'E1001',
  },
  joinUrl: 'https://rollcall.example.com/join/e.mZ1q5uBfC0yXw8T2kLr7sWgEoAbc',
  createdAt: '2026-12-01T10:15:00Z',
  consentedAt: null,
  cancelledAt: null,
};

const cancelled: Registration = { ...amelie, joinUrl: null, cancelledAt: '2026-12-20T08:00:00Z' };

const answers = {
  live: success('A seat', amelie),
  cancelled: success('A cancelled registration', cancelled),
};

/** GET /manage/v1/sessions/{sessionId}/registrations. */
export const listRegistrations = defineOperation({
  id: 'listRegistrations',
  method: 'GET',
  path: '/manage/v1/sessions/{sessionId}/registrations',
  scope: 'manage',
  tag: 'Registrations',
  summary: 'List the registrations of a session',
  description: `Gives the registrations of a session in the order in which the seats were taken. ${listRules}`,
  params: sessionParams,
  query: Type.Object({
    cancelled: Type.Optional(
      Type.Boolean({
        description: 'Only cancelled registrations (`true`) or only those that are not (`false`). Without it: all.',
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
          schema: RegistrationList,
          examples: {
            first: success('The first stretch; there is more', {
              items: [amelie],
              next: 'MS5yZWdpc3RyYXRpb25zLjE0',
            }),
            last: success('The end of the list', { items: [cancelled], next: null }),
          },
        },
      },
    },
  },
  errors: readErrors,
});

/** POST /manage/v1/sessions/{sessionId}/registrations. */
export const createRegistration = defineOperation({
  id: 'createRegistration',
  method: 'POST',
  path: '/manage/v1/sessions/{sessionId}/registrations',
  scope: 'manage',
  tag: 'Registrations',
  summary: 'Register a user for a session',
  description:
    'Gives a user that exists a seat in a session, also where self-registration is off. Someone who has a seat already keeps it: the answer is then 200 with that registration. Session or user unknown: `not_found`. No seat left, session over or cancelled, user deactivated, or members that name different users: `conflict`.',
  params: sessionParams,
  body: UserRef,
  bodyDescription: 'Names the user by at least one of `id`, `remoteId` and `email`.',
  bodyExamples: {
    remoteId: { summary: 'By your own id', value: { remoteId: 'E1001' } },
    email: { summary: 'By email address', value: { email: 'amelie.laurent@example.com' } },
  },
  requestHeaders: ['Idempotency-Key'],
  responses: {
    200: {
      description: 'The user has this seat already.',
      headers: ['Idempotency-Replayed'],
      content: {
        'application/json': {
          schema: RegistrationAnswer,
          examples: {
            known: success('The seat from before', amelie),
            own: success('The seat that somebody took by the sign-up form', {
              ...amelie,
              consentedAt: amelie.createdAt,
            }),
          },
        },
      },
    },
    201: {
      description: 'The seat, taken.',
      headers: ['Location', 'Idempotency-Replayed'],
      content: {
        'application/json': {
          schema: RegistrationAnswer,
          examples: {
            live: answers.live,
            unnamed: success('A seat of someone of whom only the id is known', {
              ...amelie,
              user: { ...amelie.user, firstName: '', lastName: '', email: null },
            }),
          },
        },
      },
    },
  },
  errors: addErrors,
  errorExamples: {
    invalid_request: {
      email: faults('No email address', {
        pointer: '',
        message: 'email "amelie.laurent" has no "@"; send an address such as name@example.com.',
      }),
    },
    conflict: {
      full: refusal('No seat left', 'conflict', 'No seat is left in this session. Choose another.'),
      over: refusal('Too late', 'conflict', 'The session is over. Choose one to come.'),
    },
  },
});

/** GET /manage/v1/registrations/{registrationId}. */
export const getRegistration = defineOperation({
  id: 'getRegistration',
  method: 'GET',
  path: '/manage/v1/registrations/{registrationId}',
  scope: 'manage',
  tag: 'Registrations',
  summary: 'Get a registration',
  description: 'Gives a registration, cancelled or not.',
  params,
  responses: {
    200: {
      description: 'The registration.',
      content: { 'application/json': { schema: RegistrationAnswer, examples: answers } },
    },
  },
  errors: readErrors,
});

/** POST /manage/v1/registrations/{registrationId}/cancel. */
export const cancelRegistration = defineOperation({
  id: 'cancelRegistration',
  method: 'POST',
  path: '/manage/v1/registrations/{registrationId}/cancel',
  scope: 'manage',
  tag: 'Registrations',
  summary: 'Cancel a registration',
  description:
    'Frees the seat: the join link ends, and whoever used it is out of the room at once. The registration stays listed as cancelled. Once the session has ended it is refused with `conflict`: what came of it is recorded. A registration that is cancelled already stays as it is.',
  params,
  responses: {
    200: {
      description: 'The registration, cancelled.',
      content: {
        'application/json': {
          schema: RegistrationAnswer,
          examples: {
            cancelled: success('The registration, cancelled', cancelled),
            repeated: success('The same where it was cancelled before', cancelled),
          },
        },
      },
    },
  },
  errors: actErrors,
});
