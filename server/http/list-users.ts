import type { listUsers } from '@rollcall/contract/users.ts';
import { normalizeEmail } from '../domain/email.ts';
import { invalid } from '../domain/refusal.ts';
import { readUserDocuments, type UserFilter } from '../store/user-filter.ts';
import { readUsersPage } from '../store/users.ts';
import type { Call, Handler } from './context.ts';
import { userPositions } from './user-positions.ts';

/** GET /v1/users. Without a filter a page is a range of positions, and costs the same wherever it lies. */
export const handleListUsers: Handler<typeof listUsers> = async (call) => {
  const { account, query } = call;
  const filter = userFilter(call);
  const total = await countUsers(call, filter);
  const page = pageOf(query.page ?? 0, query.pageSize ?? 200, total);
  return {
    contentType: 'application/json; charset=utf-8',
    version: `users ${account.organization} ${account.usersVersion} ${call.publicUrl()} ${JSON.stringify(query)}`,
    headers: { link: linkHeader(call, page) },
    body: () => readBody(call, filter, page),
  };
};

interface Page {
  readonly page: number;
  readonly size: number;
  readonly total: number;
  readonly totalPages: number;
  readonly next: number | null;
  readonly prev: number | null;
}

function pageOf(page: number, size: number, total: number): Page {
  const totalPages = Math.ceil(total / size);
  const next = page + 1 < totalPages ? page + 1 : null;
  const prev = page > 0 && totalPages > 0 ? Math.min(page, totalPages) - 1 : null;
  return { page, size, total, totalPages, next, prev };
}

function userFilter({ query }: Call<typeof listUsers>): UserFilter | null {
  const { active, email, remoteId, updatedSince } = query;
  const filter: UserFilter = {
    ...(active !== undefined && { active }),
    ...(email !== undefined && { email: wantedEmail(email) }),
    ...(remoteId !== undefined && { remoteId: remoteId.trim() }),
    ...(updatedSince !== undefined && { updatedSince }),
  };
  return Object.keys(filter).length === 0 ? null : filter;
}

function wantedEmail(text: string): string {
  const result = normalizeEmail(text);
  if (!result.ok)
    throw invalid([{ parameter: 'email', message: hasSpaceBeforeAt(text) ? PLUS_REMEDY : result.reason }]);
  return result.email;
}

/** What comes of an address whose "+" was put into the URL as it is. */
const PLUS_REMEDY = 'has a space before the "@"; in a URL "+" means a space, so write %2B for the "+" of an address';

function hasSpaceBeforeAt(text: string): boolean {
  return text.trim().slice(0, text.trim().lastIndexOf('@')).includes(' ');
}

/** Counted as users are written; only a filter other than `active` has to count. */
async function countUsers({ account, database }: Call, filter: UserFilter | null): Promise<number> {
  if (!filter) return account.usersTotal;
  const { active, ...others } = filter;
  if (active === undefined || Object.keys(others).length > 0) {
    return (await userPositions(account, database, filter)).length;
  }
  return active ? account.usersActive : account.usersTotal - account.usersActive;
}

async function readBody(
  { account, database }: Call,
  filter: UserFilter | null,
  page: Page,
): Promise<Uint8Array | string> {
  const head = '{"success":true,"data":{"items":[';
  const { size, next, prev, totalPages, total } = page;
  const tail = `],"page":${page.page},"size":${size},"next":${next},"prev":${prev},"totalPages":${totalPages},"total":${total}},"error":null}`;
  const { organization } = account;
  const seen = { column: 'users_version', version: account.usersVersion } as const;
  const from = Math.min(page.page * size, total);
  if (!filter) {
    const stretch = { from, to: Math.min(from + size, total), head, tail };
    return database.read(organization, seen, (connection) => readUsersPage(organization, connection, stretch));
  }
  const positions = (await userPositions(account, database, filter)).subarray(from, from + size);
  const documents = await database.read(organization, seen, (connection) =>
    readUserDocuments(organization, connection, positions),
  );
  return head + documents.join(',') + tail;
}

/**
 * The neighbours of a page as URLs (RFC 8288), with every other parameter as it was sent. Parsed as a URL, which drops
 * what a client may have put before the path, and escapes what would end the URL within the header.
 */
function linkHeader(call: Call, { totalPages, next, prev }: Page): string {
  const { pathname, search } = new URL(call.url, 'http://localhost');
  const others = search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !/^page(=|$)/.test(part));
  const link = (target: number, relation: string) =>
    `<${call.publicUrl()}${pathname}?${[...others, `page=${target}`].join('&')}>; rel="${relation}"`;
  const links = [link(0, 'first')];
  if (prev !== null) links.push(link(prev, 'prev'));
  if (next !== null) links.push(link(next, 'next'));
  links.push(link(Math.max(totalPages - 1, 0), 'last'));
  return links.join(', ');
}
