import type { FastifyRequest } from 'fastify';
import { apiKeyDigest, readApiKey } from '../domain/api-key.ts';
import { Refusal } from '../domain/refusal.ts';
import { type Account, findAccount } from '../store/api-keys.ts';
import type { DoorContext } from './context.ts';

const HOW = 'Send it as "Authorization: Bearer rck_…" or as "X-API-Key: rck_…".';

/** The account that a request's server API key decides; read from the store each time, so that revoking works at once. */
export async function authenticate(request: FastifyRequest, context: DoorContext): Promise<Account> {
  const key = presentedKey(request);
  const form = readApiKey(key);
  if (form === 'malformed')
    throw unauthorized('is not a server API key: those begin with "rck_" and have 40 characters');
  if (form === 'mistyped') throw unauthorized('is mistyped: its check characters do not fit; copy it again');
  const account = await findAccount(apiKeyDigest(key), context.database.reader);
  if (!account) throw unauthorized('is not known here');
  if (account.revokedAt !== null) throw unauthorized('has been revoked; ask for a new one');
  if (account.expiresAt !== null && account.expiresAt <= context.now()) {
    throw unauthorized('has expired; ask for a new one');
  }
  return account;
}

function presentedKey(request: FastifyRequest): string {
  const { authorization, 'x-api-key': header } = request.headers;
  const bearer = authorization === undefined ? undefined : bearerToken(authorization);
  const own = Array.isArray(header) ? header.join(', ') : header?.trim();
  if (bearer !== undefined && own !== undefined && bearer !== own) {
    throw new Refusal('unauthorized', 'Authorization and X-API-Key hold different keys. Send one key.');
  }
  const key = bearer ?? own;
  if (!key) throw new Refusal('unauthorized', `This operation needs a server API key. ${HOW}`);
  return key;
}

function bearerToken(authorization: string): string {
  const match = /^Bearer +(\S+) *$/i.exec(authorization);
  if (!match?.[1]) throw new Refusal('unauthorized', `The Authorization header must be "Bearer" and the key. ${HOW}`);
  return match[1];
}

function unauthorized(why: string): Refusal {
  return new Refusal('unauthorized', `The server API key ${why}.`);
}

const scopesByText = new Map<string, ReadonlySet<string>>();

/** Refuses with `forbidden` where the key lacks the operation's scope. */
export function requireScope(account: Account, scope: string): void {
  let scopes = scopesByText.get(account.scopes);
  if (!scopes) {
    scopes = new Set(JSON.parse(account.scopes) as string[]);
    scopesByText.set(account.scopes, scopes);
  }
  if (scopes.has(scope)) return;
  throw new Refusal('forbidden', `The server API key lacks the scope "${scope}". Make a key that has it.`, { scope });
}
