import { table } from '@rollcall/cli/table.ts';
import { changeOrganization } from '../actions/change-organization.ts';
import { createOrganization } from '../actions/create-organization.ts';
import { formatDateTime } from '../domain/date-time.ts';
import { listOrganizations, type Organization, type OrganizationSettings } from '../store/organizations.ts';
import { requireOrganization, withData, withNewData } from './data.ts';
import { dataPlace } from './failure.ts';
import { print, remark } from './output.ts';

export interface CreateOptions {
  readonly name: string;
  readonly trustedDomain?: readonly string[];
  readonly embedOrigin?: readonly string[];
  readonly accentColor?: string;
  readonly test?: true;
  readonly json?: true;
}

/** The `false` of an option comes from its `--no-` form. */
export interface SetOptions {
  readonly name?: string;
  readonly trustedDomain?: readonly string[];
  readonly trustedDomains: boolean;
  readonly embedOrigin?: readonly string[];
  readonly embedOrigins: boolean;
  readonly accentColor?: string | false;
  readonly json?: true;
}

/** `rollcall org create SLUG`. */
export async function create(slug: string, options: CreateOptions): Promise<void> {
  const { name, trustedDomain: trustedDomains, embedOrigin: embedOrigins, accentColor, test, json } = options;
  await withNewData(async (workplace) => {
    const organization = await createOrganization(workplace, {
      slug,
      name,
      ...(test && { isTest: true }),
      ...(trustedDomains && { trustedDomains }),
      ...(embedOrigins && { embedOrigins }),
      ...(accentColor && { accentColor }),
    });
    if (json) return print(JSON.stringify(present(organization)));
    await print(`Made the organization ${slug}.\n${describe(organization)}`);
    remark(`\nMake a key for it: rollcall key create --org ${slug} --name NAME`);
  });
}

/** `rollcall org list`. */
export async function list({ json }: { readonly json?: true }): Promise<void> {
  await withData(async ({ config, database }) => {
    const organizations = await listOrganizations(database.reader);
    if (json) return print(JSON.stringify(organizations.map(present)));
    if (organizations.length === 0) {
      return remark(`No organizations in ${dataPlace(config)} yet. Make one: rollcall org create SLUG --name NAME`);
    }
    await print(table([['SLUG', 'USERS', 'ACTIVE', 'CREATED', 'TRUSTED DOMAINS', 'NAME'], ...organizations.map(row)]));
  });
}

/** `rollcall org set SLUG`. */
export async function set(slug: string, options: SetOptions): Promise<void> {
  await withData(async (workplace) => {
    const { id } = await requireOrganization(workplace, slug);
    const organization = await changeOrganization(workplace, id, settingsOf(options));
    await print(options.json ? JSON.stringify(present(organization)) : `${slug} is now:\n${describe(organization)}`);
  });
}

/** Whether `org set` was told anything to set. */
export function hasSettings(options: SetOptions): boolean {
  return Object.keys(settingsOf(options)).length > 0;
}

function settingsOf(options: SetOptions): OrganizationSettings {
  const { name, accentColor } = options;
  const trustedDomains = options.trustedDomains ? options.trustedDomain : null;
  const embedOrigins = options.embedOrigins ? options.embedOrigin : [];
  return {
    ...(name !== undefined && { name }),
    ...(trustedDomains !== undefined && { trustedDomains }),
    ...(embedOrigins !== undefined && { embedOrigins }),
    ...(accentColor !== undefined && { accentColor: accentColor || null }),
  };
}

/** An organization as `--json` shows it; times as in the contract. */
function present(organization: Organization) {
  const { slug, name, isTest, testClockAt, trustedDomains, embedOrigins, accentColor, createdAt } = organization;
  const { usersTotal, usersActive } = organization;
  return {
    slug,
    name,
    test: isTest,
    testClock: testClockAt === null ? null : formatDateTime(testClockAt),
    trustedDomains,
    embedOrigins,
    accentColor,
    usersTotal,
    usersActive,
    createdAt: formatDateTime(createdAt),
  };
}

function row({ slug, name, isTest, usersTotal, usersActive, trustedDomains, createdAt }: Organization): string[] {
  const created = formatDateTime(createdAt).slice(0, 10);
  const label = isTest ? `${name} (test)` : name;
  return [slug, `${usersTotal}`, `${usersActive}`, created, trustedDomains?.join(',') ?? '-', label];
}

function describe({ name, isTest, trustedDomains, embedOrigins, accentColor }: Organization): string {
  return table([
    ['  name', name],
    ...(isTest ? [['  made for tests', 'its clock can be set by PUT /manage/v1/test-clock']] : []),
    ['  trusted domains', trustedDomains?.join(', ') ?? 'off: any email may come in'],
    ['  embed origins', embedOrigins.join(', ') || 'any site may frame the sign-up form'],
    ['  accent color', accentColor ?? 'standard'],
  ]);
}
