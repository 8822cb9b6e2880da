import { table } from '@rollcall/cli/table.ts';
import { accountScopes, allScopes, type Scope } from '@rollcall/contract/scopes.ts';
import { createApiKey } from '../actions/create-api-key.ts';
import { revokeApiKey } from '../actions/revoke-api-key.ts';
import { apiKeyDigest, readApiKey } from '../domain/api-key.ts';
import { formatDateTime } from '../domain/date-time.ts';
import { Refusal } from '../domain/refusal.ts';
import { findApiKeyOwner } from '../store/api-key-owner.ts';
import { type ApiKey, findAccount, listApiKeys } from '../store/api-keys.ts';
import { getOrganization } from '../store/organizations.ts';
import type { OrganizationId } from '../store/tables.ts';
import { requireOrganization, type Workplace, withData } from './data.ts';
import { print, remark } from './output.ts';

export interface CreateOptions {
  readonly org: string;
  readonly name: string;
  readonly scope?: readonly Scope[];
  /** Epoch milliseconds. */
  readonly expires?: number;
  readonly json?: true;
}

/** `rollcall key create`. */
export async function create({ org, name, scope = accountScopes, expires, json }: CreateOptions): Promise<void> {
  await withData(async (workplace) => {
    const { id: organization } = await requireOrganization(workplace, org);
    const scopes = allScopes.filter((known) => scope.includes(known));
    const { key, ...made } = await createApiKey(workplace, organization, { name, scopes, expiresAt: expires ?? null });
    const { id, ...rest } = present(made, org, workplace.now());
    if (json) return print(JSON.stringify({ id, key, ...rest }));
    const facts = table([
      ['  id', id],
      ['  scopes', scopes.join(', ')],
      ['  expires', expires === undefined ? 'never' : formatDateTime(expires)],
    ]);
    await print(`Made the key "${name}" of ${org}.\n${facts}\n\n${key}\n`);
    remark(
      'This is the only time that the key is shown: keep it in a safe place.\nSend it as "Authorization: Bearer KEY".',
    );
  });
}

/** `rollcall key list`. */
export async function list({ org, json }: { readonly org: string; readonly json?: true }): Promise<void> {
  await withData(async (workplace) => {
    const { id: organization } = await requireOrganization(workplace, org);
    const keys = await listApiKeys(organization, workplace.database.reader);
    const shown = keys.map((key) => present(key, org, workplace.now()));
    if (json) return print(JSON.stringify(shown));
    if (shown.length === 0)
      return remark(`${org} has no keys yet. Make one: rollcall key create --org ${org} --name NAME`);
    await print(
      table([['ID', 'KEY', 'STATE', 'CREATED', 'EXPIRES', 'LAST USED', 'SCOPES', 'NAME'], ...shown.map(row)]),
    );
  });
}

/** `rollcall key revoke`: by id alone, which finds the organization; or by the key itself, which is what leaked. */
export async function revoke(
  idOrKey: string,
  { org, json }: { readonly org?: string; readonly json?: true },
): Promise<void> {
  await withData(async (workplace) => {
    const named = org === undefined ? null : await requireOrganization(workplace, org);
    const found = await findKey(workplace, idOrKey);
    const key =
      found && (named === null || named.id === found.organization)
        ? await revokeApiKey(workplace, found.organization, found.id)
        : null;
    if (!found || !key) throw noSuchKey(idOrKey, org);
    const { slug } = named ?? (await getOrganization(found.organization, workplace.database.reader));
    const { repeated, ...revoked } = key;
    if (json) return print(JSON.stringify(present(revoked, slug, workplace.now())));
    const when = formatDateTime(revoked.revokedAt ?? workplace.now());
    await print(
      repeated
        ? `The key "${key.name}" of ${slug} had been revoked already, at ${when}.`
        : `Revoked the key "${key.name}" of ${slug}. Requests with it are refused from now on.`,
    );
  });
}

async function findKey(
  { database }: Workplace,
  idOrKey: string,
): Promise<{ readonly id: string; readonly organization: OrganizationId } | null> {
  const form = readApiKey(idOrKey);
  if (form === 'mistyped') throw new Error('that key is mistyped: its check characters do not fit. Copy it again');
  if (form === 'ok') {
    const account = await findAccount(apiKeyDigest(idOrKey), database.reader);
    return account && { id: account.keyId, organization: account.organization };
  }
  const organization = await findApiKeyOwner(idOrKey, database.reader);
  return organization && { id: idOrKey, organization };
}

/** Never repeats what was given where that is, or may be, a secret. */
function noSuchKey(idOrKey: string, org: string | undefined): Refusal {
  const what = idOrKey.startsWith('rck_') ? 'such key' : `key with the id "${idOrKey}"`;
  const whose = org === undefined ? '' : ` of ${org}`;
  return new Refusal(
    'not_found',
    `There is no ${what}${whose}. "rollcall key list --org ${org ?? 'SLUG'}" shows the ids.`,
  );
}

/** A key as `--json` shows it; times as in the contract. */
function present(key: ApiKey, org: string, now: number) {
  const { id, name, scopes, lastFour, createdAt, expiresAt, revokedAt, lastUsedAt } = key;
  return {
    id,
    org,
    name,
    scopes,
    lastFour,
    state: stateOf(key, now),
    createdAt: formatDateTime(createdAt),
    expiresAt: optionalTime(expiresAt),
    revokedAt: optionalTime(revokedAt),
    lastUsedAt: optionalTime(lastUsedAt),
  };
}

function optionalTime(at: number | null): string | null {
  return at === null ? null : formatDateTime(at);
}

function stateOf({ revokedAt, expiresAt }: ApiKey, now: number): 'active' | 'expired' | 'revoked' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
}

function row({ id, lastFour, state, createdAt, expiresAt, lastUsedAt, scopes, name }: ReturnType<typeof present>) {
  const used = lastUsedAt ?? 'never';
  return [id, `…${lastFour}`, state, createdAt.slice(0, 10), expiresAt ?? 'never', used, scopes.join(','), name];
}
