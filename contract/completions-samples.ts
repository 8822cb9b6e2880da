import type { Examples } from './operation.ts';

const module = {
  clusterId: '034c75b6-226a-4f5e-842f-f02e06821724',
  moduleId: '269e82f6-a181-4db5-8346-d1e85c2a3165',
  moduleName: 'Giving feedback that lands',
  moduleCategory: 'Communication',
  moduleThumbnailUrl: 'https://rollcall.example.com/thumbnails/giving-feedback.svg',
  moduleDescription: 'Practise saying what you saw, what it did and what you wish for, in pairs and in the group.',
  duration: 60,
};

const session = {
  sessionScheduledStartAt: '2024-06-15T14:00:00Z',
  sessionScheduledEndAt: '2024-06-15T15:00:00Z',
};

/** The figures of the reference's sample: 14:02 to 14:55 is 53 minutes, 8 of 10 steps are 80 percent. */
const present = {
  id: '26b8dec5-73b9-4a79-8648-f0c70611608a',
  remoteUserId: 'E1001',
  ...module,
  attended: true,
  ...session,
  participantFirstVisitedAt: '2024-06-15T14:02:00Z',
  participantLastVisitedAt: '2024-06-15T14:55:00Z',
  timeInSessionMins: 53,
  stepsVisited: 8,
  totalSteps: 10,
  percentageStepsVisited: 80,
  hash: '7a3ab3abac04',
};

const absent = {
  id: '7560928c-5cb5-474e-be65-07a7cef3249f',
  remoteUserId: null,
  ...module,
  attended: false,
  ...session,
  participantFirstVisitedAt: null,
  participantLastVisitedAt: null,
  timeInSessionMins: 0,
  stepsVisited: 0,
  totalSteps: 10,
  percentageStepsVisited: 0,
  hash: 'b2a0a9db4fb9',
};

export const completionSamples: Examples = {
  attended: { summary: 'Someone who came at 14:02 and left at 14:55', value: [present] },
  noShow: { summary: 'Someone who never came and has no remoteId', value: [absent] },
  nothingNew: { summary: 'Nothing new since the cursor', value: [] },
};

export const ndjsonSample = `${JSON.stringify(present)}\n${JSON.stringify(absent)}\n`;

export const csvSample = [Object.keys(present), Object.values(present), Object.values(absent)]
  .map((cells) => `${cells.map(csvCell).join(',')}\r\n`)
  .join('');

/** RFC 4180, section 2: quotes only where a cell needs them. None of the samples needs a formula disarmed. */
function csvCell(value: unknown): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
