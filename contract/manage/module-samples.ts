import type { Examples } from '../operation.ts';
import { success } from '../samples.ts';
import type { Module, ModuleSummary } from './module-shapes.ts';

const feedback: Module = {
  id: '269e82f6-a181-4db5-8346-d1e85c2a3165',
  name: 'Giving feedback that lands',
  category: 'Communication',
  description: 'Practise saying what you saw, what it did and what you wish for, in pairs and in the group.',
  thumbnailUrl: 'https://rollcall.example.com/thumbnails/giving-feedback.svg',
  duration: 60,
  totalSteps: 2,
  createdAt: '2026-09-01T08:00:00Z',
  updatedAt: '2026-09-03T15:20:00Z',
  archivedAt: null,
  steps: [
    { title: 'The last useful sentence', minutes: 5, prompt: 'A round: **which sentence** has helped you lately?' },
    { title: 'What I saw', minutes: 7, prompt: 'In pairs:\n\n1. Say what you saw.\n2. Say what it did.' },
  ],
};

const meetings: Module = {
  id: '26f8dec5-73b9-4a79-8648-f0c70611608a',
  name: 'Meetings that decide',
  category: 'Collaboration',
  description: '',
  thumbnailUrl: null,
  duration: 45,
  totalSteps: 0,
  createdAt: '2026-09-02T09:30:00Z',
  updatedAt: '2026-11-20T10:00:00Z',
  archivedAt: '2026-11-20T10:00:00Z',
  steps: [],
};

function summaryOf({ steps: _steps, ...summary }: Module): ModuleSummary {
  return summary;
}

export const moduleAnswers: Examples = {
  module: success('A module with its steps', feedback),
  archived: success('An archived module, without steps', meetings),
};

export const archiveAnswers: Examples = {
  archived: success('The module, archived', meetings),
  repeated: success('The same where it was archived before', meetings),
};

export const moduleLists: Examples = {
  first: success('The first stretch; there is more', {
    items: [summaryOf(feedback)],
    next: 'MS5tb2R1bGVzLjE0LjE3OTU1',
  }),
  last: success('The end of the list', { items: [], next: null }),
};

export const moduleTemplates: Examples = {
  whole: {
    summary: 'A module with two steps',
    value: {
      name: feedback.name,
      category: feedback.category,
      description: feedback.description,
      thumbnailUrl: '/thumbnails/giving-feedback.svg',
      duration: 60,
      steps: feedback.steps,
    },
  },
  least: { summary: 'The least there can be', value: { name: 'Meetings that decide', duration: 45 } },
};

export const moduleChanges: Examples = {
  rename: { summary: 'Another name', value: { name: 'Feedback that lands' } },
  steps: {
    summary: 'Other steps, no picture',
    value: { thumbnailUrl: null, steps: [{ title: 'The last useful sentence', minutes: 8 }] },
  },
};

const yaml = `name: Giving feedback that lands
category: Communication
duration: 60
thumbnail: https://rollcall.example.com/thumbnails/giving-feedback.svg
description: Practise saying what you saw, what it did and what you wish for, in pairs and in the group.
steps:
  - title: The last useful sentence
    minutes: 5
    prompt: "A round: **which sentence** has helped you lately?"
  - title: What I saw
    minutes: 7
    prompt: |-
      In pairs:

      1. Say what you saw.
      2. Say what it did.
`;

const markdown = `---
name: Giving feedback that lands
category: Communication
duration: 60
thumbnail: https://rollcall.example.com/thumbnails/giving-feedback.svg
description: Practise saying what you saw, what it did and what you wish for, in pairs and in the group.
---

## The last useful sentence (5 min)

A round: **which sentence** has helped you lately?

## What I saw (7 min)

In pairs:

1. Say what you saw.
2. Say what it did.
`;

export const yamlFiles = {
  whole: { summary: 'A module with two steps', value: yaml },
  least: { summary: 'The least there can be', value: 'name: Meetings that decide\nduration: 45\n' },
} as const;

export const markdownFiles = {
  whole: { summary: 'A module with two steps', value: markdown },
  least: { summary: 'The least there can be', value: '---\nname: Meetings that decide\nduration: 45\n---\n' },
} as const;
