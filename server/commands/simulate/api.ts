import type { Completion } from '@rollcall/contract/completions.ts';
import type { Registration } from '@rollcall/contract/manage/registrations.ts';
import type { Session } from '@rollcall/contract/manage/session-shapes.ts';
import type { BatchResult } from '@rollcall/contract/users.ts';

const REQUEST_MS_MAX = 30_000;

/** An answer of the server. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** The server as the simulation uses it: by HTTP only. */
export class Api {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url.replace(/\/+$/, '');
    this.#key = key;
  }

  /** What time it is for the organization; epoch milliseconds. */
  async clock(): Promise<number> {
    return Date.parse((await this.#data<{ now: string }>('GET', '/manage/v1/test-clock')).now);
  }

  async setClock(at: number): Promise<void> {
    await this.#data('PUT', '/manage/v1/test-clock', { now: dateTime(at) });
  }

  /** Takes in these people, active. */
  async upsertUsers(users: readonly { remoteId: string; firstName: string; lastName: string }[]): Promise<void> {
    const templates = users.map((user) => ({ ...user, active: true }));
    const { failed } = await this.#data<BatchResult['data']>('POST', '/v1/users/batch-upsert', { users: templates });
    const [first] = failed;
    if (first) throw new Error(`the server does not take in ${first.user.remoteId}: ${first.error}`);
  }

  async deactivateUser(remoteId: string): Promise<void> {
    await this.#data('POST', '/v1/users/batch-deactivate', { users: [{ remoteId }] });
  }

  /** Answers the module's id. */
  async createModule(module: object): Promise<string> {
    return (await this.#data<{ id: string }>('POST', '/manage/v1/modules', module)).id;
  }

  async changeModule(id: string, change: object): Promise<void> {
    await this.#data('PATCH', `/manage/v1/modules/${id}`, change);
  }

  /** Answers the cluster's id. */
  async createCluster(moduleId: string, capacity: number, startsAt: readonly number[]): Promise<string> {
    const sessions = { startsAt: startsAt.map(dateTime) };
    return (await this.#data<{ id: string }>('POST', '/manage/v1/clusters', { moduleId, capacity, sessions })).id;
  }

  /** In order of their start. */
  async listSessions(clusterId: string): Promise<Session[]> {
    const path = `/manage/v1/sessions?clusterId=${clusterId}&limit=200`;
    return (await this.#data<{ items: Session[] }>('GET', path)).items;
  }

  register(sessionId: string, remoteId: string): Promise<Registration> {
    return this.#data('POST', `/manage/v1/sessions/${sessionId}/registrations`, { remoteId });
  }

  async cancelRegistration(id: string): Promise<void> {
    await this.#data('POST', `/manage/v1/registrations/${id}/cancel`);
  }

  async listCompletions(clusterId: string): Promise<Completion[]> {
    const { status, body } = await this.#send('GET', `/v1/completions?clusterId=${clusterId}`, undefined, this.#key);
    if (status !== 200) throw refused('GET', '/v1/completions', { status, body });
    return body as Completion[];
  }

  /** Sends what a room page sends, with nothing but the join link. */
  sendToRoom(link: string, name: 'signal' | 'move' | 'end', body: object): Promise<Reply> {
    return this.#send('POST', `${link}/${name}`, body);
  }

  /** Opens the stream of what a room page is told. */
  openRoomEvents(link: string, signal: AbortSignal): Promise<Response> {
    return fetch(`${this.#url}${link}/events`, { headers: { accept: 'text/event-stream' }, signal });
  }

  /** Opens a page of the room, as a browser does. */
  async openRoom(link: string): Promise<number> {
    const response = await fetch(this.#url + link, { signal: AbortSignal.timeout(REQUEST_MS_MAX) });
    await response.arrayBuffer();
    return response.status;
  }

  async #data<T>(method: string, path: string, body?: object): Promise<T> {
    const reply = await this.#send(method, path, body, this.#key);
    if (reply.status >= 300) throw refused(method, path, reply);
    return (reply.body as { data: T }).data;
  }

  async #send(method: string, path: string, body?: object, key?: string): Promise<Reply> {
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }
}

/** As the contract writes a moment. */
export function dateTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function refused(method: string, path: string, { status, body }: Reply): Error {
  const message = (body as { error?: { message?: string } } | undefined)?.error?.message ?? 'no reason given';
  return new Error(`${method} ${path} was answered ${status}: ${message}`);
}
