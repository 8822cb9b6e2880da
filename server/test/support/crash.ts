import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../store/database.ts';
import type { OrganizationId } from '../../store/tables.ts';
import { CrashClient, type Ledger, type Target } from './crash-client.ts';
import { brokenInvariants } from './invariants.ts';
import type { Installation } from './program.ts';

export interface CrashOptions {
  readonly clients: number;
  readonly kills: number;
  /** Longest time that a server works before it is killed, in milliseconds. */
  readonly workMsMax: number;
}

/** What came of it. */
export interface CrashReport {
  readonly kills: number;
  /** Batches that were answered. */
  readonly acknowledged: number;
  /** Batches without an answer that were there all the same, and that were not: both are right, if whole. */
  readonly unanswered: { readonly there: number; readonly gone: number };
  /** What must not be, in words. */
  readonly faults: readonly string[];
}

/** Every so many kills one more server is killed while it starts, that is while it repairs what the last one left. */
const KILLS_BETWEEN_BROKEN_STARTS = 3;
const START_MS_MAX = 500;

/**
 * Lets clients send batches to a server that is killed (SIGKILL) at random moments and started again on the same
 * directory. After each start it compares what is stored with what the clients were told.
 */
export async function crashAgainAndAgain(installation: Installation, options: CrashOptions): Promise<CrashReport> {
  const organization = await installation.createOrganization('acme');
  const key = await installation.createKey(organization);
  const clients = Array.from({ length: options.clients }, (_, index) => new CrashClient(`c${index}`));
  const unanswered = { there: 0, gone: 0 };
  const faults: string[] = [];
  // After a fault there is no telling what is right: what follows would only hide it.
  for (let kill = 0; kill <= options.kills && faults.length === 0; kill++) {
    const server = await installation.serve();
    const stored = await readStored(installation, organization, clients);
    faults.push(...stored.faults.map((fault) => `after kill ${kill}: ${fault}`));
    unanswered.there += stored.there;
    unanswered.gone += stored.gone;
    const isOver = kill === options.kills || faults.length > 0;
    const working = isOver ? [] : clients.map((client) => work(client, { address: server.address, key }));
    if (!isOver) await sleep(Math.random() * options.workMsMax);
    server.child.kill('SIGKILL');
    await server.ended;
    faults.push(...(await Promise.all(working)).flat());
    if (kill % KILLS_BETWEEN_BROKEN_STARTS === 1) await breakStart(installation);
  }
  const acknowledged = clients.reduce((sum, { count }) => sum + count, 0);
  return { kills: options.kills, acknowledged, unanswered, faults };
}

/** Lets a client work until the server is gone; answers what it complained about. */
async function work(client: CrashClient, target: Omit<Target, 'agent'>): Promise<string[]> {
  const agent = new Agent({ keepAlive: true });
  try {
    await client.run({ ...target, agent });
    return [];
  } catch (error) {
    return [String(error)];
  } finally {
    agent.destroy();
  }
}

async function breakStart(installation: Installation): Promise<void> {
  const { child, ended } = installation.spawn(['serve']);
  await sleep(Math.random() * START_MS_MAX);
  child.kill('SIGKILL');
  await ended;
}

/** Holds what is stored against what each client knows. */
async function readStored(
  installation: Installation,
  organization: OrganizationId,
  clients: readonly CrashClient[],
): Promise<{ there: number; gone: number; faults: string[] }> {
  await using database = await installation.openDatabase();
  const faults = await brokenInvariants(database, organization);
  const users = await readUsers(database, organization);
  let there = 0;
  let gone = 0;
  for (const client of clients) {
    const own = new Map([...users].filter(([remoteId]) => client.owns(remoteId)));
    const [acknowledged, withUnanswered] = client.possible.map((ledger) => difference(ledger, own));
    client.expectUnanswered(withUnanswered === null);
    if (acknowledged === null) gone += withUnanswered === undefined ? 0 : 1;
    else if (withUnanswered === null) there++;
    else
      faults.push(`${acknowledged}${withUnanswered ? `, or with the batch without an answer: ${withUnanswered}` : ''}`);
  }
  return { there, gone, faults };
}

async function readUsers({ reader }: Database, organization: OrganizationId): Promise<Ledger> {
  const rows = await reader.kysely
    .selectFrom('users')
    .select(['remote_id', 'last_name', 'active'])
    .where('organization_id', '=', organization)
    .execute();
  return new Map(rows.map((row) => [row.remote_id ?? '', { lastName: row.last_name, active: row.active === 1 }]));
}

/** The first user who is not as the ledger says, in words; null where all are. */
function difference(ledger: Ledger, stored: Ledger): string | null {
  for (const remoteId of new Set([...ledger.keys(), ...stored.keys()])) {
    const [expected, actual] = [ledger, stored].map((users) => JSON.stringify(users.get(remoteId)) ?? 'nobody');
    if (expected !== actual) return `${remoteId} should be ${expected} and is ${actual}`;
  }
  return null;
}
