import { listTableShapes, type TableShape } from './copy-catalog.ts';
import { type Fingerprint, fingerprintTable } from './copy-fingerprint.ts';
import type { Database } from './database.ts';
import { listOrganizations, type Organization } from './organizations.ts';
import type { OrganizationId } from './tables.ts';

/** What two databases hold, held against each other. */
export interface Comparison {
  readonly organizations: number;
  /** Rows of the first one. */
  readonly rows: number;
  readonly differences: readonly Difference[];
}

export interface Difference {
  /** Slug. */
  readonly organization: string;
  readonly table: string;
  readonly from: Fingerprint;
  readonly to: Fingerprint;
}

/** A database, or one connection that shows a moment of it. */
export type Side = Pick<Database, 'reader' | 'snapshot'>;

/** Compares counts and digests, organization by organization, each in a view of one moment of either side. */
export async function compareDatabases(
  from: Side,
  to: Side,
  onRows: (count: number) => void = () => {},
): Promise<Comparison> {
  const tables = await listTableShapes(from.reader);
  const organizations = await listBoth(from, to);
  const differences: Difference[] = [];
  let rows = 0;
  for (const { id, slug } of organizations) {
    const [before, after] = [await fingerprints(from, id, tables, onRows), await fingerprints(to, id, tables, onRows)];
    for (const { name } of tables) {
      const [one, other] = [before.get(name) as Fingerprint, after.get(name) as Fingerprint];
      rows += one.rows;
      if (one.digest !== other.digest) differences.push({ organization: slug, table: name, from: one, to: other });
    }
  }
  return { organizations: organizations.length, rows, differences };
}

async function listBoth(from: Side, to: Side): Promise<Organization[]> {
  const byId = new Map<OrganizationId, Organization>();
  for (const { reader } of [to, from]) for (const found of await listOrganizations(reader)) byId.set(found.id, found);
  return [...byId.values()];
}

async function fingerprints(
  side: Side,
  organization: OrganizationId,
  tables: readonly TableShape[],
  onRows: (count: number) => void,
): Promise<Map<string, Fingerprint>> {
  await using snapshot = await side.snapshot(organization);
  const all = new Map<string, Fingerprint>();
  for (const table of tables) {
    all.set(table.name, await fingerprintTable(organization, snapshot.connection, table, onRows));
  }
  return all;
}
