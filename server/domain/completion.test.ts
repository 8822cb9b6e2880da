import { createHash } from 'node:crypto';
import { Completion } from '@rollcall/contract/completions.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CompletionFacts, completionHash, completionJson, composeCompletion } from './completion.ts';

const minute = 60_000;
const start = Date.parse('2024-06-15T14:00:00Z');

function factsWith(changes: Partial<CompletionFacts> = {}): CompletionFacts {
  return {
    id: '7c3cf2f4-3c2f-4a44-9f0e-3d5c1c1b9a10',
    remoteUserId: 'E1001',
    clusterId: '034c75b6-226a-4f5e-842f-f02e06821724',
    module: {
      id: 'f3c1b7a2-5d4e-4b8f-9a55-0f3a1f2f4d11',
      name: 'Giving feedback that lands',
      category: 'Communication',
      thumbnailUrl: 'https://example.com/feedback.png',
      description: 'Practise feedback in a small group.',
      duration: 60,
    },
    scheduledStartAt: start,
    scheduledEndAt: start + 60 * minute,
    visit: { firstAt: start + 2 * minute, lastAt: start + 55 * minute, presentMs: 53 * minute, stepsVisited: 8 },
    totalSteps: 10,
    ...changes,
  };
}

test('the figures of the reference come out of the same facts', () => {
  expect(composeCompletion(factsWith())).toMatchObject({
    attended: true,
    duration: 60,
    sessionScheduledStartAt: '2024-06-15T14:00:00Z',
    sessionScheduledEndAt: '2024-06-15T15:00:00Z',
    participantFirstVisitedAt: '2024-06-15T14:02:00Z',
    participantLastVisitedAt: '2024-06-15T14:55:00Z',
    timeInSessionMins: 53,
    stepsVisited: 8,
    totalSteps: 10,
    percentageStepsVisited: 80,
  });
});

test('a no-show has not attended, no visit times, and zeros', () => {
  expect(composeCompletion(factsWith({ visit: null }))).toMatchObject({
    attended: false,
    participantFirstVisitedAt: null,
    participantLastVisitedAt: null,
    timeInSessionMins: 0,
    stepsVisited: 0,
    totalSteps: 10,
    percentageStepsVisited: 0,
  });
});

test('someone who looked in for less than a minute attended, for 0 minutes', () => {
  const visit = { firstAt: start, lastAt: start, presentMs: 0, stepsVisited: 0 };
  expect(composeCompletion(factsWith({ visit }))).toMatchObject({ attended: true, timeInSessionMins: 0 });
});

test('minutes are whole ones, the rest does not count', () => {
  const minutesOf = (presentMs: number) =>
    composeCompletion(factsWith({ visit: { firstAt: start, lastAt: start + presentMs, presentMs, stepsVisited: 0 } }))
      .timeInSessionMins;
  expect(minutesOf(minute - 1)).toBe(0);
  expect(minutesOf(minute)).toBe(1);
  expect(minutesOf(2 * minute - 1)).toBe(1);
});

test.each([
  [0, 0, 0],
  [0, 7, 0],
  [1, 3, 33],
  [2, 3, 67],
  [1, 8, 13],
  [1, 200, 1],
  [7, 7, 100],
])('%i of %i steps are %i percent', (visited, totalSteps, percentage) => {
  const visit = { firstAt: start, lastAt: start, presentMs: 0, stepsVisited: visited };
  expect(composeCompletion(factsWith({ visit, totalSteps })).percentageStepsVisited).toBe(percentage);
});

test('times are cut to whole seconds', () => {
  const visit = { firstAt: start + 1999, lastAt: start + 2999, presentMs: 1000, stepsVisited: 0 };
  expect(composeCompletion(factsWith({ visit }))).toMatchObject({
    participantFirstVisitedAt: '2024-06-15T14:00:01Z',
    participantLastVisitedAt: '2024-06-15T14:00:02Z',
  });
});

test('the hash of a record once given out is the hash it has for ever', () => {
  expect(composeCompletion(factsWith()).hash).toBe('518f7838512b');
});

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const nullable = (arbitrary: fc.Arbitrary<string>) => fc.option(arbitrary, { nil: null });
const anyFacts: fc.Arbitrary<CompletionFacts> = fc.record({
  id: fc.uuid(),
  remoteUserId: nullable(text),
  clusterId: fc.uuid(),
  module: fc.record({
    id: fc.uuid(),
    name: text,
    category: text,
    thumbnailUrl: nullable(fc.webUrl()),
    description: text,
    duration: fc.nat(600),
  }),
  scheduledStartAt: fc.integer({ min: start, max: start + 1000 * minute }),
  scheduledEndAt: fc.integer({ min: start, max: start + 1000 * minute }),
  visit: fc.option(
    fc.record({
      firstAt: fc.integer({ min: start, max: start + 10 * minute }),
      lastAt: fc.integer({ min: start + 10 * minute, max: start + 90 * minute }),
      presentMs: fc.nat(90 * minute),
      stepsVisited: fc.nat(5),
    }),
    { nil: null },
  ),
  totalSteps: fc.integer({ min: 5, max: 20 }),
});

test('the stored text, the record and its hash say the same, in the order of the contract', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const completion = composeCompletion(facts);
      expect(completionJson(facts)).toBe(JSON.stringify(completion));
      expect(Object.keys(completion)).toEqual(Object.keys(Completion.properties));

      const { hash, ...fields } = completion;
      const sha256 = createHash('sha256').update(JSON.stringify(fields)).digest('hex');
      expect(hash).toBe(sha256.slice(0, 12));
      expect(completionHash(fields)).toBe(hash);
    }),
  );
});

test('the hash changes exactly when another field does', () => {
  const lookAlike = anyFacts.chain((facts) =>
    fc.tuple(
      fc.constant(facts),
      fc.oneof(
        fc.constant({ ...facts, module: { ...facts.module } }),
        fc.record({ remoteUserId: nullable(text) }).map((change) => ({ ...facts, ...change })),
        fc.record({ totalSteps: fc.integer({ min: 5, max: 20 }) }).map((change) => ({ ...facts, ...change })),
        fc.nat(2000).map((late) => ({ ...facts, scheduledEndAt: facts.scheduledEndAt + late })),
        fc.nat(2 * minute).map((more) => ({
          ...facts,
          visit: facts.visit && { ...facts.visit, presentMs: facts.visit.presentMs + more },
        })),
        fc
          .constantFrom('name', 'category', 'description')
          .chain((field) => text.map((value) => ({ ...facts, module: { ...facts.module, [field]: value } }))),
        anyFacts,
      ),
    ),
  );
  fc.assert(
    fc.property(lookAlike, ([one, other]) => {
      const { hash: oneHash, ...oneFields } = composeCompletion(one);
      const { hash: otherHash, ...otherFields } = composeCompletion(other);
      expect(oneHash === otherHash).toBe(JSON.stringify(oneFields) === JSON.stringify(otherFields));
    }),
    { numRuns: 500 },
  );
});
