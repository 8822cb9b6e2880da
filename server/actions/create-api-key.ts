import { randomBytes } from 'node:crypto';
import type { Scope } from '@rollcall/contract/scopes.ts';
import { API_KEY_RANDOM_BYTES, apiKeyDigest, formatApiKey } from '../domain/api-key.ts';
import { type ApiKey, insertApiKey } from '../store/api-keys.ts';
import { insertEvents } from '../store/events.ts';
import type { OrganizationId } from '../store/tables.ts';
import type { ActionContext } from './context.ts';

export interface ApiKeySettings {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Epoch milliseconds; null: never. */
  readonly expiresAt: number | null;
}

/** A key that has just been made. */
export interface MadeApiKey extends ApiKey {
  /** The key itself. Only its digest is stored: this is the one time that it can be shown. */
  readonly key: string;
}

const ID_RANDOM_BYTES = 8;
const LAST_CHARACTERS = 4;

/** Makes an API key of the organization (event `api_key.created`); it works with the very next request. */
export function createApiKey(
  { database, now }: ActionContext,
  organization: OrganizationId,
  settings: ApiKeySettings,
): Promise<MadeApiKey> {
  const key = formatApiKey(randomBytes(API_KEY_RANDOM_BYTES));
  const id = `key_${randomBytes(ID_RANDOM_BYTES).toString('hex')}`;
  const stored = { ...settings, id, lastFour: key.slice(-LAST_CHARACTERS) };
  return database.transaction(organization, async (transaction) => {
    const at = now();
    await insertApiKey(organization, transaction, { ...stored, digest: apiKeyDigest(key) }, at);
    await insertEvents(organization, transaction, [{ type: 'api_key.created', data: { apiKeyId: id } }], at);
    return { ...stored, key, createdAt: at, revokedAt: null, lastUsedAt: null };
  });
}
