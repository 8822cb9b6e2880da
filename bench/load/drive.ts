import { Connection, type Reply } from './connection.ts';

export interface Load {
  /** `http://HOST:PORT`. */
  readonly address: string;
  /** Requests on the way at the same time, each on a connection of its own. */
  readonly connections: number;
  /** The next request to send; null when there is none any more. */
  readonly next: () => Buffer | null;
  /** Judges an answer; throws where it is not what was asked for. */
  readonly check: (reply: Reply) => void;
  /** Whether `check` looks at bodies. */
  readonly keepBodies?: boolean;
}

export interface Driven {
  readonly requests: number;
  readonly seconds: number;
}

/** A closed loop: each connection sends its next request as soon as it has the answer to the last. */
export async function drive(load: Load): Promise<Driven> {
  const { address, keepBodies = false } = load;
  const opening = Array.from({ length: load.connections }, () => Connection.open(address, { keepBodies }));
  const connections = await Promise.all(opening);
  try {
    const start = performance.now();
    const counts = await Promise.all(connections.map((connection) => sendAll(connection, load)));
    const seconds = (performance.now() - start) / 1_000;
    return { requests: counts.reduce((sum, count) => sum + count, 0), seconds };
  } finally {
    for (const connection of connections) connection[Symbol.dispose]();
  }
}

async function sendAll(connection: Connection, { next, check }: Load): Promise<number> {
  let count = 0;
  for (let request = next(); request !== null; request = next()) {
    check(await connection.send(request));
    count++;
  }
  return count;
}

/** The requests over and over, from the first one on, until the time is up; it begins with the first. */
export function during(seconds: number, requests: readonly Buffer[]): () => Buffer | null {
  const isOver = timer(seconds);
  let index = 0;
  return () => (isOver() ? null : (requests[index++ % requests.length] as Buffer));
}

/** Each request once, in order; no further one when `secondsMax` are over, so that a slow server ends too. */
export function once(requests: readonly Buffer[], secondsMax = Number.POSITIVE_INFINITY): () => Buffer | null {
  const isOver = timer(secondsMax);
  let index = 0;
  return () => (isOver() ? null : (requests[index++] ?? null));
}

/** Whether so many seconds have gone by since it was asked first. */
function timer(seconds: number): () => boolean {
  let end: number | undefined;
  return () => {
    const now = performance.now();
    end ??= now + seconds * 1_000;
    return now >= end;
  };
}

/** A check that an answer has this status and nothing else. */
export function expectStatus(status: number): (reply: Reply) => void {
  return (reply) => {
    if (reply.status === status) return;
    throw new Error(`answered ${reply.status} instead of ${status} ${reply.body.toString().slice(0, 400)}`);
  };
}
