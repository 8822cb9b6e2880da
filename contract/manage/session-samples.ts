import type { Examples } from '../operation.ts';
import { success } from '../samples.ts';
import type { Session } from './session-shapes.ts';

const session: Session = {
  id: '8f14e45f-ceea-467f-a8b1-3f1c2a7be6d1',
  clusterId: '034c75b6-226a-4f5e-842f-f02e06821724',
  moduleId: '269e82f6-a181-4db5-8346-d1e85c2a3165',
  moduleName: 'Giving feedback that lands',
  startsAt: '2027-01-14T14:00:00Z',
  endsAt: '2027-01-14T15:00:00Z',
  state: 'scheduled',
  capacity: 10,
  seatsTaken: 4,
  meetingLink: 'https://meet.example.com/feedback-14',
  createdAt: '2026-11-24T09:00:00Z',
};

const empty: Session = {
  ...session,
  id: 'c9f0f895-fb98-4b91-99f5-1fd0297e236d',
  startsAt: '2027-01-21T14:00:00Z',
  endsAt: '2027-01-21T15:00:00Z',
  seatsTaken: 0,
  meetingLink: null,
};

const cancelled: Session = { ...session, state: 'cancelled', seatsTaken: 0 };

export const sessionAnswers: Examples = {
  scheduled: success('A session to come', session),
  cancelled: success('A cancelled session', cancelled),
};

export const changedSessions: Examples = {
  moved: success('Two hours later', { ...session, startsAt: '2027-01-14T16:00:00Z', endsAt: '2027-01-14T17:00:00Z' }),
  link: success('Without a meeting link', { ...session, meetingLink: null }),
};

export const cancelAnswers: Examples = {
  cancelled: success('The session, cancelled; its seats are free', cancelled),
  repeated: success('The same where it was cancelled before', cancelled),
};

export const sessionLists: Examples = {
  first: success('The first stretch; there is more', {
    items: [session, empty],
    next: 'MS5zZXNzaW9ucy4xNC4xNzk1',
  }),
  last: success('The end of the list', { items: [], next: null }),
};

export const scheduledSessions: Examples = {
  two: success('Two sessions', { items: [{ ...session, seatsTaken: 0, meetingLink: null }, empty] }),
  one: success('One session', { items: [empty] }),
};

export const schedules: Examples = {
  list: {
    summary: 'By a list of starts',
    value: { startsAt: ['2027-01-14T15:00:00+01:00', '2027-01-21T15:00:00+01:00'], capacity: 8 },
  },
  recurrence: {
    summary: 'Every second Tuesday and Thursday at nine in Berlin, six times',
    value: {
      recurrence: {
        startsAt: '2027-01-12T09:00:00',
        timeZone: 'Europe/Berlin',
        every: 'week',
        interval: 2,
        weekdays: ['tuesday', 'thursday'],
        count: 6,
      },
      meetingLink: 'https://meet.example.com/feedback',
    },
  },
  workdays: {
    summary: 'Daily until a date',
    value: {
      recurrence: { startsAt: '2027-02-01T16:30:00', timeZone: 'America/New_York', every: 'day', until: '2027-02-05' },
      duration: 30,
    },
  },
};

export const sessionChanges: Examples = {
  move: { summary: 'Two hours later, as long as before', value: { startsAt: '2027-01-14T17:00:00+01:00' } },
  seats: { summary: 'More seats, no meeting link', value: { capacity: 14, meetingLink: null } },
};
