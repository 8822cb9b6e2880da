/** Where a list that is paged by key goes on: after the item with this time (epoch milliseconds) and id. */
export interface ListPosition {
  readonly at: number;
  readonly id: string;
}

/** A stretch of such a list. */
export interface Stretch {
  /** null: from the beginning. */
  readonly after: ListPosition | null;
  readonly limit: number;
}
