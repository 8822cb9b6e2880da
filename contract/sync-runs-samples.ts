import type { Examples } from './operation.ts';
import { success } from './samples.ts';

// Samples name no types of sync-run-shapes.ts, as those of users.ts do not; a test checks each against its schema.

const digest = '9c1a7f0d3f2f0f7f1f4f0b8a5d1e9c3b7a6f5e4d3c2b1a09f8e7d6c5b4a39281';

const open = {
  id: '0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11',
  state: 'open',
  label: 'roster of 2026-11-24',
  deactivateMissing: true,
  batches: 0,
  rows: 0,
  createdAt: '2026-11-24T01:00:00Z',
  updatedAt: '2026-11-24T01:00:00Z',
  expiresAt: '2026-11-25T01:00:00Z',
  committedAt: null,
  undoableUntil: null,
  undoneAt: null,
};

const filled = {
  ...open,
  batches: 3,
  rows: 412,
  updatedAt: '2026-11-24T01:00:02Z',
  expiresAt: '2026-11-25T01:00:02Z',
};

const counts = {
  create: 12,
  update: 3,
  deactivate: 5,
  reactivate: 1,
  unchanged: 393,
  kept: 1,
  conflict: 1,
  refused: 1,
};

const committed = {
  ...filled,
  state: 'committed',
  updatedAt: '2026-11-24T01:00:05Z',
  expiresAt: null,
  committedAt: '2026-11-24T01:00:05Z',
  result: counts,
  undoableUntil: '2026-12-24T01:00:05Z',
};

const undone = {
  ...committed,
  state: 'undone',
  updatedAt: '2026-11-24T08:30:00Z',
  undoableUntil: null,
  undoneAt: '2026-11-24T08:30:00Z',
  undo: { deactivated: 12, restored: 2, reactivated: 5, leftAlone: 1 },
};

const cancelled = { ...filled, state: 'cancelled', updatedAt: '2026-11-24T01:05:00Z', expiresAt: null };

const expired = { ...filled, state: 'expired', updatedAt: '2026-11-25T01:00:02Z', expiresAt: null };

export const syncRunBodies: Examples = {
  whole: { summary: 'A whole roster', value: { label: 'roster of 2026-11-24' } },
  part: {
    summary: 'A part of the roster: nobody is deactivated for being absent',
    value: { deactivateMissing: false },
  },
};

export const openedRuns: Examples = {
  open: success('The run, open and empty', open),
  part: success('A run for a part of the roster', { ...open, label: null, deactivateMissing: false }),
};

export const syncRuns: Examples = {
  open: success('A run that rows were added to', filled),
  committed: success('A run that was committed', committed),
  undone: success('A run that was undone', undone),
};

export const committedRuns: Examples = {
  committed: success('The run, done', committed),
  quiet: success('A run of a roster in which nothing had changed', {
    ...committed,
    result: {
      ...counts,
      create: 0,
      update: 0,
      deactivate: 0,
      reactivate: 0,
      unchanged: 411,
      kept: 1,
      conflict: 0,
      refused: 0,
    },
  }),
};

export const undoneRuns: Examples = {
  undone: success('The run, undone; of one user something was left alone', undone),
  whole: success('Undone to the last field', {
    ...undone,
    undo: { deactivated: 12, restored: 3, reactivated: 5, leftAlone: 0 },
  }),
};

export const cancelledRuns: Examples = {
  cancelled: success('The run, cancelled', cancelled),
  expired: success('A run that had expired stays so', expired),
};

export const syncRunLists: Examples = {
  first: success('The first stretch; there is more', { items: [filled, committed], next: 'MS5zeW5jcnVucy4xNA' }),
  last: success('The end of the list', { items: [undone], next: null }),
};

export const syncBatchBodies: Examples = {
  rows: {
    summary: 'Rows with their places in the file',
    value: {
      batch: 0,
      users: [
        { row: 2, firstName: 'Amélie', lastName: 'Laurent', email: 'amelie.laurent@example.com', remoteId: 'E9001' },
        { row: 3, firstName: 'Kwame', lastName: 'Boateng', active: true, remoteId: 'E9002' },
      ],
    },
  },
  faulty: {
    summary: 'One row is wrong in itself',
    value: { batch: 1, users: [{ row: 202, email: 'yuki.tanaka', remoteId: 'E9003' }] },
  },
};

export const syncBatches: Examples = {
  clean: success('All rows were taken', { run: filled, refused: [] }),
  faulty: success('One row is wrong in itself', {
    run: filled,
    refused: [
      {
        index: 0,
        row: 202,
        error: 'email "yuki.tanaka" has no "@"; send an address such as name@example.com.',
      },
    ],
  }),
};

const threshold = { percent: 10, people: 10, deactivations: 5, active: 401, emptyRoster: false, exceeded: false };

const plan = { runId: open.id, digest, counts, threshold, plannedAt: '2026-11-24T01:00:03Z' };

export const syncPlans: Examples = {
  usual: success('A usual night', plan),
  truncated: success('The roster broke off in the middle: committing this needs a confirmation', {
    ...plan,
    counts: { ...counts, create: 0, unchanged: 200, deactivate: 198 },
    threshold: { ...threshold, deactivations: 198, exceeded: true },
  }),
};

export const syncCommitBodies: Examples = {
  seen: { summary: 'Do what the plan showed', value: { digest } },
  confirmed: { summary: 'Do it although it deactivates many', value: { digest, confirmDeactivations: digest } },
  unseen: { summary: 'Do whatever the plan is by now, if it stays within the threshold', value: {} },
};

const marek = {
  id: 'ab1ac235f24b3189b9a9cb21de89007917600b2a41d13fd2cdb1823e4c7c9cb8',
  firstName: 'Marek',
  lastName: 'Wójcik',
  email: 'marek.wojcik@example.com',
  active: true,
  remoteId: 'E9005',
};

const lucia = {
  id: '2217d1fe56d47db1dcfdeca3ca25ebd9c6de7a1be4be7ac50ae395aa7d9cec8b',
  firstName: 'Lucía',
  lastName: 'Ortega',
  email: 'lucia.ortega@example.com',
  active: true,
  remoteId: 'E9004',
};

export const syncItemLists: Examples = {
  changes: success('A new user, one that changes, one whom the roster lacks', {
    digest,
    items: [
      {
        kind: 'create',
        batch: 2,
        index: 11,
        row: 413,
        changes: [
          { field: 'firstName', from: null, to: 'Ingrid' },
          { field: 'lastName', from: null, to: 'Solberg' },
          { field: 'email', from: null, to: 'ingrid.solberg@example.com' },
          { field: 'active', from: null, to: true },
          { field: 'remoteId', from: null, to: 'E9006' },
        ],
        kept: [],
      },
      {
        kind: 'update',
        batch: 0,
        index: 4,
        row: 6,
        user: marek,
        changes: [{ field: 'lastName', from: 'Wójcik', to: 'Wójcik-Nowak' }],
        kept: [{ field: 'email', kept: 'marek.wojcik@example.com', offered: 'm.wojcik@example.com' }],
      },
      {
        kind: 'deactivate',
        user: lucia,
        changes: [{ field: 'active', from: true, to: false }],
        kept: [],
      },
    ],
    next: 'MS5zeW5jaXRlbXMuMTQ',
  }),
  problems: success('Rows of which nothing is written', {
    digest,
    items: [
      {
        kind: 'conflict',
        batch: 1,
        index: 7,
        row: 209,
        user: marek,
        changes: [],
        kept: [],
        sent: { row: 209, remoteId: 'E9005', lastName: 'Wojcik' },
        error: 'Another row of this run (row 6) names the same remoteId "E9005" with other values; leave one of them.',
      },
      {
        kind: 'refused',
        batch: 1,
        index: 0,
        row: 202,
        changes: [],
        kept: [],
        sent: { row: 202, email: 'yuki.tanaka', remoteId: 'E9003' },
        error: 'email "yuki.tanaka" has no "@"; send an address such as name@example.com.',
      },
    ],
    next: null,
  }),
};
