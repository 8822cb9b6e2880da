import { type OrganizationRows, readOrganizationRows } from './organization-rows.ts';
import type { TestOrganization, TestServer } from './test-server.ts';

/**
 * Everything stored of an organization, to compare before and after. Without its keys: when they were used last is noted
 * with each request, at some later time.
 */
export async function storedRows(
  { database }: Pick<TestServer, 'database'>,
  { id }: TestOrganization,
): Promise<OrganizationRows> {
  const { api_keys: _, ...rows } = await readOrganizationRows(database, id);
  return rows;
}

/** Number and type of each event of an organization, in order. */
export async function storedEvents(
  server: Pick<TestServer, 'database'>,
  organization: TestOrganization,
): Promise<[number: unknown, type: unknown][]> {
  const { events = [] } = await storedRows(server, organization);
  return events.map(({ number, type }) => [number, type]);
}
