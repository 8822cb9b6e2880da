import type { SyncItem, SyncPlan, SyncRow, SyncRun } from '@rollcall/contract/sync-run-shapes.ts';
import { dataOf } from './manage.ts';
import type { Reply } from './request.ts';
import type { TestOrganization, TestServer } from './test-server.ts';

/** A sync run of an organization, as an integrator's program drives it. Paths are below the run's own. */
export interface Syncing {
  readonly id: string;
  /** Adds one batch; throws where it was refused as a whole. */
  add(batch: number, ...users: readonly SyncRow[]): Promise<{ run: SyncRun; refused: unknown[] }>;
  plan(): Promise<SyncPlan>;
  /** All items of the plan, or those that the query lets pass; read in stretches of 50. */
  items(query?: string): Promise<SyncItem[]>;
  commit(seen?: object): Promise<SyncRun>;
  undo(): Promise<SyncRun>;
  get(): Promise<SyncRun>;
  /** The answer to a POST below the run, also where it is an error. */
  post(path: string, body?: unknown): Promise<Reply>;
  cancel(): Promise<Reply>;
}

/** Opens a run. */
export async function openRun(
  server: TestServer,
  organization: TestOrganization,
  template: object = {},
): Promise<Syncing> {
  const { id } = dataOf<SyncRun>(await organization.post('/v1/sync-runs', template));
  return syncing(server, organization, id);
}

function syncing(server: TestServer, organization: TestOrganization, id: string): Syncing {
  const path = `/v1/sync-runs/${id}`;
  const { key } = organization;
  const post = (below: string, body?: unknown) =>
    server.request(`${path}/${below}`, { method: 'POST', key, ...(body !== undefined && { body }) });
  return {
    id,
    add: async (batch, ...users) => dataOf(await post('users', { batch, users })),
    plan: async () => dataOf(await organization.get(`${path}/plan`)),
    items: (query = '') => walkItems(organization, `${path}/plan/items?${query}`),
    commit: async (seen = {}) => dataOf(await post('commit', seen)),
    undo: async () => dataOf(await post('undo')),
    get: async () => dataOf(await organization.get(path)),
    post,
    cancel: () => server.request(path, { method: 'DELETE', key }),
  };
}

async function walkItems(organization: TestOrganization, path: string): Promise<SyncItem[]> {
  const items: SyncItem[] = [];
  for (let cursor = ''; ; ) {
    const stretch: { items: SyncItem[]; next: string | null } = dataOf(await organization.get(`${path}${cursor}`));
    items.push(...stretch.items);
    if (stretch.next === null) return items;
    cursor = `&cursor=${stretch.next}`;
  }
}

/** Brings in a whole roster by one run, in batches of 200; answers the committed run. */
export async function syncRoster(
  server: TestServer,
  organization: TestOrganization,
  rows: readonly SyncRow[],
  template: object = {},
): Promise<SyncRun> {
  const run = await openRun(server, organization, template);
  for (let from = 0; from < rows.length; from += 200) await run.add(from / 200, ...rows.slice(from, from + 200));
  return run.commit();
}
