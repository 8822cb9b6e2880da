import {
  type ListSyncPlanItemsQuery,
  type ListSyncRunsQuery,
  limits,
  type SyncBatch,
  type SyncBatchAnswer,
  type SyncCommit,
  type SyncItem,
  type SyncItemList,
  type SyncPlan,
  type SyncPlanAnswer,
  type SyncRow,
  type SyncRun,
  type SyncRunAnswer,
  type SyncRunList,
  type SyncRunTemplate,
} from './api-types.ts';
import { inBatches } from './batches.ts';
import { PlanChangedError } from './errors.ts';
import { PagedList, walk } from './pages.ts';
import type { ApiRequest, RequestOptions, Transport } from './transport.ts';

export type PageOfSyncRuns = SyncRunList['data'];
export type PageOfSyncItems = SyncItemList['data'];

/** A row of the roster that the server refused. */
export interface RefusedRow {
  readonly item: SyncRow;
  /** Place in the input, counted from 0. */
  readonly index: number;
  readonly error: string;
}

export interface AddUsersOptions extends RequestOptions {
  /** Batches under way at once; 3. */
  readonly concurrency?: number;
  /** Called after each batch, with the number of rows that were sent. */
  readonly onProgress?: (progress: { readonly done: number; readonly refused: number }) => void;
}

export interface AddedUsers {
  readonly rows: number;
  readonly batches: number;
  /** In the order of the input. The plan shows them too. */
  readonly refused: readonly RefusedRow[];
}

/** Making the plan of a large roster, and carrying it out, takes its time. */
const PLAN_TIMEOUT_MS = 600_000;

/** The safe way to bring all users in step with a roster: add it, look at the plan, commit it, undo it if it was wrong. */
export class SyncRuns {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Opens a run. ConflictError with the code `sync_run_open` where another is open. */
  async create(template: SyncRunTemplate = {}, options?: RequestOptions): Promise<SyncRun> {
    // A second one would meet the first: not tried again where the answer was lost.
    return this.#run({ operation: 'openSyncRun', body: template, isRepeatable: false }, options);
  }

  /** The runs of the last months, the latest first. */
  list(query: ListSyncRunsQuery = {}, options?: RequestOptions): PagedList<SyncRun, PageOfSyncRuns> {
    return new PagedList(() =>
      walk(query.cursor, async (cursor) => {
        const page = { ...query, ...(cursor !== undefined && { cursor }) };
        return (await this.#transport.json<SyncRunList>({ operation: 'listSyncRuns', query: page }, options)).data;
      }),
    );
  }

  async get(runId: string, options?: RequestOptions): Promise<SyncRun> {
    return this.#run({ operation: 'getSyncRun', params: { runId } }, options);
  }

  /**
   * Adds a roster of any length. Batches are numbered from 0 in the order of the input: after a crash add the same roster
   * to the same run again, and what is there already is replaced by itself.
   */
  async addUsers(
    runId: string,
    rows: Iterable<SyncRow> | AsyncIterable<SyncRow>,
    { concurrency = 3, onProgress, ...options }: AddUsersOptions = {},
  ): Promise<AddedUsers> {
    const size = limits.batchUsersMax;
    const refused: RefusedRow[] = [];
    let done = 0;
    const plan = { size, concurrency, keysOf: () => [], signal: options.signal };
    await inBatches(rows, plan, async ({ items, firstIndex }) => {
      const body: SyncBatch = { batch: firstIndex / size, users: [...items] };
      const request: ApiRequest = { operation: 'addSyncBatch', params: { runId }, body };
      const { data } = await this.#transport.json<SyncBatchAnswer>(request, options);
      for (const { index, error } of data.refused) {
        const item = items[index];
        if (item) refused.push({ item, index: firstIndex + index, error });
      }
      done += items.length;
      onProgress?.({ done, refused: refused.length });
    });
    refused.sort((one, other) => one.index - other.index);
    return { rows: done, batches: Math.ceil(done / size), refused };
  }

  /** What committing the run would do, in figures. */
  async plan(runId: string, options?: RequestOptions): Promise<SyncPlan> {
    const request: ApiRequest = { operation: 'getSyncPlan', params: { runId } };
    return (await this.#transport.json<SyncPlanAnswer>(request, patient(options))).data;
  }

  /** What it would do, person by person. PlanChangedError where the plan changes on the way. */
  planItems(
    runId: string,
    query: ListSyncPlanItemsQuery = {},
    options?: RequestOptions,
  ): PagedList<SyncItem, PageOfSyncItems> {
    return new PagedList(() => this.#planPages(runId, query, options));
  }

  async *#planPages(runId: string, query: ListSyncPlanItemsQuery, options: RequestOptions | undefined) {
    let digest: string | undefined;
    const pages = walk(query.cursor, async (cursor) => {
      const page = { ...query, ...(cursor !== undefined && { cursor }) };
      const request: ApiRequest = { operation: 'listSyncPlanItems', params: { runId }, query: page };
      return (await this.#transport.json<SyncItemList>(request, patient(options))).data;
    });
    for await (const page of pages) {
      digest ??= page.digest;
      if (page.digest !== digest) throw new PlanChangedError('The plan changed while it was being read: begin again.');
      yield page;
    }
  }

  /**
   * Carries the plan out as one change. ConflictError with the code `deactivation_threshold_exceeded` where too many people
   * would be deactivated, `plan_changed` where it is no longer the plan of this digest.
   */
  async commit(runId: string, seen: SyncCommit = {}, options?: RequestOptions): Promise<SyncRun> {
    return this.#run({ operation: 'commitSyncRun', params: { runId }, body: seen }, patient(options));
  }

  /** Takes a committed run back, but for what somebody changed since. */
  async undo(runId: string, options?: RequestOptions): Promise<SyncRun> {
    return this.#run({ operation: 'undoSyncRun', params: { runId } }, patient(options));
  }

  /** Gives an open run up. */
  async cancel(runId: string, options?: RequestOptions): Promise<SyncRun> {
    return this.#run({ operation: 'cancelSyncRun', params: { runId } }, options);
  }

  async #run(request: ApiRequest, options: RequestOptions | undefined): Promise<SyncRun> {
    return (await this.#transport.json<SyncRunAnswer>(request, options)).data;
  }
}

function patient(options: RequestOptions = {}): RequestOptions {
  return { timeoutMs: PLAN_TIMEOUT_MS, ...options };
}
