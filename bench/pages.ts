import { listUsers } from '@rollcall/contract/users.ts';
import type { Dataset } from './datasets.ts';
import { Connection } from './load/connection.ts';
import { expectStatus } from './load/drive.ts';
import { requestBytes } from './load/request.ts';
import type { Target } from './rollcall.ts';
import { randomIntegers } from './stats.ts';

/** Users of a page: as many as the contract allows, and its default. */
export const PAGE_USERS = 200;
/** Long enough that a round does not come around often. */
const SEQUENCE = 10_000;

export function pageRequest({ keys }: Dataset, page: number, headers: Record<string, string> = {}): Buffer {
  return requestBytes({ path: `${listUsers.path}?page=${page}`, key: keys[0] ?? '', headers });
}

/** Requests of pages at random, made beforehand; the same in every run. */
export function randomPageRequests(dataset: Dataset, users: number): Buffer[] {
  const random = randomIntegers(users);
  const pages = Math.floor(users / PAGE_USERS);
  const requests = Array.from({ length: pages }, (_, page) => pageRequest(dataset, page));
  return Array.from({ length: SEQUENCE }, () => requests[random(pages)] as Buffer);
}

/** The bodies of answers to these requests. */
export async function fetchBodies(target: Target, requests: readonly Buffer[]): Promise<string[]> {
  using connection = await Connection.open(target.address, { keepBodies: true });
  const bodies: string[] = [];
  for (const request of requests) {
    const reply = await connection.send(request);
    expectStatus(200)(reply);
    bodies.push(reply.body.toString());
  }
  return bodies;
}
