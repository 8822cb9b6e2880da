import { accountScopes } from '@rollcall/contract/scopes.ts';
import { type ActionContext, within } from '../actions/context.ts';
import { createApiKey } from '../actions/create-api-key.ts';
import { createOrganization } from '../actions/create-organization.ts';
import type { Connection } from '../store/database.ts';
import { listOrganizations } from '../store/organizations.ts';
import { castSessions } from './casting.ts';
import { readDemoModules } from './modules.ts';
import { demoPeople } from './people.ts';
import { demoClusters } from './plan.ts';
import { liveThrough } from './story.ts';

/** The demo's organization, by which commands name it. */
export const DEMO_SLUG = 'demo';
const DEMO_NAME = 'Northwind Demo';

/** What was made. */
export interface Demo {
  readonly name: string;
  /** The API key, with all scopes of the Account API; only its digest is stored. */
  readonly key: string;
  readonly users: number;
  readonly modules: number;
  readonly clusters: number;
  readonly sessions: number;
}

/**
 * Makes the demo organization in a database that has no organization yet; null where it has one. All of it is one
 * transaction: a start that is killed meanwhile leaves nothing, and the next one begins afresh. What happens in it is
 * the same every time, relative to today; ids, join links and the key are not. Addresses of pictures are stored below
 * `publicUrl`.
 */
export async function makeDemo(context: ActionContext, publicUrl: string): Promise<Demo | null> {
  if (!(await isEmpty(context.database.reader))) return null;
  const modules = await readDemoModules(publicUrl);
  const sessions = castSessions(modules, context.now());
  return context.database.transaction(null, async (transaction) => {
    // Another process on the same data may have been quicker.
    if (!(await isEmpty(transaction))) return null;
    const inside = within(context, transaction);
    const { id } = await createOrganization(inside, { slug: DEMO_SLUG, name: DEMO_NAME });
    await liveThrough(inside, id, modules, sessions);
    const { key } = await createApiKey(inside, id, { name: 'Demo key', scopes: accountScopes, expiresAt: null });
    return {
      name: DEMO_NAME,
      key,
      users: demoPeople.length,
      modules: modules.size,
      clusters: demoClusters.length,
      sessions: sessions.length,
    };
  });
}

async function isEmpty(connection: Connection): Promise<boolean> {
  return (await listOrganizations(connection)).length === 0;
}
