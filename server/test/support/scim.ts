import { GROUP_SCHEMA, PATCH_MESSAGE, USER_SCHEMA } from '../../domain/scim/schemas.ts';
import type { Reply, RequestOptions } from './request.ts';
import type { OrganizationOptions, TestOrganization, TestServer } from './test-server.ts';

/** A person as SCIM shows them. */
export interface ScimUserResource {
  readonly schemas: readonly string[];
  readonly id: string;
  readonly externalId?: string;
  readonly userName: string;
  readonly name?: { readonly formatted: string; readonly givenName?: string; readonly familyName?: string };
  readonly displayName?: string;
  readonly active: boolean;
  readonly emails?: readonly { readonly value: string; readonly type: string; readonly primary: boolean }[];
  readonly meta: ScimMeta;
}

export interface ScimGroupResource {
  readonly id: string;
  readonly externalId?: string;
  readonly displayName: string;
  readonly members?: readonly { readonly value: string; readonly $ref: string; readonly type: string }[];
  readonly meta: ScimMeta;
}

export interface ScimMeta {
  readonly resourceType: string;
  readonly created: string;
  readonly lastModified: string;
  readonly location: string;
  readonly version: string;
}

export interface ScimList<Resource> {
  readonly totalResults: number;
  readonly startIndex: number;
  readonly itemsPerPage: number;
  readonly Resources: readonly Resource[];
}

export interface ScimError {
  readonly status: string;
  readonly scimType?: string;
  readonly detail: string;
}

/** An organization and its identity provider. */
export interface ScimClient {
  readonly organization: TestOrganization;
  readonly key: string;
  /** Sends a request below `/scim/v2` as an identity provider does. */
  send(method: string, path: string, body?: unknown, headers?: RequestOptions['headers']): Promise<Reply>;
  /** What was asked for; throws where the answer is an error. */
  get<T>(path: string): Promise<T>;
  /** Makes a user; throws where that is refused. */
  createUser(user: Readonly<Record<string, unknown>>): Promise<ScimUserResource>;
  createGroup(displayName: string, ...members: readonly string[]): Promise<ScimGroupResource>;
  patch(path: string, ...operations: readonly unknown[]): Promise<Reply>;
  /** The user names that a filter finds, in the order of the answer. */
  find(filter: string, others?: string): Promise<string[]>;
}

export async function createScimClient(server: TestServer, options?: OrganizationOptions): Promise<ScimClient> {
  const organization = await server.createOrganization(options);
  const { key } = await organization.createKey({ scopes: ['scim'] });
  const send: ScimClient['send'] = (method, path, body, headers) =>
    server.request(`/scim/v2${path}`, {
      method,
      key,
      body,
      headers: { ...(body !== undefined && { 'content-type': 'application/scim+json' }), ...headers },
    });
  const succeed = async <T>(reply: Promise<Reply>): Promise<T> => {
    const { status, text, json } = await reply;
    if (status >= 300) throw new Error(`answered ${status}: ${text}`);
    return json<T>();
  };
  const get = <T>(path: string) => succeed<T>(send('GET', path));
  return {
    organization,
    key,
    send,
    get,
    createUser: (user) => succeed(send('POST', '/Users', { schemas: [USER_SCHEMA], ...user })),
    createGroup: (displayName, ...members) => {
      const group = { schemas: [GROUP_SCHEMA], displayName, members: members.map((value) => ({ value })) };
      return succeed(send('POST', '/Groups', group));
    },
    patch: (path, ...operations) => send('PATCH', path, { schemas: [PATCH_MESSAGE], Operations: operations }),
    async find(filter, others = '') {
      const query = `filter=${encodeURIComponent(filter)}${others}`;
      return (await get<ScimList<ScimUserResource>>(`/Users?${query}`)).Resources.map(({ userName }) => userName);
    },
  };
}

/** Status and scimType of an answer. */
export function fault(reply: Reply): [number, string | undefined] {
  return [reply.status, reply.json<ScimError>().scimType];
}
