import type { Connection, Transaction } from './database.ts';
import { touchVersion } from './organizations.ts';
import type { Stretch } from './page.ts';
import type { OrganizationId } from './tables.ts';

export interface Step {
  readonly title: string;
  /** Markdown. */
  readonly prompt: string;
  readonly minutes: number;
}

export interface Module {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly description: string;
  readonly thumbnailUrl: string | null;
  readonly durationMinutes: number;
  readonly steps: readonly Step[];
}

/** When what became of a module. Epoch milliseconds. */
interface ModuleTimes {
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly archivedAt: number | null;
}

/** A module as stored. */
export interface StoredModule extends Module, ModuleTimes {}

/** A module of a list, with the number of its steps. */
export interface ListedModule extends Omit<Module, 'steps'>, ModuleTimes {
  readonly totalSteps: number;
}

export async function insertModule(
  organization: OrganizationId,
  transaction: Transaction,
  module: Module,
  now: number,
): Promise<void> {
  await transaction.kysely
    .insertInto('modules')
    .values({
      organization_id: organization,
      id: module.id,
      name: module.name,
      category: module.category,
      description: module.description,
      thumbnail_url: module.thumbnailUrl,
      duration_minutes: module.durationMinutes,
      created_at: now,
      updated_at: now,
      archived_at: null,
    })
    .execute();
  await insertSteps(organization, transaction, module.id, module.steps);
}

async function insertSteps(
  organization: OrganizationId,
  transaction: Transaction,
  moduleId: string,
  steps: readonly Step[],
): Promise<void> {
  if (steps.length === 0) return;
  await transaction.kysely
    .insertInto('steps')
    .values(
      steps.map((step, position) => ({
        organization_id: organization,
        module_id: moduleId,
        position,
        title: step.title,
        prompt: step.prompt,
        minutes: step.minutes,
      })),
    )
    .execute();
}

const columns = [
  'm.id',
  'm.name',
  'm.category',
  'm.description',
  'm.thumbnail_url',
  'm.duration_minutes',
  'm.created_at',
  'm.updated_at',
  'm.archived_at',
] as const;

function modules(organization: OrganizationId, connection: Connection) {
  return connection.kysely.selectFrom('modules as m').select(columns).where('m.organization_id', '=', organization);
}

type Row = Awaited<ReturnType<ReturnType<typeof modules>['execute']>>[number];

function fromRow(row: Row): Omit<StoredModule, 'steps'> {
  return {
    id: row.id,
    name: row.name,
    category: row.category,
    description: row.description,
    thumbnailUrl: row.thumbnail_url,
    durationMinutes: row.duration_minutes,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    archivedAt: row.archived_at === null ? null : Number(row.archived_at),
  };
}

/** A module with its steps in order, archived or not; null where the organization has none with this id. */
export async function getModule(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<StoredModule | null> {
  const row = await modules(organization, connection).where('m.id', '=', id).executeTakeFirst();
  if (!row) return null;
  const steps = await connection.kysely
    .selectFrom('steps')
    .select(['title', 'prompt', 'minutes'])
    .where('organization_id', '=', organization)
    .where('module_id', '=', id)
    .orderBy('position')
    .execute();
  // Rows have no prototype; whoever compares steps expects ordinary objects.
  return { ...fromRow(row), steps: steps.map(({ title, prompt, minutes }) => ({ title, prompt, minutes })) };
}

/** A stretch of the modules in order of creation: of the archived ones, or of those that are not. */
export async function listModules(
  organization: OrganizationId,
  connection: Connection,
  { archived }: { readonly archived: boolean },
  { after, limit }: Stretch,
): Promise<ListedModule[]> {
  let query = modules(organization, connection)
    .select((outer) =>
      outer
        .selectFrom('steps')
        .whereRef('steps.organization_id', '=', 'm.organization_id')
        .whereRef('steps.module_id', '=', 'm.id')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .as('total_steps'),
    )
    .where('m.archived_at', archived ? 'is not' : 'is', null);
  if (after) query = query.where((eb) => eb(eb.refTuple('m.created_at', 'm.id'), '>', eb.tuple(after.at, after.id)));
  const rows = await query.orderBy('m.created_at').orderBy('m.id').limit(limit).execute();
  return rows.map((row) => ({ ...fromRow(row), totalSteps: Number(row.total_steps) }));
}

/** Writes what is now different of a module; steps are replaced as a whole. Clusters show it at once. */
export async function updateModule(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
  changes: Partial<Omit<Module, 'id'>>,
  now: number,
): Promise<void> {
  const { name, category, description, thumbnailUrl, durationMinutes, steps } = changes;
  await transaction.kysely
    .updateTable('modules')
    .set({
      ...(name !== undefined && { name }),
      ...(category !== undefined && { category }),
      ...(description !== undefined && { description }),
      ...(thumbnailUrl !== undefined && { thumbnail_url: thumbnailUrl }),
      ...(durationMinutes !== undefined && { duration_minutes: durationMinutes }),
      updated_at: now,
    })
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute();
  if (steps) await replaceSteps(organization, transaction, id, steps);
  await touchVersion(organization, transaction, 'clusters_version', now);
}

async function replaceSteps(
  organization: OrganizationId,
  transaction: Transaction,
  moduleId: string,
  steps: readonly Step[],
): Promise<void> {
  await transaction.kysely
    .deleteFrom('steps')
    .where('organization_id', '=', organization)
    .where('module_id', '=', moduleId)
    .execute();
  await insertSteps(organization, transaction, moduleId, steps);
}

export async function archiveModule(
  organization: OrganizationId,
  transaction: Transaction,
  id: string,
  now: number,
): Promise<void> {
  await transaction.kysely
    .updateTable('modules')
    .set({ archived_at: now, updated_at: now })
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .execute();
}
