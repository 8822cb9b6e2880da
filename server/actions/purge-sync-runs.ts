import { setImmediate as nextTurn } from 'node:timers/promises';
import { isForgotten, isPastUndo, stateAt } from '../domain/sync-plan-run.ts';
import type { Database } from '../store/database.ts';
import { deleteSyncRun, type ListedSyncRun, listSyncRunsAfter, updateSyncRun } from '../store/sync-runs.ts';
import { deleteSyncItems, deleteSyncRows } from '../store/sync-runs-purge.ts';

/** Runs looked at between two turns of the event loop. */
const CHUNK_RUNS = 500;

interface PurgeContext {
  readonly database: Database;
  /** Epoch milliseconds, by the server's clock. */
  readonly now: () => number;
}

/**
 * Clears up after sync runs of all organizations: rows once a run is over, items once it cannot be undone any more, runs
 * once they are no longer listed; runs to which nothing came for long expire. In short transactions, so that one that is
 * killed goes on where it was.
 */
export async function purgeSyncRuns({ database, now }: PurgeContext): Promise<void> {
  let after = { organization: 0, id: '' };
  for (;;) {
    const runs = await listSyncRunsAfter(database.reader, after, CHUNK_RUNS);
    for (const run of runs) await purgeRun(database, run, now());
    const last = runs.at(-1);
    if (!last || runs.length < CHUNK_RUNS) return;
    after = last;
    await nextTurn();
  }
}

async function purgeRun(database: Database, run: ListedSyncRun, now: number): Promise<void> {
  const { organization, id } = run;
  const state = stateAt(run, now);
  if (state === 'open') return;
  if (run.state === 'open') {
    await database.transaction(organization, (transaction) =>
      updateSyncRun(organization, transaction, id, { state: 'expired' }),
    );
  }
  if (!run.purged) await purgeContent(database, run, now);
  if (isForgotten(run, now)) {
    await database.transaction(organization, (transaction) => deleteSyncRun(organization, transaction, id));
  }
}

async function purgeContent(database: Database, run: ListedSyncRun, now: number): Promise<void> {
  const { organization, id } = run;
  const rows = () => database.transaction(organization, (transaction) => deleteSyncRows(organization, transaction, id));
  while (await rows()) await nextTurn();
  if (!isPastUndo(run, now)) return;
  // First: whoever undoes it in the meantime must not find a part of its items.
  await database.transaction(organization, (transaction) =>
    updateSyncRun(organization, transaction, id, { purged: true }),
  );
  const items = () =>
    database.transaction(organization, (transaction) => deleteSyncItems(organization, transaction, id, null));
  while (await items()) await nextTurn();
}
