import type { Transaction } from './database.ts';
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
