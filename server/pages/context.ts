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
}

/** What every page works with. */
export interface PagesContext extends PagesOptions {
  readonly sendPage: SendPage;
}
