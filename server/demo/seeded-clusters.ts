import { hash } from 'node:crypto';
import type { ModuleTemplate } from '../actions/create-module.ts';
import type { CompletionFacts } from '../domain/completion.ts';
import { getCluster, insertCluster } from '../store/clusters.ts';
import type { Transaction } from '../store/database.ts';
import { insertModule } from '../store/modules.ts';
import type { OrganizationId } from '../store/tables.ts';
import { uuidAt } from './uuid.ts';

const CLUSTERS_EACH = 2;
const DAY_MS = 86_400_000;
const FIRST_CREATED_AT = Date.parse('2021-11-01T09:00:00Z');

/** A cluster of made-up completions, with its module as their records show it. */
export interface SeededCluster {
  readonly id: string;
  readonly module: CompletionFacts['module'] & { readonly totalSteps: number };
}

/** The clusters that made-up completions come from, two of each module; made where the organization has them not yet. */
export async function ensureSeededClusters(
  organization: OrganizationId,
  transaction: Transaction,
  modules: ReadonlyMap<string, ModuleTemplate>,
  seed: string,
  now: number,
): Promise<SeededCluster[]> {
  const clusters: SeededCluster[] = [];
  for (const [file, { durationMinutes: duration, steps, ...template }] of modules) {
    const moduleId = seededId(seed, `module ${file}`, FIRST_CREATED_AT);
    for (let number = 0; number < CLUSTERS_EACH; number++) {
      const createdAt = FIRST_CREATED_AT + (clusters.length + 1) * DAY_MS;
      const id = seededId(seed, `cluster ${file} ${number}`, createdAt);
      clusters.push({ id, module: { ...template, id: moduleId, duration, totalSteps: steps.length } });
      if ((await getCluster(organization, transaction, id)) !== null) continue;
      const module = { ...template, durationMinutes: duration, steps, id: moduleId };
      if (number === 0) await insertModule(organization, transaction, module, now);
      const cluster = { id, moduleId, selfRegistration: number === 0, createdAt };
      await insertCluster(organization, transaction, cluster, now);
    }
  }
  return clusters;
}

function seededId(seed: string, what: string, at: number): string {
  return uuidAt(at, hash('sha256', `${seed} ${what}`, 'hex'));
}
