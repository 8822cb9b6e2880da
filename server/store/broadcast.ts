import type { OrganizationId } from './tables.ts';

/** What others want to know of at once. It names what has changed and not how: whoever cares reads it. */
export type Announcement =
  /** The organization has new events. */
  | { readonly about: 'events'; readonly organization: OrganizationId }
  /** Somebody came into the room of a session, or left it. */
  | { readonly about: 'presence'; readonly organization: OrganizationId; readonly sessionId: string };

/** Announcements that are gathered to be told together; what is said twice is told once. */
export class Announcements {
  readonly #byText = new Map<string, Announcement>();

  get isEmpty(): boolean {
    return this.#byText.size === 0;
  }

  add(announcement: Announcement): void {
    this.#byText.set(JSON.stringify(announcement), announcement);
  }

  /** Those since the last time, in their order. */
  take(): Announcement[] {
    const taken = [...this.#byText.values()];
    this.#byText.clear();
    return taken;
  }
}

/** Carries announcements to other processes on the same data, where the engine does not do so by itself. */
export interface AnnouncementRelay {
  /** Takes what was committed here to the others. */
  send(announcements: readonly Announcement[]): void;
  /** Calls `listener` with what was committed in the others; asked for once. */
  receive(listener: (announcements: readonly Announcement[]) => void): void;
}

/**
 * Carries announcements to all listeners of this process, and with a relay to those of others. PostgreSQL, which
 * processes of several machines share, carries them between processes itself (LISTEN and NOTIFY).
 */
export class Broadcast {
  readonly #listeners = new Set<(announcement: Announcement) => void>();
  readonly #relay: AnnouncementRelay | null;

  constructor(relay: AnnouncementRelay | null = null) {
    this.#relay = relay;
    relay?.receive((announcements) => this.#deliver(announcements));
  }

  /** Answers how to stop listening. */
  listen(listener: (announcement: Announcement) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(announcements: readonly Announcement[]): void {
    if (announcements.length === 0) return;
    this.#deliver(announcements);
    this.#relay?.send(announcements);
  }

  #deliver(announcements: readonly Announcement[]): void {
    for (const announcement of announcements) {
      for (const listener of this.#listeners) listener(announcement);
    }
  }
}
