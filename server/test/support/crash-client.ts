import { randomUUID } from 'node:crypto';
import type { Agent } from 'node:http';
import type { BatchResult, UserRef, UserTemplate } from '@rollcall/contract/users.ts';
import { sendRequest } from './request.ts';

/** What a client knows of its users: remote id -> last name and activity. */
export type Ledger = ReadonlyMap<string, { readonly lastName: string; readonly active: boolean }>;

/** A batch on its way; the same key is sent again where no answer came. */
interface Sending {
  readonly idempotencyKey: string;
  readonly kind: 'upsert' | 'deactivate';
  readonly users: readonly (UserTemplate & UserRef)[];
}

/** Where and as whom to send. */
export interface Target {
  readonly address: string;
  readonly key: string;
  readonly agent: Agent;
}

const USERS_MAX = 40;
/** Users that each batch of a client writes anew, so that a lost or half-written update shows. */
const REGULARS = 5;

/**
 * One integrator's program that sends batches of users of its own, remembers what was acknowledged, and after a break
 * sends the unanswered batch again.
 */
export class CrashClient {
  readonly #name: string;
  #acknowledged: Ledger = new Map();
  #unanswered: Sending | null = null;
  #isStored = false;
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Batches that were answered. */
  get count(): number {
    return this.#count;
  }

  /** What may be stored: all that was acknowledged, and of the batch without an answer all or nothing. */
  get possible(): readonly Ledger[] {
    const acknowledged = this.#acknowledged;
    return this.#unanswered ? [acknowledged, apply(acknowledged, this.#unanswered)] : [acknowledged];
  }

  /** Tells whether the batch without an answer was found stored: sent again, it must then be replayed, else carried out. */
  expectUnanswered(isStored: boolean): void {
    this.#isStored = isStored;
  }

  /** Whether a remote id is one of this client's. */
  owns(remoteId: string): boolean {
    return remoteId.startsWith(`${this.#name}-`);
  }

  /** Sends batches until the connection breaks. Throws where an answer is not what it must be. */
  async run(target: Target): Promise<void> {
    for (;;) {
      const wasStored = this.#unanswered !== null && this.#isStored;
      this.#unanswered ??= this.#next();
      const reply = await send(target, this.#unanswered);
      if (!reply) return;
      const { data } = reply.json<BatchResult>();
      if (reply.status !== 200 || data.failed.length > 0 || data.success.length !== this.#unanswered.users.length) {
        throw new Error(`${this.#name}: answered ${reply.status}: ${reply.text}`);
      }
      if ((reply.headers['idempotency-replayed'] === 'true') !== wasStored) {
        throw new Error(
          `${this.#name}: ${wasStored ? 'carried out again' : 'replayed what was not there'}: ${reply.text}`,
        );
      }
      this.#acknowledged = apply(this.#acknowledged, this.#unanswered);
      this.#unanswered = null;
      this.#count++;
    }
  }

  #next(): Sending {
    const idempotencyKey = randomUUID();
    const number = this.#count;
    const users = Array.from({ length: 1 + Math.floor(Math.random() * USERS_MAX) }, (_, index) => ({
      remoteId: `${this.#name}-${number}-${index}`,
    }));
    const earlier = [...this.#acknowledged.keys()].filter((remoteId) =>
      remoteId.startsWith(`${this.#name}-${number - 1}-`),
    );
    if (number % 4 === 3 && earlier.length > 0) {
      return { idempotencyKey, kind: 'deactivate', users: earlier.map((remoteId) => ({ remoteId })) };
    }
    const regulars = Array.from({ length: REGULARS }, (_, index) => ({ remoteId: `${this.#name}-regular-${index}` }));
    const templates = [...users, ...regulars].map((user) => ({ ...user, lastName: `batch ${number}` }));
    return { idempotencyKey, kind: 'upsert', users: templates };
  }
}

function apply(ledger: Ledger, { kind, users }: Sending): Ledger {
  const after = new Map(ledger);
  for (const { remoteId, lastName } of users) {
    const before = after.get(remoteId ?? '');
    after.set(remoteId ?? '', { lastName: lastName ?? before?.lastName ?? '', active: kind === 'upsert' });
  }
  return after;
}

/** Null where the connection broke before the answer was whole. */
async function send({ address, key, agent }: Target, { kind, users, idempotencyKey }: Sending) {
  const headers = { 'idempotency-key': idempotencyKey };
  const request = { method: 'POST', key, agent, headers, body: { users } };
  return sendRequest(`${address}/v1/users/batch-${kind}`, request).catch(() => null);
}
