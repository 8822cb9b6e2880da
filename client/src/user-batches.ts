import { type BatchResult, limits, type UserRef, type UserTemplate } from './api-types.ts';
import { inBatches } from './batches.ts';
import { InvalidRequestError, InvalidResponseError } from './errors.ts';
import { identityKeys } from './identity.ts';
import type { RequestOptions, Transport } from './transport.ts';

/** How far it has come. Counts are of items. */
export interface BatchProgress {
  readonly succeeded: number;
  readonly failed: number;
  /** `succeeded` and `failed` together. */
  readonly done: number;
}

export interface BatchOptions<Item> extends RequestOptions {
  /** Batches under way at once; 3. With 1 all items are carried out strictly in order. */
  readonly concurrency?: number;
  /** Items of a batch; 200, which is the most. */
  readonly batchSize?: number;
  /** Judges everything, writes nothing. Each batch is judged as if those before it had not been sent. */
  readonly dryRun?: boolean;
  /** Called after each batch. */
  readonly onProgress?: (progress: BatchProgress) => void;
  /** Called with each failed item; they are then not gathered in the result. For inputs without end. */
  readonly onFailure?: (failure: BatchFailure<Item>) => void;
}

/** An item that the server did not carry out. */
export interface BatchFailure<Item> {
  readonly item: Item;
  /** Place in the input, counted from 0. */
  readonly index: number;
  /** Why, and what to do about it. */
  readonly error: string;
  /** The user's id where the user exists. */
  readonly id?: string;
}

export interface BatchSummary<Item> extends BatchProgress {
  /** In the order of the input. */
  readonly failures: readonly BatchFailure<Item>[];
}

type Operation = 'batchUpsertUsers' | 'batchDeactivateUsers';
type FailedItem = BatchResult['data']['failed'][number];

/** Carries out any number of items by batches, and gathers what came of them. */
export async function carryOut<Item extends UserTemplate | UserRef>(
  transport: Transport,
  operation: Operation,
  input: Iterable<Item> | AsyncIterable<Item>,
  options: BatchOptions<Item>,
): Promise<BatchSummary<Item>> {
  const { concurrency = 3, batchSize = limits.batchUsersMax, onProgress, onFailure } = options;
  requireWithin('concurrency', concurrency, 100);
  requireWithin('batchSize', batchSize, limits.batchUsersMax);
  const failures: BatchFailure<Item>[] = [];
  const report = onFailure ?? ((failure: BatchFailure<Item>) => failures.push(failure));
  let succeeded = 0;
  let failed = 0;
  const plan = { size: batchSize, concurrency, keysOf: identityKeys, signal: options.signal };
  await inBatches(input, plan, async ({ items, firstIndex }) => {
    const placed = items.map((item, place) => ({ item, index: firstIndex + place }));
    const failedHere = await send(transport, operation, placed, options);
    succeeded += items.length - failedHere.length;
    failed += failedHere.length;
    failedHere.forEach(report);
    onProgress?.({ succeeded, failed, done: succeeded + failed });
  });
  failures.sort((one, other) => one.index - other.index);
  return { succeeded, failed, done: succeeded + failed, failures };
}

interface Placed<Item> {
  readonly item: Item;
  readonly index: number;
}

/**
 * Sends a batch; answers what of it failed. The server refuses a batch as a whole where the type of anything in it is
 * wrong, or where it is too large: then the items to blame have failed, and the others are sent without them.
 */
async function send<Item extends UserTemplate | UserRef>(
  transport: Transport,
  operation: Operation,
  batch: readonly Placed<Item>[],
  options: BatchOptions<Item>,
): Promise<BatchFailure<Item>[]> {
  if (batch.length === 0) return [];
  const again = (some: readonly Placed<Item>[]) => send(transport, operation, some, options);
  try {
    const users = batch.map(({ item }) => item);
    const { data } = await post(transport, operation, users, options);
    if (data.success.length + data.failed.length !== batch.length) throw unaccounted();
    return locateFailures(batch, data.failed);
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    if (error.status === 413) {
      if (batch.length === 1) return batch.map((placed) => ({ ...placed, error: error.message }));
      const half = Math.ceil(batch.length / 2);
      return [...(await again(batch.slice(0, half))), ...(await again(batch.slice(half)))];
    }
    const faults = faultsByPlace(error, batch.length);
    if (!faults) throw error;
    const refused = batch.flatMap((placed, place) => failureOf(placed, faults.get(place)));
    return [...refused, ...(await again(batch.filter((_, place) => !faults.has(place))))];
  }
}

function post(transport: Transport, operation: Operation, users: readonly unknown[], options: BatchOptions<never>) {
  const { dryRun, signal, timeoutMs } = options;
  return transport.json<BatchResult>(
    {
      operation,
      query: { dryRun },
      body: { users },
      // Kept over all attempts, so that a batch whose answer was lost is not carried out twice.
      headers: { 'idempotency-key': crypto.randomUUID() },
    },
    { signal, timeoutMs },
  );
}

function failureOf<Item>(placed: Placed<Item>, messages: readonly string[] | undefined): BatchFailure<Item>[] {
  return messages ? [{ ...placed, error: messages.join('; ') }] : [];
}

/** Place in the batch -> what is wrong there. Null where it is not for some of the items that the batch was refused. */
function faultsByPlace(error: unknown, count: number): Map<number, string[]> | null {
  if (!(error instanceof InvalidRequestError) || error.issues.length === 0) return null;
  const faults = new Map<number, string[]>();
  for (const { pointer, message } of error.issues) {
    const [, place, member = ''] = /^\/users\/(\d+)(?:\/([^/]*))?/.exec(pointer ?? '') ?? [];
    if (place === undefined || Number(place) >= count) return null;
    const messages = faults.get(Number(place)) ?? [];
    faults.set(Number(place), [...messages, `${member} ${message}`.trim()]);
  }
  return faults;
}

/** The answer has the failed items as they were sent, in order: finds each again. */
function locateFailures<Item extends UserTemplate | UserRef>(
  sent: readonly Placed<Item>[],
  failed: readonly FailedItem[],
): BatchFailure<Item>[] {
  const found: BatchFailure<Item>[] = [];
  for (const placed of sent) {
    const next = failed[found.length];
    if (!next) break;
    if (!isSame(placed.item, next.user)) continue;
    const { id } = next.user;
    found.push({ ...placed, error: next.error, ...(id !== undefined && { id }) });
  }
  if (found.length < failed.length) throw unaccounted();
  return found;
}

const MEMBERS = ['remoteId', 'email', 'firstName', 'lastName', 'active'] as const;

/** By what was sent; the server adds the `id`, but replaces none that it does not know. */
function isSame(item: UserTemplate, user: UserTemplate): boolean {
  return MEMBERS.every((member) => item[member] === user[member]);
}

function unaccounted(): InvalidResponseError {
  return new InvalidResponseError('The answer does not say of every item of the batch what came of it.');
}

function requireWithin(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new RangeError(`${name} must be a whole number from 1 to ${max}, not ${value}`);
}
