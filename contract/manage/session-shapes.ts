import { type Static, Type } from 'typebox';
import { limits } from '../limits.ts';
import { choice, DateTime, described, envelope, nullable, Uuid } from '../shapes.ts';
import { listOf } from './shapes.ts';

export const sessionStates = ['scheduled', 'open', 'ended', 'cancelled'] as const;

const stateMeaning =
  '`scheduled`: to come. `open`: has begun, at its scheduled start or earlier where the group did not wait for it. `ended`: over; its completions are recorded. `cancelled`: will not be held.';

/** A number of seats. */
export const capacity = (description: string, more: object = {}) =>
  Type.Integer({
    minimum: 1,
    maximum: limits.capacityMax,
    description,
    examples: [limits.capacityDefault],
    ...more,
  });

/** A session with its seats (domain: session). */
export const Session = Type.Object(
  {
    id: described(Uuid, 'The session.', { examples: ['8f14e45f-ceea-467f-a8b1-3f1c2a7be6d1'] }),
    clusterId: described(Uuid, 'The cluster that it belongs to.'),
    moduleId: described(Uuid, 'The module that is taken.'),
    moduleName: Type.String({ description: 'Name of the module.', examples: ['Giving feedback that lands'] }),
    startsAt: described(DateTime, 'Scheduled start.', { examples: ['2027-01-14T14:00:00Z'] }),
    endsAt: described(DateTime, 'Scheduled end.', { examples: ['2027-01-14T15:00:00Z'] }),
    state: choice(sessionStates, { description: stateMeaning, examples: ['scheduled'] }),
    capacity: capacity('Number of seats.'),
    seatsTaken: Type.Integer({
      minimum: 0,
      description: 'Number of registrations that are not cancelled.',
      examples: [4],
    }),
    meetingLink: described(
      nullable(Type.String({ format: 'uri' })),
      'Video call that the room shows to its participants, null where there is none.',
      { examples: ['https://meet.example.com/feedback-14'] },
    ),
    createdAt: described(DateTime, 'When the session was scheduled.'),
  },
  { $id: 'Session', description: 'One group’s appointment.' },
);
export type Session = Static<typeof Session>;

const meetingLink = described(
  nullable(Type.String({ maxLength: limits.urlCharactersMax })),
  'URL of a video call, `https` or `http`. Null: none.',
);

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** A rule for dates that come back, in local time; judged by domain/recurrence.ts. */
export const Recurrence = Type.Object(
  {
    startsAt: Type.String({
      description:
        'The first start in local time, without an offset: `2027-01-12T09:00:00`. With `weekdays`, the first start is on the first of these days at or after this one.',
      examples: ['2027-01-12T09:00:00'],
    }),
    timeZone: Type.String({
      maxLength: 64,
      description:
        'Name of a time zone of the IANA database. All sessions start at the same local time, also across clock changes.',
      examples: ['Europe/Berlin'],
    }),
    every: choice(['day', 'week'], { description: 'Whether it comes back by days or by weeks.', examples: ['week'] }),
    interval: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 52,
        default: 1,
        description: 'Every how many days or weeks.',
        examples: [2],
      }),
    ),
    weekdays: Type.Optional(
      Type.Array(choice(weekdays, { description: 'A weekday.' }), {
        minItems: 1,
        maxItems: weekdays.length,
        uniqueItems: true,
        description:
          'With `every: "week"`: on which days of those weeks, which begin on Monday. Without it: on the weekday of `startsAt`.',
        examples: [['tuesday', 'thursday']],
      }),
    ),
    count: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.scheduleSessionsMax,
        description: `Number of sessions, 1 to ${limits.scheduleSessionsMax}. Either this or \`until\`.`,
        examples: [6],
      }),
    ),
    until: Type.Optional(
      Type.String({
        format: 'date',
        description: 'Last day on which a session may start, a local date. Either this or `count`.',
        examples: ['2027-03-31'],
      }),
    ),
  },
  {
    $id: 'Recurrence',
    additionalProperties: false,
    description:
      'Dates that come back, in local time. A local time that a clock change skips on one of the days is refused, with the day; one that a clock change gives twice is the earlier of the two.',
  },
);
export type Recurrence = Static<typeof Recurrence>;

/** Sessions to be scheduled for a cluster. */
export const Schedule = Type.Object(
  {
    startsAt: Type.Optional(
      Type.Array(described(DateTime, 'A start.', { examples: ['2027-01-14T15:00:00+01:00'] }), {
        minItems: 1,
        maxItems: limits.scheduleSessionsMax,
        description: `Starts of the sessions, to come and within ${limits.scheduleYearsMax} years, each given once. Either this or \`recurrence\`.`,
      }),
    ),
    recurrence: Type.Optional(Recurrence),
    duration: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.minutesMax,
        description: 'How long each session lasts, in minutes. Without it: as long as the module.',
        examples: [90],
      }),
    ),
    capacity: Type.Optional(
      capacity(`Seats of each session, 1 to ${limits.capacityMax}. Without it: as many as the cluster says.`),
    ),
    meetingLink: Type.Optional(meetingLink),
  },
  {
    $id: 'Schedule',
    additionalProperties: false,
    description: `Sessions to be scheduled, up to ${limits.scheduleSessionsMax} at once: by a list of starts or by a recurrence.`,
  },
);
export type Schedule = Static<typeof Schedule>;

/** What is to change of a session. */
export const SessionChange = Type.Object(
  {
    startsAt: Type.Optional(
      described(DateTime, 'Another start. Without `endsAt` the session keeps its length.', {
        examples: ['2027-01-14T16:00:00+01:00'],
      }),
    ),
    endsAt: Type.Optional(
      described(DateTime, 'Another end, after the start and at most 24 hours after it.', {
        examples: ['2027-01-14T17:30:00+01:00'],
      }),
    ),
    capacity: Type.Optional(capacity('Another number of seats, not below those that are taken.')),
    meetingLink: Type.Optional(meetingLink),
  },
  {
    $id: 'SessionChange',
    additionalProperties: false,
    description: 'What is to change: members that are absent stay as they are.',
  },
);
export type SessionChange = Static<typeof SessionChange>;

export const SessionAnswer = envelope(Session, { $id: 'SessionAnswer', description: 'The session, in the envelope.' });

export const SessionList = listOf(Session, 'SessionList', 'The sessions, in order of their start.');
export type SessionList = Static<typeof SessionList>;

export const ScheduledSessions = envelope(
  Type.Object(
    { items: Type.Array(Session, { description: 'The sessions, in order of their start.' }) },
    { description: 'What was scheduled.' },
  ),
  { $id: 'ScheduledSessions', description: 'Sessions that have been scheduled.' },
);
