import type { Database, Transaction } from '../store/database.ts';

/** What an action works with. */
export interface ActionContext {
  readonly database: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * The context in which several actions are one: the transactions that they begin become part of the given one, so that
 * all of them are there, or none.
 */
export function within({ database, now }: ActionContext, transaction: Transaction): ActionContext {
  return {
    now,
    database: {
      reader: transaction,
      transaction: (_organization, work) => work(transaction),
      listen: (listener) => database.listen(listener),
      snapshot: (organization) => database.snapshot(organization),
      read: (_organization, _seen, work) => work(transaction),
      beginSnapshot: (organization, seen, begin) => database.beginSnapshot(organization, seen, begin),
      readCounts: database.readCounts,
      migrate: () => database.migrate(),
      check: () => database.check(),
      // It is the outer database's business when that one is closed.
      [Symbol.asyncDispose]: async () => {},
    },
  };
}
