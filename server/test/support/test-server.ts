import { randomBytes, randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { accountScopes, type Scope } from '@rollcall/contract/scopes.ts';
import type { Logger } from 'pino';
import { startApp } from '../../app.ts';
import { readConfig } from '../../config.ts';
import { API_KEY_RANDOM_BYTES, apiKeyDigest, formatApiKey } from '../../domain/api-key.ts';
import { insertApiKey, revokeApiKey } from '../../store/api-keys.ts';
import type { Database } from '../../store/database.ts';
import { openDatabase } from '../../store/open-database.ts';
import { insertOrganization, updateOrganization } from '../../store/organizations.ts';
import type { OrganizationId } from '../../store/tables.ts';
import { createClock, type TestClock } from './clock.ts';
import { createStorage } from './engine.ts';
import { type Reply, type RequestOptions, sendRequest } from './request.ts';

/** A whole server in this process, on a database of its own. */
export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly address: string;
  readonly database: Database;
  /** Opens the same database once more, as another process does. */
  openDatabase(): Promise<Database>;
  /** The server's clock: stands still until a test moves it. */
  readonly clock: TestClock;
  /** Sends a request without a key. */
  request(path: string, options?: RequestOptions): Promise<Reply>;
  /** Makes an organization that no other test sees, and a key with all scopes of the Account API. */
  createOrganization(settings?: OrganizationOptions): Promise<TestOrganization>;
}

export interface TestServerOptions {
  /** Settings beside those of every test, for example `{ RATE_LIMIT: '3' }`. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly logger?: Logger;
}

export interface OrganizationOptions {
  /** Naming domains turns the restriction on. */
  readonly trustedDomains?: readonly string[];
  /** May have a clock of its own. */
  readonly isTest?: boolean;
}

/** An organization and how to ask the server in its name. */
export interface TestOrganization {
  readonly id: OrganizationId;
  readonly slug: string;
  readonly key: string;
  get(path: string, headers?: RequestOptions['headers']): Promise<Reply>;
  /** A body that is neither text nor bytes is sent as JSON. */
  post(path: string, body: unknown, headers?: RequestOptions['headers']): Promise<Reply>;
  createKey(options?: KeyOptions): Promise<TestKey>;
  revokeKey(id: string): Promise<void>;
}

export interface KeyOptions {
  readonly scopes?: readonly Scope[];
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
}

export interface TestKey {
  readonly id: string;
  readonly key: string;
}

/** Starts a server on an empty database; dispose it to stop it and to remove its files. */
export async function startTestServer({ environment, logger }: TestServerOptions = {}): Promise<TestServer> {
  const storage = await createStorage({ migrated: true });
  const clock = createClock();
  const config = readConfig({ PORT: '0', LOG_LEVEL: 'silent', ...storage.environment, ...environment });
  const app = await startApp({
    config,
    now: clock.now,
    ...(logger && { logger }),
  });
  const agent = new Agent({ keepAlive: true });
  const { address, database } = app;
  const request = (path: string, options: RequestOptions = {}) => sendRequest(address + path, { agent, ...options });
  return {
    address,
    database,
    openDatabase: () => openDatabase(config),
    clock,
    request,
    createOrganization: (settings) => createOrganization({ database, clock, request }, settings),
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      agent.destroy();
      await storage[Symbol.asyncDispose]();
    },
  };
}

async function createOrganization(
  server: Pick<TestServer, 'database' | 'clock' | 'request'>,
  { trustedDomains, isTest = false }: OrganizationOptions = {},
): Promise<TestOrganization> {
  const { database, clock, request } = server;
  const slug = `org-${randomUUID()}`;
  const id = await database.transaction(null, async (transaction) => {
    const name = `Organization ${slug}`;
    const organization = await insertOrganization(transaction, slug, name, clock.now(), { isTest });
    if (!organization) throw new Error(`the slug ${slug} is taken`);
    if (trustedDomains) await updateOrganization(organization.id, transaction, { trustedDomains });
    return organization.id;
  });
  const createKey = async ({ scopes = accountScopes, expiresAt }: KeyOptions = {}): Promise<TestKey> => {
    const key = newApiKey();
    const row = { id: randomUUID(), name: 'test', digest: apiKeyDigest(key), lastFour: key.slice(-4), scopes };
    await database.transaction(null, (transaction) =>
      insertApiKey(id, transaction, { ...row, expiresAt: expiresAt ?? null }, clock.now()),
    );
    return { id: row.id, key };
  };
  const { key } = await createKey();
  return {
    id,
    slug,
    key,
    get: (path, headers) => request(path, { key, ...(headers && { headers }) }),
    post: (path, body, headers) => request(path, { method: 'POST', key, body, ...(headers && { headers }) }),
    createKey,
    async revokeKey(keyId) {
      await database.transaction(null, (transaction) => revokeApiKey(id, transaction, keyId, clock.now()));
    },
  };
}

/** A well-formed key that no organization has until it is stored. */
export function newApiKey(): string {
  return formatApiKey(randomBytes(API_KEY_RANDOM_BYTES));
}
