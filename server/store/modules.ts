import type { Connection, Transaction } from './database.ts';
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

/** A module as stored. Times are epoch milliseconds. */
export interface StoredModule extends Module {
  readonly createdAt: number;
  readonly archivedAt: number | null;
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
  if (module.steps.length === 0) return;
  await transaction.kysely
    .insertInto('steps')
    .values(
      module.steps.map((step, position) => ({
        organization_id: organization,
        module_id: module.id,
        position,
        title: step.title,
        prompt: step.prompt,
        minutes: step.minutes,
      })),
    )
    .execute();
}

/** A module with its steps in order, archived or not; null where the organization has none with this id. */
export async function getModule(
  organization: OrganizationId,
  connection: Connection,
  id: string,
): Promise<StoredModule | null> {
  const row = await connection.kysely
    .selectFrom('modules')
    .selectAll()
    .where('organization_id', '=', organization)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return null;
  const steps = await connection.kysely
    .selectFrom('steps')
    .select(['title', 'prompt', 'minutes'])
    .where('organization_id', '=', organization)
    .where('module_id', '=', id)
    .orderBy('position')
    .execute();
  return {
    id: row.id,
    name: row.name,
    category: row.category,
    description: row.description,
    thumbnailUrl: row.thumbnail_url,
    durationMinutes: row.duration_minutes,
    steps,
    createdAt: Number(row.created_at),
    archivedAt: row.archived_at === null ? null : Number(row.archived_at),
  };
}
