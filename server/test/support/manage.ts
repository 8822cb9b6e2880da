import type { Cluster } from '@rollcall/contract/manage/clusters.ts';
import type { Module } from '@rollcall/contract/manage/module-shapes.ts';
import type { Registration } from '@rollcall/contract/manage/registrations.ts';
import type { Session } from '@rollcall/contract/manage/session-shapes.ts';
import { allScopes } from '@rollcall/contract/scopes.ts';
import type { Reply, RequestOptions } from './request.ts';
import type { OrganizationOptions, TestOrganization, TestServer } from './test-server.ts';

type Headers = NonNullable<RequestOptions['headers']>;

/** An organization and a program of its administrator, with a key that has all scopes. Paths are below `/manage/v1`. */
export interface Manager {
  readonly organization: TestOrganization;
  get(path: string, headers?: Headers): Promise<Reply>;
  post(path: string, body?: unknown, headers?: Headers): Promise<Reply>;
  patch(path: string, body: unknown): Promise<Reply>;
  /** Puts the organization's test clock to a moment, as the contract writes it; throws where that was refused. */
  setClock(now: string): Promise<void>;
  /** The `data` of a read; throws where it was refused. */
  read<T>(path: string): Promise<T>;
  /** The `data` of a change or a creation; throws where it was refused. */
  make<T>(path: string, body?: unknown): Promise<T>;
  change<T>(path: string, body: unknown): Promise<T>;
}

/** Makes an organization that no other test sees, and its manager. */
export async function createManager(server: TestServer, settings?: OrganizationOptions): Promise<Manager> {
  const organization = await server.createOrganization(settings);
  const { key } = await organization.createKey({ scopes: allScopes });
  const send = (method: string, path: string, body?: unknown, headers?: Headers) =>
    server.request(`/manage/v1${path}`, {
      method,
      key,
      ...(body !== undefined && { body }),
      ...(headers && { headers }),
    });
  return {
    organization,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    patch: (path, body) => send('PATCH', path, body),
    setClock: async (now) => {
      dataOf(await send('PUT', '/test-clock', { now }));
    },
    read: async (path) => dataOf(await send('GET', path)),
    make: async (path, body) => dataOf(await send('POST', path, body)),
    change: async (path, body) => dataOf(await send('PATCH', path, body)),
  };
}

/** The `data` of an answer; throws where the request was refused. */
export function dataOf<T>(reply: Reply): T {
  if (reply.status !== 200 && reply.status !== 201) throw new Error(`answered ${reply.status}: ${reply.text}`);
  return reply.json<{ data: T }>().data;
}

export interface List<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Walks a list to its end, in stretches of so many; answers all that it met. */
export async function walk<T>(manager: Manager, path: string, limit: number): Promise<T[]> {
  const items: T[] = [];
  let next: string | null = '';
  while (next !== null) {
    const cursor: string = next === '' ? '' : `&cursor=${next}`;
    const stretch: List<T> = await manager.read(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`);
    items.push(...stretch.items);
    next = stretch.next;
  }
  return items;
}

/** A module as tests need one where its content does not matter. */
export function createModule(manager: Manager, settings: object = {}): Promise<Module> {
  const steps = [
    { title: 'Welcome', minutes: 5, prompt: 'Say **hello**.' },
    { title: 'Goodbye', minutes: 10, prompt: 'Say goodbye.' },
  ];
  return manager.make('/modules', { name: 'Meetings that decide', duration: 60, steps, ...settings });
}

/** A cluster, of a module of its own unless one is given, without sessions unless some are given. */
export async function createCluster(manager: Manager, settings: object = {}): Promise<Cluster> {
  const moduleId = 'moduleId' in settings ? settings.moduleId : (await createModule(manager)).id;
  return manager.make('/clusters', { ...settings, moduleId });
}

/** A session, of a cluster of its own unless one is given, at 10:00 on 2 May 2026 unless said otherwise. */
export async function createSession(
  manager: Manager,
  {
    clusterId,
    startsAt = '2026-05-02T10:00:00Z',
    ...schedule
  }: { clusterId?: string; startsAt?: string; capacity?: number } = {},
): Promise<Session> {
  const cluster = clusterId ?? (await createCluster(manager)).id;
  const { items } = await manager.make<List<Session>>(`/clusters/${cluster}/sessions`, {
    startsAt: [startsAt],
    ...schedule,
  });
  return items[0] as Session;
}

/** A seat in a session for a user that is made where there is none. */
export async function takeSeat(manager: Manager, sessionId: string, remoteId: string): Promise<Registration> {
  await manager.organization.post('/v1/users/batch-upsert', { users: [{ remoteId }] });
  return manager.make(`/sessions/${sessionId}/registrations`, { remoteId });
}
