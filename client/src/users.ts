import type { ListUsersQuery, User, UserPage, UserRef, UserTemplate } from './api-types.ts';
import type { WithDates } from './dates.ts';
import { PagedList, walk } from './pages.ts';
import type { RequestOptions, Transport } from './transport.ts';
import { type BatchOptions, type BatchSummary, carryOut } from './user-batches.ts';

export type UsersQuery = WithDates<ListUsersQuery>;
export type PageOfUsers = UserPage['data'];

/** The people known to the organization. */
export class Users {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All users that pass the filters, in order of creation, from `page` on where it is given. */
  list(query: UsersQuery = {}, options?: RequestOptions): PagedList<User, PageOfUsers> {
    return new PagedList(() => walk(query.page, (page) => this.page({ ...query, ...numbered(page) }, options)));
  }

  /** One page of them. */
  async page(query: UsersQuery = {}, options?: RequestOptions): Promise<PageOfUsers> {
    return (await this.#transport.json<UserPage>({ operation: 'listUsers', query }, options)).data;
  }

  /** The user with this `remoteId` or `email`; null where there is none. */
  async find(
    query: { readonly remoteId: string } | { readonly email: string },
    options?: RequestOptions,
  ): Promise<User | null> {
    return (await this.page(query, options)).items[0] ?? null;
  }

  /**
   * Creates and updates any number of users, in batches. The result has those that the server refused; it is safe to do
   * the whole again.
   *
   * Items that share an `id`, a `remoteId` or an `email` are carried out in the order given. Where one relies on another
   * without sharing any of them (it takes over an email that the other gives up), say `concurrency: 1`, or use a sync run.
   */
  upsert(
    users: Iterable<UserTemplate> | AsyncIterable<UserTemplate>,
    options: BatchOptions<UserTemplate> = {},
  ): Promise<BatchSummary<UserTemplate>> {
    return carryOut(this.#transport, 'batchUpsertUsers', users, options);
  }

  /** Deactivates any number of users, in batches. */
  deactivate(
    users: Iterable<UserRef> | AsyncIterable<UserRef>,
    options: BatchOptions<UserRef> = {},
  ): Promise<BatchSummary<UserRef>> {
    return carryOut(this.#transport, 'batchDeactivateUsers', users, options);
  }
}

function numbered(page: number | undefined): { page?: number } {
  return page === undefined ? {} : { page };
}
