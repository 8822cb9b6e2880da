import { randomUUID } from 'node:crypto';
import { type CompletionFacts, completionJson } from '../../domain/completion.ts';
import { insertCluster } from '../../store/clusters.ts';
import { type CompletionRecord, writeCompletions } from '../../store/completions.ts';
import { insertModule, type Module } from '../../store/modules.ts';
import type { TestOrganization, TestServer } from './test-server.ts';

type Server = Pick<TestServer, 'database' | 'clock'>;

/** A module as tests need one where its content does not matter. */
export async function addModule(
  { database, clock }: Server,
  { id }: TestOrganization,
  settings: Partial<Module> = {},
): Promise<Module> {
  const module: Module = {
    id: randomUUID(),
    name: 'Meetings that decide',
    category: 'Collaboration',
    description: 'Find out together what makes a meeting end with a decision.',
    thumbnailUrl: null,
    durationMinutes: 60,
    steps: [],
    ...settings,
  };
  await database.transaction(id, (transaction) => insertModule(id, transaction, module, clock.now()));
  return module;
}

export interface ClusterSettings {
  readonly module?: Module;
  readonly selfRegistration?: boolean;
  /** Epoch milliseconds; now unless said otherwise. */
  readonly createdAt?: number;
}

/** A cluster, of a module of its own unless one is given; answers its id. */
export async function addCluster(
  server: Server,
  organization: TestOrganization,
  { module, selfRegistration = false, createdAt = server.clock.now() }: ClusterSettings = {},
): Promise<string> {
  const { id: moduleId } = module ?? (await addModule(server, organization));
  const cluster = { id: randomUUID(), moduleId, selfRegistration, createdAt };
  await server.database.transaction(organization.id, (transaction) =>
    insertCluster(organization.id, transaction, cluster, server.clock.now()),
  );
  return cluster.id;
}

/** What a test says of a completion; the rest is made up. Times as the contract writes them. */
export interface CompletionSettings extends Partial<Omit<CompletionFacts, 'scheduledStartAt' | 'scheduledEndAt'>> {
  readonly startAt?: string;
  readonly registrationId?: string;
}

const HOUR_MS = 3_600_000;

/**
 * The stored form of a completion: a session of an hour, a participant who was there for 53 minutes of it. The same
 * `id` and `registrationId` with other settings is an update of the same record.
 */
export function completionRecord(settings: CompletionSettings = {}): CompletionRecord {
  const { startAt = '2024-06-15T14:00:00Z', registrationId = randomUUID(), ...facts } = settings;
  const scheduledStartAt = Date.parse(startAt);
  const firstAt = scheduledStartAt + 2 * 60_000;
  const lastAt = scheduledStartAt + 55 * 60_000;
  const all: CompletionFacts = {
    id: randomUUID(),
    remoteUserId: null,
    clusterId: randomUUID(),
    module: {
      id: randomUUID(),
      name: 'Meetings that decide',
      category: 'Collaboration',
      thumbnailUrl: null,
      description: 'Find out together what makes a meeting end with a decision.',
      duration: 60,
    },
    scheduledStartAt,
    scheduledEndAt: scheduledStartAt + HOUR_MS,
    visit: { firstAt, lastAt, presentMs: lastAt - firstAt, stepsVisited: 8 },
    totalSteps: 10,
    ...facts,
  };
  return {
    id: all.id,
    registrationId,
    sessionId: randomUUID(),
    clusterId: all.clusterId,
    userId: randomUUID(),
    remoteUserId: all.remoteUserId,
    scheduledStartAt,
    document: completionJson(all),
  };
}

/** Stores completions in one transaction, in the order given. */
export async function addCompletions(
  { database, clock }: Server,
  organization: TestOrganization,
  records: readonly CompletionRecord[],
): Promise<void> {
  await database.transaction(organization.id, (transaction) =>
    writeCompletions(organization.id, transaction, records, clock.now()),
  );
}
