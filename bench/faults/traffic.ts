import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../server/store/database.ts';
import type { OrganizationId } from '../../server/store/tables.ts';
import { type Reply, sendRequest } from '../../server/test/support/request.ts';

const WRITERS = 4;
const READERS = 2;
const STREAMS = 1;
const USERS_PER_BATCH = 20;
/** How soon a client that was refused comes again; Retry-After asks for more, which would hide how soon it could be. */
const AGAIN_MS = 20;
const READ_PATHS = ['/v1/users?page=0', '/v1/users?active=true', '/v1/clusters'];

/** How requests of one kind were answered. */
export interface KindReport {
  /** By status; `broken` where a connection broke before the answer was whole. */
  readonly answers: Readonly<Record<string, number>>;
  /** The longest time without an answer of 200, in milliseconds. */
  readonly longestGapMs: number;
}

export interface TrafficReport {
  readonly writes: KindReport;
  readonly reads: KindReport;
  readonly streams: KindReport;
  /** Users of answered batches. */
  readonly acknowledged: number;
  /** Of these, who is not stored, or not once. */
  readonly lost: number;
  /** Answers that are neither right nor a refusal as the contract has it. */
  readonly wrong: readonly string[];
}

export interface Traffic {
  /** The moment of the next answer of 200 to a request that is sent from now on, `performance.now()`. */
  next(kind: 'writes' | 'reads'): Promise<number>;
  stop(): Promise<void>;
  report(database: Database, organization: OrganizationId): Promise<TrafficReport>;
}

/** What became of the requests of a kind. */
class Tally {
  readonly answers: Record<string, number> = {};
  readonly wrong = new Set<string>();
  longestGapMs = 0;
  #goodAt = performance.now();
  readonly #waiting = new Set<{ readonly since: number; readonly resolve: (at: number) => void }>();

  note(sentAt: number, reply: Reply | null): void {
    const name = reply ? String(reply.status) : 'broken';
    this.answers[name] = (this.answers[name] ?? 0) + 1;
    if (reply?.status === 200) this.#good(sentAt);
    else if (reply && !isRefusal(reply)) this.wrong.add(`${reply.status}: ${reply.text.replace(/req_\w+/, '…')}`);
  }

  next(): Promise<number> {
    return new Promise((resolve) => this.#waiting.add({ since: performance.now(), resolve }));
  }

  report(): KindReport {
    return { answers: this.answers, longestGapMs: Math.round(this.longestGapMs) };
  }

  #good(sentAt: number): void {
    const at = performance.now();
    this.longestGapMs = Math.max(this.longestGapMs, at - this.#goodAt);
    this.#goodAt = at;
    for (const waiter of this.#waiting) {
      if (sentAt < waiter.since) continue;
      this.#waiting.delete(waiter);
      waiter.resolve(at);
    }
  }
}

/** A refusal that a client can act on: 503 with Retry-After, in the envelope. */
function isRefusal({ status, headers, text }: Reply): boolean {
  if (status !== 503 || headers['retry-after'] === undefined) return false;
  return /^\{"success":false,"error":\{.*"code":"unavailable"/.test(text);
}

/** Clients that write, read and stream without a pause, and remember every answered batch. */
export function startTraffic(address: string, key: string): Traffic {
  const tallies = { writes: new Tally(), reads: new Tally(), streams: new Tally() };
  const acknowledged = new Set<string>();
  let isOver = false;
  const repeat = async (tally: Tally, agent: Agent, request: () => { path: string; body?: unknown; id?: string }) => {
    const { path, body, id } = request();
    const headers = id === undefined ? {} : { 'idempotency-key': id };
    for (;;) {
      const sentAt = performance.now();
      const method = body === undefined ? 'GET' : 'POST';
      const reply = await sendRequest(address + path, { method, key, agent, headers, body }).catch(() => null);
      tally.note(sentAt, reply);
      if (reply?.status === 200) return true;
      if (isOver) return false;
      await sleep(AGAIN_MS);
    }
  };
  const client = async (work: (agent: Agent) => Promise<void>) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!isOver) await work(agent);
    agent.destroy();
  };
  const write = (writer: number) => {
    let batch = 0;
    return async (agent: Agent) => {
      const users = Array.from({ length: USERS_PER_BATCH }, (_, index) => ({
        remoteId: `${writer}-${batch}-${index}`,
      }));
      batch++;
      const id = randomUUID();
      const isStored = await repeat(tallies.writes, agent, () => ({
        path: '/v1/users/batch-upsert',
        body: { users },
        id,
      }));
      if (isStored) for (const { remoteId } of users) acknowledged.add(remoteId);
    };
  };
  const read = async (agent: Agent) => {
    for (const path of READ_PATHS) await repeat(tallies.reads, agent, () => ({ path }));
  };
  const stream = async (agent: Agent) => {
    await repeat(tallies.streams, agent, () => ({ path: '/v1/completions' }));
  };
  const running = [
    ...Array.from({ length: WRITERS }, (_, writer) => client(write(writer))),
    ...Array.from({ length: READERS }, () => client(read)),
    ...Array.from({ length: STREAMS }, () => client(stream)),
  ];
  return {
    next: (kind) => tallies[kind].next(),
    async stop() {
      isOver = true;
      await Promise.all(running);
    },
    async report(database, organization) {
      return {
        writes: tallies.writes.report(),
        reads: tallies.reads.report(),
        streams: tallies.streams.report(),
        acknowledged: acknowledged.size,
        lost: await countLost(database, organization, acknowledged),
        wrong: Object.values(tallies).flatMap(({ wrong }) => [...wrong]),
      };
    },
  };
}

async function countLost(
  { reader }: Database,
  organization: OrganizationId,
  acknowledged: ReadonlySet<string>,
): Promise<number> {
  const rows = await reader.kysely
    .selectFrom('users')
    .select('remote_id')
    .where('organization_id', '=', organization)
    .execute();
  const times = new Map<string, number>();
  for (const { remote_id: remoteId } of rows) times.set(remoteId ?? '', (times.get(remoteId ?? '') ?? 0) + 1);
  return [...acknowledged].filter((remoteId) => times.get(remoteId) !== 1).length;
}
