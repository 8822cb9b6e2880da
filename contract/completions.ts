import { type Static, Type } from 'typebox';
import { completionSamples, csvSample, ndjsonSample } from './completions-samples.ts';
import { commonErrors, defineOperation } from './operation.ts';
import { faults } from './samples.ts';
import { DateTime, described, nullable, Uuid } from './shapes.ts';

/** What came of one registration once the session is over, members in this order (contract: Completion, Completions). */
export const Completion = Type.Object(
  {
    id: described(Uuid, 'The record. It stays the same when the record is updated.'),
    remoteUserId: described(
      nullable(Type.String()),
      'The `remoteId` that the participant had when the record was made; null for someone without one.',
      { examples: ['E1001'] },
    ),
    clusterId: described(Uuid, 'The cluster that the session belongs to.'),
    moduleId: described(Uuid, 'The module that was taken.'),
    moduleName: Type.String({
      description: 'Name of the module at that time.',
      examples: ['Giving feedback that lands'],
    }),
    moduleCategory: Type.String({ description: 'Category of the module at that time.', examples: ['Communication'] }),
    moduleThumbnailUrl: described(
      nullable(Type.String({ format: 'uri' })),
      'Absolute URL of an image for the module at that time, null where there was none.',
    ),
    moduleDescription: Type.String({ description: 'What the module was about at that time, in plain text.' }),
    duration: Type.Integer({ minimum: 0, description: 'How long the module takes, in minutes.', examples: [60] }),
    attended: Type.Boolean({
      description:
        'True where the participant was in the room at any time from 10 minutes before the scheduled start until it closed.',
    }),
    sessionScheduledStartAt: described(DateTime, 'Scheduled start of the session.', {
      examples: ['2024-06-15T14:00:00Z'],
    }),
    sessionScheduledEndAt: described(DateTime, 'Scheduled end of the session.', { examples: ['2024-06-15T15:00:00Z'] }),
    participantFirstVisitedAt: described(
      nullable(DateTime),
      'When the participant was first seen in the room; null for a no-show.',
      { examples: ['2024-06-15T14:02:00Z'] },
    ),
    participantLastVisitedAt: described(
      nullable(DateTime),
      'When the participant was last seen in the room; null for a no-show.',
      { examples: ['2024-06-15T14:55:00Z'] },
    ),
    timeInSessionMins: Type.Integer({
      minimum: 0,
      description:
        'Whole minutes of measured presence between first and last visit, rounded down. Time away from the room does not count; two open tabs count once.',
      examples: [53],
    }),
    stepsVisited: Type.Integer({
      minimum: 0,
      description: 'Number of steps of the module that were shown while the participant was present.',
      examples: [8],
    }),
    totalSteps: Type.Integer({ minimum: 0, description: 'Number of steps of the module.', examples: [10] }),
    percentageStepsVisited: Type.Integer({
      minimum: 0,
      maximum: 100,
      description: '`stepsVisited` of `totalSteps`, in percent, rounded; 0 where the module has no steps.',
      examples: [80],
    }),
    hash: Type.String({
      pattern: '^[0-9a-f]{12}$',
      description:
        'Fingerprint of all other members: 12 hexadecimal digits that change exactly when one of them does. Compare it with the one you stored; do not compute it yourself.',
    }),
  },
  { $id: 'Completion', description: 'What came of one registration once the session is over.' },
);
export type Completion = Static<typeof Completion>;

/** A bare array, without an envelope (contract: List completions). */
export const CompletionList = Type.Array(Completion, {
  $id: 'CompletionList',
  description: 'Completions in order of scheduled start, then id. A bare array, without an envelope.',
});
export type CompletionList = Static<typeof CompletionList>;

/** GET /v1/completions (contract: List completions, Completions, Dates, Additions). */
export const listCompletions = defineOperation({
  id: 'listCompletions',
  method: 'GET',
  path: '/v1/completions',
  scope: 'completions:read',
  tag: 'Completions',
  summary: 'List completions',
  description: `Gives one record for each registered participant and session, as soon as the session's scheduled end has passed, or earlier where the group ended it. Someone who never came is there too: with \`attended\` false, visit times null and zeros. Records are ordered by scheduled start, then \`id\`; with \`changedSince\` by their latest change, the oldest first.

A record is a snapshot: renaming a module later does not rewrite it. It can still be updated for as long as the room stays open (30 minutes after the scheduled end); its \`hash\` then changes and its \`id\` does not. So store records by \`id\`, and write again those whose \`hash\` is new to you.

**Staying up to date.** The answer carries an \`X-Next-Cursor\` header. Send it as \`changedSince\` next time, and you get only what is new or whose \`hash\` changed since; an empty array if nothing is. That costs as much as there are changes since, however many records there are in all; other filters beside it do not make it cheaper. This finds every record; consecutive spans of \`from\` and \`to\` alone can miss those of long sessions and late visits. A cursor does not expire.

**Large answers.** The answer is a stream without a limit on its length: read it as it comes. A fault in the middle breaks the connection; the array is never closed as if it were whole. Treat a broken answer as none and ask again.

**Formats.** By the \`Accept\` header: a JSON array (the default, also for types not listed here); \`application/x-ndjson\`, one record on each line; or \`text/csv\` (RFC 4180, UTF-8, a header line with the names of the members, null as an empty field). In CSV a text that begins with \`=\`, \`+\`, \`-\`, \`@\`, a tab or a carriage return has an apostrophe put before it, so that no spreadsheet runs it as a formula.`,
  query: Type.Object({
    from: Type.Optional(
      described(
        DateTime,
        'Only sessions whose scheduled start is at or after this moment. Without it: from the first.',
        {
          examples: ['2024-06-01T00:00:00Z'],
        },
      ),
    ),
    to: Type.Optional(
      described(
        DateTime,
        'Only sessions whose scheduled start is before this moment, which must be later than `from`. Without it: to the last.',
        { examples: ['2024-07-01T00:00:00Z'] },
      ),
    ),
    clusterId: Type.Optional(
      described(Uuid, 'Only sessions of this cluster. One that does not exist gives an empty array.', {
        examples: ['034c75b6-226a-4f5e-842f-f02e06821724'],
      }),
    ),
    remoteUserId: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Only records with exactly this `remoteUserId`. One that nobody has gives an empty array.',
        examples: ['E1001'],
      }),
    ),
    changedSince: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Only records that are new or whose `hash` changed since the answer that gave this cursor in its `X-Next-Cursor` header, in order of their latest change; one that changed several times comes once, as it stands. Keep the other filters the same from one cursor to the next.',
        examples: ['MS40LjE4NDI3'],
      }),
    ),
  }),
  requestHeaders: ['If-None-Match'],
  responses: {
    200: {
      description: 'The records, as a stream.',
      headers: ['ETag', 'X-Next-Cursor'],
      content: {
        'application/json': { schema: CompletionList, examples: completionSamples },
        'application/x-ndjson': {
          schema: Type.String({ description: 'One Completion as JSON on each line, each line ended by a line feed.' }),
          examples: { lines: { summary: 'Two records', value: ndjsonSample } },
        },
        'text/csv': {
          schema: Type.String({ description: 'A header line, then one Completion on each line, ended by CR LF.' }),
          examples: { table: { summary: 'Two records', value: csvSample } },
        },
      },
    },
    304: { description: 'The list is still the one that `If-None-Match` names.', headers: ['ETag'] },
  },
  errors: commonErrors,
  errorExamples: {
    invalid_request: {
      date: faults('A date that does not exist', {
        parameter: 'from',
        message: 'has no such day as 31; that month has 30 days',
      }),
      cursor: faults('A cursor that this server did not make', {
        parameter: 'changedSince',
        message: 'is not a cursor of this organization; use the X-Next-Cursor header of an earlier answer as it came',
      }),
    },
  },
});
