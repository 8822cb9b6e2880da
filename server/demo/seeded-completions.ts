import { hash } from 'node:crypto';
import type { User } from '@rollcall/contract/users.ts';
import { type CompletionFacts, completionJson } from '../domain/completion.ts';
import { type CompletionRecord, lastCompletionChange, writeCompletions } from '../store/completions.ts';
import type { Connection, Transaction } from '../store/database.ts';
import type { OrganizationId } from '../store/tables.ts';
import { readUsersPage } from '../store/users.ts';
import type { SeededCluster } from './seeded-clusters.ts';
import { uuidAt } from './uuid.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** People in each session, and so the fewest that an organization with completions can have. */
export const SEEDED_SEATS = 6;
/** Sessions begin at quarter hours, one every two minutes on average: five million completions span some three years. */
const SESSION_EVERY_MS = 2 * MINUTE_MS;
const QUARTER_MS = 15 * MINUTE_MS;
const FIRST_START_AT = Date.parse('2022-01-03T08:00:00Z');
const SIGNED_UP_BEFORE_MS = 7 * 24 * 60 * MINUTE_MS;
/** Users of whom the sessions of one stretch are made up; read at once. */
const USERS_NEAR = 2_000;
/** The stretch of sessions that share these users. */
const SESSIONS_NEAR = 800;

/** Beyond these, sessions would lie in the future. */
export const SEEDED_COMPLETIONS_MAX = 7_000_000;

interface Participant {
  readonly id: string;
  readonly remoteId: string | null;
}

/**
 * Adds made-up completions until the organization has `target` of them, at most `most` now; answers how many were added.
 * They stand by themselves, with the figures of people who came, came late, left early or stayed away; sessions and
 * registrations are left out, since no list reads them. The same for the same seed, users and completions before.
 */
export async function addSeededCompletions(
  organization: OrganizationId,
  transaction: Transaction,
  clusters: readonly SeededCluster[],
  plan: { readonly seed: string; readonly users: number; readonly target: number; readonly most: number },
  now: number,
): Promise<number> {
  const from = await lastCompletionChange(organization, transaction);
  const to = Math.min(plan.target, from + plan.most);
  const records: CompletionRecord[] = [];
  let near: Participant[] = [];
  for (let number = from; number < to; number++) {
    const session = Math.floor(number / SEEDED_SEATS);
    const isNewStretch = number === from || number % (SEEDED_SEATS * SESSIONS_NEAR) === 0;
    if (isNewStretch) near = await usersNear(organization, transaction, plan, session);
    const cluster = clusters[session % clusters.length] as SeededCluster;
    const participant = near[(session * 7 + (number % SEEDED_SEATS)) % near.length] as Participant;
    records.push(seededCompletion(plan.seed, number, cluster, participant));
  }
  return (await writeCompletions(organization, transaction, records, now)).length;
}

/** The users who take part in the sessions around this one. */
async function usersNear(
  organization: OrganizationId,
  connection: Connection,
  { seed, users }: { readonly seed: string; readonly users: number },
  session: number,
): Promise<Participant[]> {
  const stretch = Math.floor(session / SESSIONS_NEAR);
  const room = Math.max(1, users - USERS_NEAR + 1);
  const from = Number.parseInt(hash('sha256', `${seed} stretch ${stretch}`, 'hex').slice(0, 12), 16) % room;
  const page = { from, to: Math.min(users, from + USERS_NEAR), head: '[', tail: ']' };
  const bytes = await readUsersPage(organization, connection, page);
  return JSON.parse(Buffer.from(bytes).toString()) as User[];
}

function seededCompletion(
  seed: string,
  number: number,
  { id: clusterId, module }: SeededCluster,
  { id: userId, remoteId }: Participant,
): CompletionRecord {
  const session = Math.floor(number / SEEDED_SEATS);
  const sinceFirst = session * SESSION_EVERY_MS;
  const startAt = FIRST_START_AT + sinceFirst - (sinceFirst % QUARTER_MS);
  const endAt = startAt + module.duration * MINUTE_MS;
  const signedUpAt = startAt - SIGNED_UP_BEFORE_MS;
  const digits = hash('sha256', `${seed} completion ${clusterId} ${number}`, 'hex');
  const id = uuidAt(signedUpAt + (number % SEEDED_SEATS), digits);
  const facts: CompletionFacts = {
    id,
    remoteUserId: remoteId,
    clusterId,
    module,
    scheduledStartAt: startAt,
    scheduledEndAt: endAt,
    visit: seededVisit(digits.slice(40), startAt, endAt, module.totalSteps),
    totalSteps: module.totalSteps,
  };
  return {
    id,
    registrationId: id,
    sessionId: uuidAt(signedUpAt, hash('sha256', `${seed} session ${clusterId} ${session}`, 'hex')),
    clusterId,
    userId,
    remoteUserId: remoteId,
    scheduledStartAt: startAt,
    document: completionJson(facts),
  };
}

/** One in eight stays away, a quarter leaves early, some lose their connection for a while. `digits` are 24 of chance. */
function seededVisit(digits: string, startAt: number, endAt: number, totalSteps: number): CompletionFacts['visit'] {
  const chance = (place: number, below: number) => Number.parseInt(digits.slice(place, place + 4), 16) % below;
  if (chance(0, 8) === 0) return null;
  const length = endAt - startAt;
  const firstAt = startAt + (chance(4, 900) - 240) * SECOND_MS;
  const leftAt = chance(8, 4) === 0 ? startAt + Math.round((length * (40 + chance(12, 50))) / 100) : endAt;
  const lastAt = leftAt + chance(16, 60) * SECOND_MS;
  const awayMs = chance(20, 10) === 0 ? Math.min(chance(20, 360) * SECOND_MS, (lastAt - firstAt) / 2) : 0;
  const presentMs = lastAt - firstAt - awayMs;
  const share = Math.min(1, presentMs / length);
  return { firstAt, lastAt, presentMs, stepsVisited: Math.max(1, Math.round(share * totalSteps)) };
}
