import type { Dataset, Template } from './datasets.ts';
import { requestBytes } from './load/request.ts';
import { PAGE_USERS } from './pages.ts';
import { ROLLCALL } from './rollcall.ts';
import type { Bench } from './scenario.ts';
import { randomIntegers } from './stats.ts';

/** The first of those that `rollcall seed` makes of a dataset. */
const ORGANIZATION = 'bench-1';
const USERS = '/scim/v2/Users';
/** Long enough that a round does not come around often. */
const SEQUENCE = 10_000;
/** Nearly all made-up people are active: of so many pages the last is never empty. */
const ACTIVE_SHARE = 0.9;

/** A key of the dataset's organization that may use SCIM; made by the command line, so the dataset is to be a copy. */
export async function createScimKey(bench: Bench, { directory }: Dataset): Promise<string> {
  const argv = [ROLLCALL, 'key', 'create', '--org', ORGANIZATION, '--name', 'scim', '--scope', 'scim', '--json'];
  await using child = bench.startPeer({ argv, env: { ...process.env, DATA_DIR: directory } });
  const [, key = ''] = await child.line(/"key":"(rck_\w+)"/);
  await child.finish();
  return key;
}

/** Requests for random pages of those who are active. */
export function scimListRequests(key: string, users: number): Buffer[] {
  const random = randomIntegers(users);
  const pages = Math.floor((users * ACTIVE_SHARE) / PAGE_USERS);
  return Array.from({ length: SEQUENCE }, () => {
    const startIndex = random(pages) * PAGE_USERS + 1;
    const path = `${USERS}?filter=active%20eq%20true&count=${PAGE_USERS}&startIndex=${startIndex}`;
    return requestBytes({ path, key });
  });
}

export function scimCreateRequest(key: string, { firstName, lastName, email, remoteId }: Template): Buffer {
  const body = JSON.stringify({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: email,
    externalId: remoteId,
    name: { givenName: firstName, familyName: lastName },
    emails: [{ value: email, type: 'work', primary: true }],
    active: true,
  });
  return requestBytes({ method: 'POST', path: USERS, key, body });
}
