import type { BatchResult, User, UserPage, UserRef, UserTemplate } from '@rollcall/contract/users.ts';
import type { Reply } from './request.ts';
import type { TestOrganization } from './test-server.ts';

/** Upserts one batch and answers its `data`; throws where the batch as a whole was refused. */
export async function upsertUsers(
  organization: TestOrganization,
  ...users: readonly UserTemplate[]
): Promise<BatchResult['data']> {
  return dataOf<BatchResult>(await organization.post('/v1/users/batch-upsert', { users })).data;
}

/** Deactivates one batch and answers its `data`; throws where the batch as a whole was refused. */
export async function deactivateUsers(
  organization: TestOrganization,
  ...users: readonly UserRef[]
): Promise<BatchResult['data']> {
  return dataOf<BatchResult>(await organization.post('/v1/users/batch-deactivate', { users })).data;
}

/** As many users as asked for, remote ids `E0`, `E1` …, in this order. */
export async function createUsers(organization: TestOrganization, count: number, firstNumber = 0): Promise<User[]> {
  const templates = Array.from({ length: count }, (_, index) => ({ remoteId: `E${firstNumber + index}` }));
  const users: User[] = [];
  for (let from = 0; from < count; from += 200) {
    users.push(...(await upsertUsers(organization, ...templates.slice(from, from + 200))).success);
  }
  return users;
}

/** One page of users; `query` is for example `page=1&pageSize=2`. */
export async function readPage(organization: TestOrganization, query = ''): Promise<UserPage['data']> {
  return dataOf<UserPage>(await organization.get(`/v1/users?${query}`)).data;
}

/** The remote ids of a page, which is how tests name users. */
export async function remoteIds(organization: TestOrganization, query = ''): Promise<(string | null)[]> {
  return (await readPage(organization, query)).items.map((user) => user.remoteId);
}

function dataOf<T>(reply: Reply): T {
  if (reply.status !== 200) throw new Error(`answered ${reply.status}: ${reply.text}`);
  return reply.json<T>();
}
