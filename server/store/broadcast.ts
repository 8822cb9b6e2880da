import type { OrganizationId } from './tables.ts';

/** What others want to know of at once. It names what has changed and not how: whoever cares reads it. */
export type Announcement =
  /** The organization has new events. */
  | { readonly about: 'events'; readonly organization: OrganizationId }
  /** Somebody came into the room of a session, or left it. */
  | { readonly about: 'presence'; readonly organization: OrganizationId; readonly sessionId: string };

/**
 * Carries announcements to all listeners of this process. An engine that several processes share carries them between
 * processes as well, in the same transaction (PostgreSQL: LISTEN and NOTIFY).
 */
export class Broadcast {
  readonly #listeners = new Set<(announcement: Announcement) => void>();

  /** Answers how to stop listening. */
  listen(listener: (announcement: Announcement) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(announcements: readonly Announcement[]): void {
    for (const announcement of announcements) {
      for (const listener of this.#listeners) listener(announcement);
    }
  }
}
