import { clockOf } from '../actions/clock.ts';
import { Refusal } from '../domain/refusal.ts';
import { seatsLeft } from '../domain/seats.ts';
import { isToCome } from '../domain/sign-up.ts';
import { type ClusterWithModule, getCluster } from '../store/clusters.ts';
import { findOrganization, type Organization } from '../store/organizations.ts';
import { type ListedSession, listSessions } from '../store/sessions.ts';
import type { PagesContext } from './context.ts';

/** What a sign-up form offers. */
export interface Offer {
  readonly organization: Organization;
  readonly cluster: ClusterWithModule;
  /** Those to come, in order of their start. */
  readonly sessions: readonly ListedSession[];
}

/** The offer at an address, open or not; refuses with `not_found` where there is none. */
export async function findOffer({ database, now }: PagesContext, slug: string, clusterId: string): Promise<Offer> {
  const organization = await findOrganization(slug, database.reader);
  const cluster = organization && (await getCluster(organization.id, database.reader, clusterId));
  if (!cluster) throw new Refusal('not_found', 'There is no sign-up form at this address. Ask whoever sent you here.');
  const at = clockOf(organization, now)();
  const sessions = await listSessions(organization.id, database.reader, cluster.id, { after: at });
  return { organization, cluster, sessions: sessions.filter((session) => isToCome(session, at)) };
}

/** Seats still free, for those who sign up. */
export function seatsLeftIn({ capacity, seatsTaken }: ListedSession): number {
  return seatsLeft(capacity, seatsTaken);
}
