import { writeFile } from 'node:fs/promises';
import { batchUpsertUsers } from '@rollcall/contract/users.ts';
import type { Child } from './child.ts';
import type { Dataset, Template } from './datasets.ts';
import type { Reply } from './load/connection.ts';
import { once } from './load/drive.ts';
import { requestBytes } from './load/request.ts';
import { type Sample, sample, sampleLoad } from './measure.ts';
import type { Target } from './rollcall.ts';
import type { Bench } from './scenario.ts';
import { randomIntegers } from './stats.ts';

/** Users of a batch: as many as the contract allows. */
export const BATCH_USERS = 200;
const CLIENTS = 8;
/** A round of batches is cut short when it takes so many times as long as asked. */
const SLOWER_MAX = 5;
/** How an answer ends in which every user was a success. */
const NONE_FAILED = '"failed":[]},"error":null}';

/** JSON bodies of batch upserts. */
export type Bodies = readonly string[];

export function bodiesOf(templates: readonly Template[]): Bodies {
  const count = Math.floor(templates.length / BATCH_USERS);
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({ users: templates.slice(index * BATCH_USERS, (index + 1) * BATCH_USERS) }),
  );
}

/** Batches of people whom nobody has seen; their addresses fall anywhere in the index, as real ones do. */
export function newBodies(seed: number): (batches: number) => Bodies {
  const random = randomIntegers(seed);
  let number = 0;
  const newcomer = (): Template => {
    const tag = random(2 ** 30).toString(36);
    const serial = (number++).toString().padStart(7, '0');
    return {
      firstName: `First${tag.slice(0, 3)}`,
      lastName: `Lastname${tag}`,
      email: `${tag}.lastname.${serial}@new.example.com`,
      remoteId: `N${serial}`,
    };
  };
  return (batches) => bodiesOf(Array.from({ length: batches * BATCH_USERS }, newcomer));
}

/** How many batches a round sends, so that it lasts about as long as asked on a server of 20,000 users/s. */
export function batchesOfRound({ seconds }: Bench['options']): number {
  return Math.max(CLIENTS, Math.round((seconds * 20_000) / BATCH_USERS));
}

/** Sends the batches with eight clients at a time; answers users a second. */
export function sampleBatches(bench: Bench, target: Target, { keys }: Dataset, bodies: Bodies): Promise<Sample> {
  const requests = bodies.map((body) => batchRequest(keys[0] ?? '', body));
  const next = once(requests, bench.options.seconds * SLOWER_MAX);
  return sampleLoad(target, { connections: CLIENTS, next, check: expectAllWritten, keepBodies: true }, BATCH_USERS);
}

export function batchRequest(key: string, body: string): Buffer {
  return requestBytes({ method: batchUpsertUsers.method, path: batchUpsertUsers.path, key, body });
}

/** Throws unless every user of the batch was a success. */
export function expectAllWritten({ status, body }: Reply): void {
  if (status === 200 && body.subarray(-NONE_FAILED.length).toString() === NONE_FAILED) return;
  throw new Error(`a batch was answered ${status} ${body.subarray(-400).toString()}`);
}

/** Has a floor of floors/store.ts run the same batches. */
export function sampleStoreFloor(bench: Bench, floor: Child, bodies: Bodies): Promise<Sample> {
  return sample(floor, async () => {
    const file = bench.datasets.scratch('batches.jsonl');
    await writeFile(file, `${bodies.join('\n')}\n`);
    const { seconds, cpuSeconds } = await floor.message<{ seconds: number; cpuSeconds: number }>({ file });
    return { units: bodies.length * BATCH_USERS, seconds, cpuSeconds };
  });
}
