import type { Module, ModuleSummary } from '@rollcall/contract/manage/module-shapes.ts';
import { formatDateTime } from '../../domain/date-time.ts';
import type { ListedModule, StoredModule } from '../../store/modules.ts';

/** A module of a list as the contract shows it. */
export function presentModuleSummary(module: ListedModule): ModuleSummary {
  return {
    id: module.id,
    name: module.name,
    category: module.category,
    description: module.description,
    thumbnailUrl: module.thumbnailUrl,
    duration: module.durationMinutes,
    totalSteps: module.totalSteps,
    createdAt: formatDateTime(module.createdAt),
    updatedAt: formatDateTime(module.updatedAt),
    archivedAt: module.archivedAt === null ? null : formatDateTime(module.archivedAt),
  };
}

/** A module with its steps as the contract shows it. */
export function presentModule({ steps, ...module }: StoredModule): Module {
  return {
    ...presentModuleSummary({ ...module, totalSteps: steps.length }),
    steps: steps.map(({ title, minutes, prompt }) => ({ title, minutes, prompt })),
  };
}
