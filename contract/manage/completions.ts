import { type Static, Type } from 'typebox';
import { Completion } from '../completions.ts';
import { defineOperation } from '../operation.ts';
import { choice, DateTime, described, envelope, nullable, Uuid } from '../shapes.ts';
import { explainedCompletions } from './completion-samples.ts';
import { readErrors } from './shapes.ts';

const sample = '6f4922f4-5568-461a-8cdf-4ad2299f6d23';
const params = Type.Object({ completionId: described(Uuid, 'The completion.', { examples: [sample] }) });

const seconds = Type.Number({ minimum: 0, description: 'Its length in seconds, exact to the millisecond.' });

const stretchMembers = {
  from: described(DateTime, 'Its beginning.', { examples: ['2024-06-15T14:02:00Z'] }),
  to: described(DateTime, 'Its end.', { examples: ['2024-06-15T14:55:00Z'] }),
  seconds,
};

const Stretch = Type.Object(stretchMembers, { $id: 'Stretch', description: 'A stretch of time.' });

const Visit = Type.Object(
  {
    tab: Type.Integer({
      minimum: 1,
      description: 'Which of the participant’s browser tabs it was, numbered as they were first seen.',
    }),
    ...stretchMembers,
    end: choice(['left', 'lost'], {
      description:
        '`left`: the page said that it was closed or hidden. `lost`: nothing was heard from it any more, as when the network fails.',
    }),
    counted: Type.Boolean({
      description: 'Whether any of it lies within the room’s hours. What lies outside of them does not count.',
    }),
  },
  { $id: 'Visit', description: 'A stretch in which one tab showed the room, without a silence of over 45 seconds.' },
);

const Gap = Type.Object(
  {
    ...stretchMembers,
    reason: choice(['left', 'lost'], {
      description: 'How it began: `left`: by closing or hiding the room. `lost`: by a silence of over 45 seconds.',
    }),
  },
  { $id: 'Gap', description: 'A stretch between first and last visit in which the participant was not present.' },
);

const ExplainedStep = Type.Object(
  {
    number: Type.Integer({ minimum: 1, description: 'Its place in the module, from 1.' }),
    title: described(
      nullable(Type.String()),
      'What the step is called; null where the module has been changed since, so that the title may be another.',
      { examples: ['The last useful sentence'] },
    ),
    shown: Type.Array(
      Type.Object(
        {
          from: described(DateTime, 'When the group came to the step.'),
          to: described(nullable(DateTime), 'When it moved on; null for the step that it ended on.'),
        },
        { description: 'One showing.' },
      ),
      { description: 'When the group was on the step, empty where it never was.' },
    ),
    visited: Type.Boolean({ description: 'Whether it counts into `stepsVisited`.' }),
    reason: choice(['seen', 'absent', 'not_shown', 'not_in_module'], {
      description:
        '`seen`: it was shown while the participant was present. `absent`: it was shown only while the participant was not. `not_shown`: the group never came to it. `not_in_module`: the module had lost it when the record was made.',
    }),
  },
  { $id: 'ExplainedStep', description: 'A step, and whether the participant saw it.' },
);

/** All that a completion was made of (domain: Rules). */
export const ExplainedCompletion = Type.Object(
  {
    completion: Completion,
    sessionId: described(Uuid, 'The session.'),
    room: Type.Object(
      {
        opensAt: described(DateTime, 'When the room opened: 10 minutes before the scheduled start.'),
        closesAt: described(
          DateTime,
          'When the room closes or closed: 30 minutes after the scheduled end, or when the group ended the session.',
        ),
        endedByGroup: Type.Boolean({ description: 'Whether the group ended the session.' }),
      },
      { description: 'The hours within which presence counts.' },
    ),
    visits: Type.Array(Visit, { description: 'What was measured, in order: each tab by itself.' }),
    presence: Type.Array(Stretch, {
      description: 'When the participant was present: all tabs together, within the room’s hours, each moment once.',
    }),
    gaps: Type.Array(Gap, { description: 'When the participant was away in between.' }),
    steps: Type.Array(ExplainedStep, { description: 'The steps in the order of the module.' }),
    presentSeconds: Type.Number({
      minimum: 0,
      description: 'The sum of `presence`, exact to the millisecond: `timeInSessionMins` is the whole minutes of it.',
    }),
    attendedReason: choice(['present', 'never_present', 'outside_hours'], {
      description:
        'Why `attended` is what it is. `present`: seen while the room was open. `never_present`: never seen. `outside_hours`: seen, but only while the room was not open.',
    }),
    explanation: Type.Array(Type.String(), {
      description: 'The same in sentences for a person. The wording may change at any time.',
    }),
  },
  {
    $id: 'ExplainedCompletion',
    description:
      'A completion with all that it was made of. Times are shown in whole seconds and kept to the millisecond, as `seconds` are.',
  },
);
export type ExplainedCompletion = Static<typeof ExplainedCompletion>;

const ExplainedCompletionAnswer = envelope(ExplainedCompletion, {
  $id: 'ExplainedCompletionAnswer',
  description: 'The explained completion, in the envelope.',
});

/** GET /manage/v1/completions/{completionId}/explain. */
export const explainCompletion = defineOperation({
  id: 'explainCompletion',
  method: 'GET',
  path: '/manage/v1/completions/{completionId}/explain',
  scope: 'manage',
  tag: 'Completions',
  summary: 'Explain a completion',
  description:
    'Shows how a completion came about, for a participant who doubts it: when which browser tab was in the room, what of it counts, when the participant was away, when which step was shown and whether it counts. A completion that does not exist, or not yet, is `not_found`.',
  params,
  responses: {
    200: {
      description: 'The completion, explained.',
      content: { 'application/json': { schema: ExplainedCompletionAnswer, examples: explainedCompletions } },
    },
  },
  errors: readErrors,
});
