import { type Account, recordKeyUse } from '../store/api-keys.ts';
import type { Database } from '../store/database.ts';
import type { OrganizationId } from '../store/tables.ts';

/** How exact "last used" is; a key in constant use is written this often and no more. */
const EXACT_MS = 60_000;
const FLUSH_MS = 5_000;
/** Keys written in one transaction, so that a flood of keys cannot hold up the batches. */
const FLUSH_KEYS_MAX = 500;

/** Notes when API keys are used, gathered and written now and then, never while a request waits. */
export class KeyUse implements AsyncDisposable {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #pending = new Map<string, { organization: OrganizationId; id: string; at: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(database: Database, now: () => number, onError: (error: unknown) => void) {
    this.#database = database;
    this.#now = now;
    this.#onError = onError;
    this.#timer = setInterval(() => void this.#flush(), FLUSH_MS);
    this.#timer.unref();
  }

  note({ keyId, organization, lastUsedAt }: Account): void {
    const at = this.#now();
    if (lastUsedAt !== null && at - lastUsedAt < EXACT_MS) return;
    if (!this.#pending.has(keyId)) this.#pending.set(keyId, { organization, id: keyId, at });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    while (this.#pending.size > 0 && (await this.#flush()));
  }

  async #flush(): Promise<boolean> {
    const uses = [...this.#pending.values()].slice(0, FLUSH_KEYS_MAX);
    if (uses.length === 0) return false;
    for (const { id } of uses) this.#pending.delete(id);
    try {
      await this.#database.transaction(null, (transaction) => recordKeyUse(transaction, uses));
      return true;
    } catch (error) {
      this.#onError(error);
      return false;
    }
  }
}
