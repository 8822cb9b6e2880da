import type { Examples } from '../operation.ts';
import { success } from '../samples.ts';

const record = {
  id: '6f4922f4-5568-461a-8cdf-4ad2299f6d23',
  remoteUserId: 'E1001',
  clusterId: '034c75b6-226a-4f5e-842f-f02e06821724',
  moduleId: '269e82f6-a181-4db5-8346-d1e85c2a3165',
  moduleName: 'Giving feedback that lands',
  moduleCategory: 'Communication',
  moduleThumbnailUrl: null,
  moduleDescription: 'Practise saying what you saw.',
  duration: 60,
  attended: true,
  sessionScheduledStartAt: '2024-06-15T14:00:00Z',
  sessionScheduledEndAt: '2024-06-15T15:00:00Z',
  participantFirstVisitedAt: '2024-06-15T14:02:00Z',
  participantLastVisitedAt: '2024-06-15T14:55:00Z',
  timeInSessionMins: 47,
  stepsVisited: 2,
  totalSteps: 3,
  percentageStepsVisited: 67,
  hash: '8222826e97f3',
};

const session = {
  sessionId: '8f14e45f-ceea-467f-a8b1-3f1c2a7be6d1',
  room: { opensAt: '2024-06-15T13:50:00Z', closesAt: '2024-06-15T15:30:00Z', endedByGroup: false },
};

const at = (time: string) => `2024-06-15T${time}Z`;
const stretch = (from: string, to: string, seconds: number) => ({ from: at(from), to: at(to), seconds });

const steps = [
  { number: 1, title: 'The last useful sentence', shown: [{ from: at('14:00:10'), to: at('14:31:00') }] },
  { number: 2, title: 'What I saw', shown: [{ from: at('14:31:00'), to: at('14:35:30') }] },
  { number: 3, title: 'What I wish for', shown: [{ from: at('14:35:30'), to: null }] },
];

const present = {
  completion: record,
  ...session,
  visits: [
    { tab: 1, ...stretch('14:02:00', '14:30:00', 1_680), end: 'lost', counted: true },
    { tab: 2, ...stretch('14:10:00', '14:20:00', 600), end: 'left', counted: true },
    { tab: 1, ...stretch('14:36:00', '14:55:00', 1_140), end: 'left', counted: true },
  ],
  presence: [stretch('14:02:00', '14:30:00', 1_680), stretch('14:36:00', '14:55:00', 1_140)],
  gaps: [{ ...stretch('14:30:00', '14:36:00', 360), reason: 'lost' }],
  steps: steps.map((step) =>
    step.number === 2 ? { ...step, visited: false, reason: 'absent' } : { ...step, visited: true, reason: 'seen' },
  ),
  presentSeconds: 2_820,
  attendedReason: 'present',
  explanation: [
    'Attended: was seen in the room, first at 2024-06-15T14:02:00Z and last at 2024-06-15T14:55:00Z.',
    'Was present for 47 min 0 s in 2 stretches, of which whole minutes count: 47.',
    'Was away for 6 min 0 s from 2024-06-15T14:30:00Z on: nothing was heard from the room page any more.',
    'Saw 2 of 3 steps (67 percent): those that were shown at a moment of presence.',
  ],
};

const absent = {
  completion: {
    ...record,
    id: '7560928c-5cb5-474e-be65-07a7cef3249f',
    remoteUserId: null,
    attended: false,
    participantFirstVisitedAt: null,
    participantLastVisitedAt: null,
    timeInSessionMins: 0,
    stepsVisited: 0,
    percentageStepsVisited: 0,
    hash: '66e2d6065f0d',
  },
  ...session,
  visits: [],
  presence: [],
  gaps: [],
  steps: steps.map((step) => ({ ...step, visited: false, reason: 'absent' })),
  presentSeconds: 0,
  attendedReason: 'never_present',
  explanation: [
    'Did not attend: was never seen in the room, which was open from 2024-06-15T13:50:00Z until 2024-06-15T15:30:00Z.',
  ],
};

export const explainedCompletions: Examples = {
  present: success('Someone who used two tabs and lost the network for six minutes', present),
  absent: success('Someone who never came', absent),
};
