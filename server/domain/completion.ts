import { hash } from 'node:crypto';
import type { Completion } from '@rollcall/contract/completions.ts';
import { formatDateTime } from './date-time.ts';
import type { Presence } from './presence.ts';

const MINUTE_MS = 60_000;
const HASH_LENGTH = 12;

/** All that a completion is made of; times are epoch milliseconds. */
export interface CompletionFacts {
  readonly id: string;
  /** The user's `remoteId`. */
  readonly remoteUserId: string | null;
  readonly clusterId: string;
  /** The module as it is at this moment: the record is a snapshot. */
  readonly module: {
    readonly id: string;
    readonly name: string;
    readonly category: string;
    readonly thumbnailUrl: string | null;
    readonly description: string;
    /** Minutes. */
    readonly duration: number;
  };
  readonly scheduledStartAt: number;
  readonly scheduledEndAt: number;
  /** Presence and the number of steps seen; null for a no-show. */
  readonly visit: (Presence & { readonly stepsVisited: number }) | null;
  readonly totalSteps: number;
}

type CompletionFields = Omit<Completion, 'hash'>;

function percentage(visited: number, total: number): number {
  return total === 0 ? 0 : Math.round((100 * visited) / total);
}

/** The record in the contract's order, all but its hash. */
function fieldsOf(facts: CompletionFacts): CompletionFields {
  const { module, visit } = facts;
  const stepsVisited = visit?.stepsVisited ?? 0;
  return {
    id: facts.id,
    remoteUserId: facts.remoteUserId,
    clusterId: facts.clusterId,
    moduleId: module.id,
    moduleName: module.name,
    moduleCategory: module.category,
    moduleThumbnailUrl: module.thumbnailUrl,
    moduleDescription: module.description,
    duration: module.duration,
    attended: visit !== null,
    sessionScheduledStartAt: formatDateTime(facts.scheduledStartAt),
    sessionScheduledEndAt: formatDateTime(facts.scheduledEndAt),
    participantFirstVisitedAt: visit === null ? null : formatDateTime(visit.firstAt),
    participantLastVisitedAt: visit === null ? null : formatDateTime(visit.lastAt),
    timeInSessionMins: Math.floor((visit?.presentMs ?? 0) / MINUTE_MS),
    stepsVisited,
    totalSteps: facts.totalSteps,
    percentageStepsVisited: percentage(stepsVisited, facts.totalSteps),
  };
}

function hashOf(fieldsJson: string): string {
  return hash('sha256', fieldsJson, 'hex').slice(0, HASH_LENGTH);
}

/**
 * The hash of a completion: the first 12 hex digits of the SHA-256 over the JSON text of all its other fields, in the
 * contract's order and without white space (contract: Completions). It changes exactly when one of them does.
 */
export function completionHash(fields: CompletionFields): string {
  return hashOf(JSON.stringify(fields));
}

/** The completion of a registration, fields in the contract's order, hash included. */
export function composeCompletion(facts: CompletionFacts): Completion {
  const fields = fieldsOf(facts);
  return { ...fields, hash: completionHash(fields) };
}

/** The JSON text of `composeCompletion(facts)`, as it is stored and sent; serialized once for both hash and text. */
export function completionJson(facts: CompletionFacts): string {
  const fieldsJson = JSON.stringify(fieldsOf(facts));
  return `${fieldsJson.slice(0, -1)},"hash":"${hashOf(fieldsJson)}"}`;
}
