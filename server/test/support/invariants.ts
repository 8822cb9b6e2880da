import type { Database } from '../../store/database.ts';
import type { OrganizationId } from '../../store/tables.ts';

/**
 * What must hold of an organization's rows at any moment at rest: counters are what they count, positions are dense,
 * keys are unique without regard to indexes, documents show what the columns say, events have no gap. Answers what does
 * not hold, in words.
 */
export async function brokenInvariants({ reader }: Database, organization: OrganizationId): Promise<string[]> {
  const { kysely } = reader;
  const counters = await kysely
    .selectFrom('organizations')
    .select(['users_total', 'users_active', 'events_last'])
    .where('id', '=', organization)
    .executeTakeFirstOrThrow();
  const users = await kysely
    .selectFrom('users')
    .selectAll()
    .where('organization_id', '=', organization)
    .orderBy('position')
    .execute();
  const events = await kysely
    .selectFrom('events')
    .select(['number', 'data'])
    .where('organization_id', '=', organization)
    .orderBy('number')
    .execute();
  const faults: string[] = [];
  const demand = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault);
  };
  const active = users.filter((user) => user.active === 1).length;
  demand(counters.users_total === users.length, `users_total is ${counters.users_total}, of ${users.length} users`);
  demand(counters.users_active === active, `users_active is ${counters.users_active}, of ${active} active users`);
  demand(counters.events_last === events.length, `events_last is ${counters.events_last}, of ${events.length} events`);
  users.forEach((user, index) => {
    demand(user.position === index, `the user at place ${index} has position ${user.position}`);
    demand(user.email !== null || user.remote_id !== null, `the user at ${index} has neither email nor remoteId`);
    const { id, first_name: firstName, last_name: lastName, email, remote_id: remoteId } = user;
    const document = JSON.stringify({ id, firstName, lastName, email, active: user.active === 1, remoteId });
    demand(user.document === document, `the user at ${index} is shown as ${user.document}, and is ${document}`);
  });
  for (const column of ['id', 'email', 'remote_id'] as const) {
    const twice = repeated(users.map((user) => user[column]));
    demand(twice.length === 0, `${column} twice: ${twice.join(', ')}`);
  }
  const known = new Set(users.map((user) => user.id));
  events.forEach(({ number, data }, index) => {
    demand(Number(number) === index + 1, `event ${index + 1} has number ${number}`);
    const { userIds = [] } = JSON.parse(data) as { userIds?: string[] };
    const strangers = userIds.filter((id) => !known.has(id));
    demand(strangers.length === 0, `event ${number} names users who are not there: ${strangers.join(', ')}`);
  });
  return faults;
}

function repeated(values: readonly (string | null)[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => value !== null).filter((value) => seen.size === seen.add(value).size);
}
