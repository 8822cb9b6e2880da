import type { ListPosition } from '../domain/list-cursor.ts';

/** A stretch of a list that is paged by key. */
export interface Stretch {
  /** null: from the beginning. */
  readonly after: ListPosition | null;
  readonly limit: number;
}
