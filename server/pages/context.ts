import type { Logger } from 'pino';
import type { Metrics } from '../metrics.ts';
import type { Database } from '../store/database.ts';
import type { SendPage } from './send.ts';

/** What the door of the pages is given when it is put together. */
export interface PagesOptions {
  readonly database: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Address under which the outside reaches us, without a slash at the end. */
  readonly publicUrl: () => string;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Forms a minute that one address may send; null: no limit. */
  readonly signUpLimit: number | null;
  /** null: no mail is sent, and pages show the join link. */
  readonly mail: Outbox | null;
  /** Slug of the demo organization, whose forms the host page of the demo shows; null: there is no such page. */
  readonly demo: string | null;
}

/** Sends the mails that actions write. */
export interface Outbox {
  /** Says that there may be one. */
  wake(): void;
}

/** What every page works with. */
export interface PagesContext extends PagesOptions {
  readonly sendPage: SendPage;
  /** The address of a join link. */
  readonly joinLink: (token: string) => string;
}
