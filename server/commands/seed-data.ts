import { writeFileSync } from 'node:fs';
import { accountScopes } from '@rollcall/contract/scopes.ts';
import { within } from '../actions/context.ts';
import { createApiKey } from '../actions/create-api-key.ts';
import type { ModuleTemplate } from '../actions/create-module.ts';
import { createOrganization } from '../actions/create-organization.ts';
import { readConfig } from '../config.ts';
import { readDemoModules } from '../demo/modules.ts';
import { ensureSeededClusters } from '../demo/seeded-clusters.ts';
import { addSeededCompletions, SEEDED_COMPLETIONS_MAX, SEEDED_SEATS } from '../demo/seeded-completions.ts';
import { addSeededUsers } from '../demo/seeded-users.ts';
import { readSlug } from '../domain/organization-settings.ts';
import { openDatabase, prepareDatabase } from '../store/open-database.ts';
import { findOrganization, getOrganization } from '../store/organizations.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { Workplace } from './data.ts';
import { makeDataDirectory } from './data-directory.ts';
import { explain } from './failure.ts';
import { print } from './output.ts';
import { createProgress, type Progress } from './progress.ts';

export interface SeedOptions {
  readonly org: string;
  readonly organizations?: number;
  readonly users: number;
  readonly completions: number;
  readonly seed: string;
  readonly keysFile?: string;
  readonly json?: true;
}

/** One line of the keys file. */
interface SeededKey {
  readonly organization: string;
  readonly id: string;
  readonly key: string;
}

interface Job extends SeedOptions {
  readonly workplace: Workplace;
  readonly modules: ReadonlyMap<string, ModuleTemplate>;
  readonly progress: Progress;
}

/** What became of one organization. */
interface Seeded {
  readonly key: SeededKey | null;
  readonly users: number;
  readonly completions: number;
}

/**
 * Rows of one transaction: a few seconds' worth would keep a running server's batches waiting, while with a quarter of
 * these a million users cost two and a half times as much writing (pages of the email index, again and again).
 */
const USERS_AT_ONCE = 20_000;
const COMPLETIONS_AT_ONCE = 14_400;
/** Organizations worked on at the same time, whose transactions the store commits together. */
const ORGANIZATIONS_AT_ONCE = 16;
/** Where pictures would be, of a server whose public address is not set. */
const EXAMPLE_URL = 'https://rollcall.example.com';

/**
 * `rollcall seed`. What an organization has already counts: repeated, the command adds nothing; with a higher number, it
 * adds what is missing.
 */
export async function seed(options: SeedOptions): Promise<void> {
  const slugs = slugsOf(options);
  requirePossible(options);
  const startedAt = performance.now();
  const seeded = await withSeedData((workplace) => seedAll(workplace, slugs, options));
  const seconds = Math.round(performance.now() - startedAt) / 1_000;
  if (options.keysFile !== undefined) writeKeys(options.keysFile, seeded);
  const organizations = slugs.length;
  const users = seeded.reduce((sum, organization) => sum + organization.users, 0);
  const completions = seeded.reduce((sum, organization) => sum + organization.completions, 0);
  if (options.json) return print(JSON.stringify({ organizations, users, completions, seconds }));
  const where = organizations === 1 ? slugs[0] : `${organizations} organizations`;
  await print(`Added ${users} users and ${completions} completions to ${where} in ${seconds.toFixed(1)} s.`);
}

/** Whoever has the file has the keys: nobody else may read it. */
function writeKeys(file: string, seeded: readonly Seeded[]): void {
  const lines = seeded.map(({ key }) => `${JSON.stringify(key)}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
}

function slugsOf({ org, organizations }: SeedOptions): string[] {
  if (organizations === undefined) return [org];
  const slugs = Array.from({ length: organizations }, (_, index) => `${org}-${index + 1}`);
  const last = readSlug(slugs.at(-1) ?? org);
  if (!last.ok) throw new Error(`the slug "${slugs.at(-1)}" ${last.reason}`);
  return slugs;
}

function requirePossible({ users, completions }: SeedOptions): void {
  if (completions > SEEDED_COMPLETIONS_MAX) {
    throw new Error(`--completions can be ${SEEDED_COMPLETIONS_MAX} at most: later sessions would lie in the future`);
  }
  if (completions > 0 && users < SEEDED_SEATS) {
    throw new Error(`--completions needs --users ${SEEDED_SEATS} at least: so many take part in a session`);
  }
}

/** Without the other commands' second attempt where the database is busy: keys would be made twice. */
async function withSeedData<T>(work: (workplace: Workplace) => Promise<T>): Promise<T> {
  const config = readConfig();
  try {
    makeDataDirectory(config);
    await using database = await openDatabase(config);
    await prepareDatabase(database);
    return await work({ config, database, now: Date.now });
  } catch (error) {
    throw explain(error, config);
  }
}

async function seedAll(workplace: Workplace, slugs: readonly string[], options: SeedOptions): Promise<Seeded[]> {
  using progress = createProgress({
    organizations: slugs.length,
    users: slugs.length * options.users,
    completions: slugs.length * options.completions,
  });
  const modules = await readDemoModules(workplace.config.publicUrl ?? EXAMPLE_URL);
  const job: Job = { ...options, workplace, modules, progress };
  const seeded: Seeded[] = [];
  const rest = slugs.entries();
  const worker = async () => {
    for (const [index, slug] of rest) seeded[index] = await seedOrganization(job, slug);
  };
  await Promise.all(Array.from({ length: ORGANIZATIONS_AT_ONCE }, worker));
  return seeded;
}

async function seedOrganization(job: Job, slug: string): Promise<Seeded> {
  const { organization, key } = await ensureOrganization(job, slug);
  const users = await seedUsers(job, slug, organization);
  const completions = job.completions === 0 ? 0 : await seedCompletions(job, slug, organization);
  job.progress.add('organizations', 1);
  return { key, users, completions };
}

/** The organization with this slug, made if it is not there, and a key of it where keys are wanted. */
function ensureOrganization(
  { workplace, keysFile }: Job,
  slug: string,
): Promise<{ organization: OrganizationId; key: SeededKey | null }> {
  return workplace.database.transaction(null, async (transaction) => {
    const inside = within(workplace, transaction);
    const known = await findOrganization(slug, transaction);
    const organization = known ?? (await createOrganization(inside, { slug, name: `Seeded ${slug}` }));
    if (keysFile === undefined) return { organization: organization.id, key: null };
    const settings = { name: 'Seed', scopes: accountScopes, expiresAt: null };
    const { id, key } = await createApiKey(inside, organization.id, settings);
    return { organization: organization.id, key: { organization: slug, id, key } };
  });
}

/** A tenant of its own has people of its own, also with the same seed. */
const tenantSeed = ({ seed: text }: SeedOptions, slug: string) => `${text} ${slug}`;

async function seedUsers(job: Job, slug: string, organization: OrganizationId): Promise<number> {
  const { database, now } = job.workplace;
  const plan = { seed: tenantSeed(job, slug), target: job.users, most: USERS_AT_ONCE };
  for (let added = 0; ; ) {
    const count = await database.transaction(organization, (tx) => addSeededUsers(organization, tx, plan, now()));
    if (count === 0) return added;
    added += count;
    job.progress.add('users', count);
  }
}

async function seedCompletions(job: Job, slug: string, organization: OrganizationId): Promise<number> {
  const { database, now } = job.workplace;
  const seed = tenantSeed(job, slug);
  const clusters = await database.transaction(organization, (tx) =>
    ensureSeededClusters(organization, tx, job.modules, seed, now()),
  );
  const { usersTotal: users } = await getOrganization(organization, database.reader);
  const plan = { seed, users, target: job.completions, most: COMPLETIONS_AT_ONCE };
  for (let added = 0; ; ) {
    const count = await database.transaction(organization, (tx) =>
      addSeededCompletions(organization, tx, clusters, plan, now()),
    );
    if (count === 0) return added;
    added += count;
    job.progress.add('completions', count);
  }
}
