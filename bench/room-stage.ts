import { createCluster } from '@rollcall/contract/manage/clusters.ts';
import { createModule } from '@rollcall/contract/manage/modules.ts';
import { createRegistration } from '@rollcall/contract/manage/registrations.ts';
import { listSessions } from '@rollcall/contract/manage/sessions.ts';
import { BATCH_USERS, batchRequest, expectAllWritten, newBodies } from './batches.ts';
import type { Dataset, Template } from './datasets.ts';
import { addKey } from './keys.ts';
import { Connection } from './load/connection.ts';
import type { Bench } from './scenario.ts';

export const ROOMS = 200;
export const SEATS = 5;
const STEPS = 10;
/** Late enough that no session begins by itself while it is measured, and early enough that all rooms are open. */
const FIRST_START_MS = 300_000;
const REGISTERED_AT_ONCE = 10;

/** A session's room: the paths of its participants' join links. */
export type Links = readonly string[];

type Manage = (operation: { method: string; path: string }, body?: object) => Promise<unknown>;

/** Makes a module, a session for each room, all open now, and a seat in one of them for people who are new. */
export async function stageRooms(bench: Bench, address: string, dataset: Dataset): Promise<Links[]> {
  const manage = await manager(bench, address, dataset);
  const steps = Array.from({ length: STEPS }, (_, step) => ({
    title: `Step ${step + 1}`,
    prompt: 'Talk about **this**.',
    minutes: 5,
  }));
  const module = (await manage(createModule, {
    name: 'Rooms',
    category: 'Benchmarks',
    duration: STEPS * 5,
    steps,
  })) as { id: string };
  const first = Date.now() + FIRST_START_MS;
  const startsAt = Array.from({ length: ROOMS }, (_, room) => dateTime(first + room * 1_000));
  const cluster = (await manage(createCluster, { moduleId: module.id, capacity: SEATS, sessions: { startsAt } })) as {
    id: string;
  };
  const query = `?clusterId=${cluster.id}&limit=${ROOMS}`;
  const { items } = (await manage({ ...listSessions, path: listSessions.path + query })) as { items: { id: string }[] };
  return register(
    manage,
    items.map(({ id }) => id),
    await addPeople(address, dataset),
  );
}

/** New people, all active. */
async function addPeople(address: string, { keys }: Dataset): Promise<Template[]> {
  const bodies = newBodies(1)((ROOMS * SEATS) / BATCH_USERS);
  using connection = await Connection.open(address, { keepBodies: true });
  for (const body of bodies) expectAllWritten(await connection.send(batchRequest(keys[0] ?? '', body)));
  return bodies.flatMap((body) => (JSON.parse(body) as { users: Template[] }).users);
}

async function register(manage: Manage, sessions: readonly string[], people: readonly Template[]): Promise<Links[]> {
  const links = sessions.map((): string[] => []);
  const rest = people.entries();
  const worker = async () => {
    for (const [index, { remoteId }] of rest) {
      const room = index % ROOMS;
      const path = createRegistration.path.replace('{sessionId}', sessions[room] as string);
      const { joinUrl } = (await manage({ ...createRegistration, path }, { remoteId })) as { joinUrl: string };
      links[room]?.push(new URL(joinUrl).pathname);
    }
  };
  await Promise.all(Array.from({ length: REGISTERED_AT_ONCE }, worker));
  return links;
}

/** Calls operations of the management API with a key made for it. */
async function manager(bench: Bench, address: string, dataset: Dataset): Promise<Manage> {
  const key = await addKey(bench, dataset, 'manage');
  return async ({ method, path }, body) => {
    const response = await fetch(address + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status} ${text.slice(0, 400)}`);
    return (JSON.parse(text) as { data: unknown }).data;
  };
}

function dateTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
