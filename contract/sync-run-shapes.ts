import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { choice, DateTime, described, envelope, nullable, Uuid } from './shapes.ts';
import { User, UserTemplate } from './users.ts';

const count = (description: string) => Type.Integer({ minimum: 0, description });

const digest = (description: string) =>
  Type.String({
    pattern: '^[0-9a-f]{64}$',
    description,
    examples: ['9c1a7f0d3f2f0f7f1f4f0b8a5d1e9c3b7a6f5e4d3c2b1a09f8e7d6c5b4a39281'],
  });

/** What becomes of one person by a sync run. */
export const syncItemKinds = ['create', 'update', 'deactivate', 'reactivate', 'kept', 'conflict', 'refused'] as const;
export type SyncItemKind = (typeof syncItemKinds)[number];

/** Where a sync run stands. */
export const syncRunStates = ['open', 'committed', 'undone', 'cancelled', 'expired'] as const;
export type SyncRunState = (typeof syncRunStates)[number];

/** One row of a roster: what a user is to be, and where the row stands in your file. */
export const SyncRow = Type.Object(
  {
    ...UserTemplate.properties,
    row: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2_147_483_647,
        description:
          'Number of the row in your own file, so that the plan can name it. It takes no part in comparing rows.',
      }),
    ),
  },
  {
    $id: 'SyncRow',
    additionalProperties: false,
    description:
      'One person of the roster, as in a batch upsert: `remoteId` or `email` is needed, any member that is absent stays as it is.',
  },
);
export type SyncRow = Static<typeof SyncRow>;

/** How many of each: of a plan, what would happen; of a committed run, what did. */
export const SyncCounts = Type.Object(
  {
    create: count('Users that are new.'),
    update: count('Users of whom fields change, while they stay active or inactive.'),
    deactivate: count('Active users whom the roster lacks or calls inactive.'),
    reactivate: count('Inactive users who become active again.'),
    unchanged: count('Users who are as the roster has them.'),
    kept: count('Users who differ from the roster only in fields that were edited by hand, and so stay as they are.'),
    conflict: count('Rows that contradict other rows or users. Nothing of them is written.'),
    refused: count('Rows that are wrong in themselves or outside of the trusted domains. Nothing of them is written.'),
  },
  { $id: 'SyncCounts', description: 'How many people fall under each kind.' },
);
export type SyncCounts = Static<typeof SyncCounts>;

/** Whether a run deactivates more people than may pass unseen. */
export const SyncThreshold = Type.Object(
  {
    percent: count('Setting of the organization: so many percent of `active` may be deactivated unseen.'),
    people: count('Setting of the organization: so many people may be deactivated unseen.'),
    deactivations: count('Users whom this run would deactivate.'),
    active: count('Active users whom a sync ever brought in.'),
    emptyRoster: Type.Boolean({
      description: 'True where the run has no row that names anybody: then no deactivation passes unconfirmed.',
    }),
    exceeded: Type.Boolean({
      description:
        'True where the deactivations are both more than `percent` and more than `people`, or where the roster is empty: committing then needs `confirmDeactivations`.',
    }),
  },
  { $id: 'SyncThreshold', description: 'The deactivations, held against what the organization lets pass unseen.' },
);
export type SyncThreshold = Static<typeof SyncThreshold>;

const optionalTime = (description: string) => described(nullable(DateTime), description);

/** A sync run. */
export const SyncRun = Type.Object(
  {
    id: described(Uuid, 'The run.', { examples: ['0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11'] }),
    state: choice(syncRunStates, {
      description:
        '`open`: rows can be added. `committed`: done. `undone`: done and undone. `cancelled`: given up. `expired`: given up by the server, since nothing came for too long.',
    }),
    label: described(nullable(Type.String()), 'What you named the run, null where you did not.', {
      examples: ['sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef'],
    }),
    deactivateMissing: Type.Boolean({ description: 'Whether the run deactivates those whom the roster lacks.' }),
    batches: count('Batches received.'),
    rows: count('Rows received.'),
    createdAt: described(DateTime, 'When the run was opened.'),
    updatedAt: described(DateTime, 'When the run last changed: rows, state.'),
    expiresAt: optionalTime('When an open run expires if nothing more is added; null once it is over.'),
    committedAt: optionalTime('When the run was committed.'),
    result: Type.Optional(SyncCounts),
    undoableUntil: optionalTime('Until when a committed run can be undone; null where it cannot.'),
    undoneAt: optionalTime('When the run was undone.'),
    undo: Type.Optional(
      Type.Object(
        {
          deactivated: count('Users created by the run who were deactivated.'),
          restored: count('Users who got their former fields back.'),
          reactivated: count('Users deactivated by the run who are active again.'),
          leftAlone: count(
            'Users of whom something was left as it is, since somebody changed it after the run: `GET …/plan/items?left=true` lists them.',
          ),
        },
        { $id: 'SyncUndo', description: 'What an undo did.' },
      ),
    ),
  },
  {
    $id: 'SyncRun',
    description: 'A sync run. `result` is there once it is committed, `undo` once it is undone.',
  },
);
export type SyncRun = Static<typeof SyncRun>;

export const SyncRunAnswer = envelope(SyncRun, { $id: 'SyncRunAnswer', description: 'The run, in the envelope.' });

/** What came of adding a batch. */
export const SyncBatchAnswer = envelope(
  Type.Object(
    {
      run: SyncRun,
      refused: Type.Array(
        Type.Object(
          {
            index: count('Place of the item in `users`, counted from 0.'),
            row: Type.Optional(Type.Integer({ minimum: 0, description: 'Its `row`, where it was given.' })),
            error: Type.String({ description: 'Why the item is refused and what to do about it, for a person.' }),
          },
          { description: 'One item that is wrong in itself.' },
        ),
        {
          description:
            'The items that are wrong in themselves, already now; the plan shows them too. To mend them, send the whole batch again under the same number.',
        },
      ),
    },
    { description: 'The run, and what is wrong with the batch.' },
  ),
  { $id: 'SyncBatchAnswer', description: 'What came of adding a batch to a sync run.' },
);
export type SyncBatchAnswer = Static<typeof SyncBatchAnswer>;

/** What committing a run would do. */
export const SyncPlan = Type.Object(
  {
    runId: described(Uuid, 'The run.', { examples: ['0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11'] }),
    digest: digest(
      'Stands for all that the plan would do, whatever the order of the batches: as long as it is the same, so is the plan.',
    ),
    counts: SyncCounts,
    threshold: SyncThreshold,
    plannedAt: described(DateTime, 'When the plan was made.'),
  },
  { $id: 'SyncPlan', description: 'What committing a sync run would do.' },
);
export type SyncPlan = Static<typeof SyncPlan>;

export const SyncPlanAnswer = envelope(SyncPlan, { $id: 'SyncPlanAnswer', description: 'The plan, in the envelope.' });

const userFields = ['firstName', 'lastName', 'email', 'active', 'remoteId'] as const;

const field = choice(userFields, { description: 'Name of the field.' });

const fieldValue = (description: string) =>
  Type.Unsafe<string | boolean | null>({ type: ['string', 'boolean', 'null'], description });

/** One field that changes. */
export const SyncChange = Type.Object(
  {
    field,
    from: fieldValue('What it is; null where it has no value, or where the user is new.'),
    to: fieldValue('What it becomes.'),
  },
  { $id: 'SyncChange', description: 'One field that changes.' },
);
export type SyncChange = Static<typeof SyncChange>;

/** One field that stays since somebody edited it by hand. */
export const SyncKept = Type.Object(
  {
    field,
    kept: fieldValue('What it is and stays.'),
    offered: fieldValue('What the roster has.'),
  },
  { $id: 'SyncKept', description: 'One field that stays as somebody edited it by hand, whatever the roster has.' },
);
export type SyncKept = Static<typeof SyncKept>;

/** What becomes of one person. */
export const SyncItem = Type.Object(
  {
    kind: choice(syncItemKinds, { description: 'What becomes of the person, or of the row.' }),
    batch: Type.Optional(count('Number of the batch that brought the row; absent where the roster lacks the user.')),
    index: Type.Optional(count('Place of the row in its batch, counted from 0.')),
    row: Type.Optional(Type.Integer({ minimum: 0, description: 'The `row` that was sent with it, if any.' })),
    user: Type.Optional(User),
    changes: Type.Array(SyncChange, { description: 'Each field that changes, with its old and its new value.' }),
    kept: Type.Array(SyncKept, { description: 'Each field that stays as somebody edited it by hand.' }),
    sent: Type.Optional(SyncRow),
    error: Type.Optional(
      Type.String({ description: 'Of `conflict` and `refused`: why, and what to do about it, for a person.' }),
    ),
    left: Type.Optional(
      Type.Array(field, {
        description: 'Once the run is undone: the fields that the undo left alone, since somebody changed them.',
      }),
    ),
  },
  {
    $id: 'SyncItem',
    description:
      'What becomes of one person. `user` is the user as before the run, absent where there is none yet; `sent` is the row of a `conflict` or `refused`, as it was sent.',
  },
);
export type SyncItem = Static<typeof SyncItem>;

/** A stretch of a plan's items. */
export const SyncItemList = envelope(
  Type.Object(
    {
      digest: digest('Digest of the plan that these items belong to.'),
      items: Type.Array(SyncItem, {
        description: `The items, kind by kind: ${syncItemKinds.join(', ')}. Users that are unchanged are only counted.`,
      }),
      next: described(nullable(Type.String()), 'Cursor of what follows: send it as `cursor`. Null at the end.'),
    },
    { description: 'A stretch of the list.' },
  ),
  { $id: 'SyncItemList', description: 'A stretch of the items of a plan.' },
);
export type SyncItemList = Static<typeof SyncItemList>;

/** What to do about the people whom a roster lacks, and how to call the run. */
export const SyncRunTemplate = Type.Object(
  {
    deactivateMissing: Type.Optional(
      Type.Boolean({
        default: true,
        description:
          'Whether active users whom the roster lacks are deactivated; only those whom a batch upsert or a sync run ever brought in. Say false where the roster is a part of all.',
      }),
    ),
    label: Type.Optional(
      described(
        nullable(Type.String()),
        `A name of your own for the run, such as the digest of the file, by which you know it again after a crash. At most ${limits.syncLabelCharactersMax} characters.`,
      ),
    ),
  },
  { $id: 'SyncRunTemplate', additionalProperties: false, description: 'How a sync run is to work.' },
);
export type SyncRunTemplate = Static<typeof SyncRunTemplate>;

export const SyncBatch = Type.Object(
  {
    batch: Type.Integer({
      minimum: 0,
      maximum: limits.syncBatchNumberMax,
      description:
        'Number of the batch, chosen by you. A number that was sent before replaces all that it brought, so that a batch can be repeated at will.',
    }),
    users: Type.Array(SyncRow, {
      minItems: 1,
      maxItems: limits.batchUsersMax,
      description: `1 to ${limits.batchUsersMax} rows, in any order.`,
    }),
  },
  { $id: 'SyncBatch', additionalProperties: false, description: 'Rows to be added to a sync run.' },
);
export type SyncBatch = Static<typeof SyncBatch>;

export const SyncCommit = Type.Object(
  {
    digest: Type.Optional(
      Type.String({
        description: 'Digest of the plan that you saw: the run is committed only if it would still do the same.',
      }),
    ),
    confirmDeactivations: Type.Optional(
      Type.String({
        description: 'Digest of the plan that exceeds the threshold, where its deactivations are meant.',
      }),
    ),
  },
  { $id: 'SyncCommit', additionalProperties: false, description: 'What was seen and confirmed of the plan.' },
);
export type SyncCommit = Static<typeof SyncCommit>;
