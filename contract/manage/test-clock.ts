import { Type } from 'typebox';
import { commonErrors, defineOperation } from '../operation.ts';
import { refusal, success } from '../samples.ts';
import { DateTime, described, envelope } from '../shapes.ts';

/** The clock that a test organization goes by (domain: organization). */
const TestClock = Type.Object(
  {
    now: described(DateTime, 'What time it is for the organization.', { examples: ['2027-01-14T14:00:00Z'] }),
    isSet: Type.Boolean({
      description: 'True once the clock has been set: it then stands still. Before that it goes as the server’s does.',
    }),
  },
  { $id: 'TestClock', description: 'The clock of a test organization.' },
);

const TestClockSetting = Type.Object(
  {
    now: described(DateTime, 'What time it is to be: not before the present one. Fractions of a second are cut off.', {
      examples: ['2027-01-14T15:00:00Z'],
    }),
  },
  { $id: 'TestClockSetting', additionalProperties: false, description: 'Where to put the clock.' },
);

const TestClockAnswer = envelope(TestClock, { $id: 'TestClockAnswer', description: 'The clock, in the envelope.' });

const notForTests = refusal(
  'An organization that goes by the server’s clock',
  'forbidden',
  'Only a test organization has a clock of its own. Make one with "rollcall org create SLUG --name NAME --test".',
);

const whose =
  'Only an organization that was made for tests (`rollcall org create … --test`) has a clock; for any other, both operations are `forbidden`.';

/** GET /manage/v1/test-clock. */
export const getTestClock = defineOperation({
  id: 'getTestClock',
  method: 'GET',
  path: '/manage/v1/test-clock',
  scope: 'manage',
  tag: 'Test clock',
  summary: 'Get the test clock',
  description: `Says what time it is for a test organization. ${whose}`,
  responses: {
    200: {
      description: 'The clock.',
      content: {
        'application/json': {
          schema: TestClockAnswer,
          examples: {
            set: success('A clock that stands still', { now: '2027-01-14T14:00:00Z', isSet: true }),
            unset: success('A clock that was never set', { now: '2026-11-24T09:12:07Z', isSet: false }),
          },
        },
      },
    },
  },
  errors: commonErrors,
  errorExamples: { forbidden: { notForTests } },
});

/** PUT /manage/v1/test-clock. */
export const setTestClock = defineOperation({
  id: 'setTestClock',
  method: 'PUT',
  path: '/manage/v1/test-clock',
  scope: 'manage',
  tag: 'Test clock',
  summary: 'Set the test clock',
  description: `Puts the clock of a test organization to a moment, where it stands still until it is set again, so that a test can hold a session of an hour in no time. Forms, rooms, presence, session ends and completions go by it; expiry of API keys, limits, idempotency and logs go by the server’s clock as ever.

What is due by then is done before the answer comes: sessions have begun or ended, their completions can be read. The clock never goes back; the same moment again changes nothing. ${whose}`,
  body: TestClockSetting,
  bodyDescription: 'Where to put the clock.',
  bodyExamples: {
    end: { summary: 'To the end of a session', value: { now: '2027-01-14T15:00:00Z' } },
    local: { summary: 'The same moment in Berlin', value: { now: '2027-01-14T16:00:00+01:00' } },
  },
  responses: {
    200: {
      description: 'The clock as it stands now.',
      content: {
        'application/json': {
          schema: TestClockAnswer,
          examples: {
            set: success('The clock, set', { now: '2027-01-14T15:00:00Z', isSet: true }),
            repeated: success('The same where it stood there before', { now: '2027-01-14T15:00:00Z', isSet: true }),
          },
        },
      },
    },
  },
  errors: [...commonErrors, 'conflict', 'payload_too_large', 'unsupported_media_type', 'insufficient_storage'],
  errorExamples: {
    forbidden: { notForTests },
    conflict: {
      back: refusal(
        'Back in time',
        'conflict',
        'The clock stands at 2027-01-14T15:00:00Z already, and it never goes back.',
        { now: '2027-01-14T15:00:00Z' },
      ),
    },
  },
});
