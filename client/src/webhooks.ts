import { WebhookVerificationError } from './errors.ts';

/** A webhook as it arrived. */
export interface ReceivedWebhook {
  /** The body to the byte: parsing it and writing it anew breaks the signature. */
  readonly body: string | Uint8Array;
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** `whsec_…`; several while one replaces another. */
  readonly secret: string | readonly string[];
  /** How old a webhook may be, or how far ahead of this clock; 300. */
  readonly toleranceSeconds?: number;
  /** Epoch milliseconds, for tests; the clock's. */
  readonly now?: number;
}

const PREFIX = 'whsec_';
const VERSION = 'v1,';

/**
 * Checks a webhook's signature (Standard Webhooks) and answers its content. Throws a WebhookVerificationError where it was
 * not signed with one of the secrets, or too long ago. Note its `webhook-id`: the same webhook can come more than once.
 */
export async function verifyWebhook<Content = unknown>(webhook: ReceivedWebhook): Promise<Content> {
  const { secret, toleranceSeconds = 300, now = Date.now() } = webhook;
  const keys = await Promise.all([secret].flat().map(importSecret));
  if (keys.length === 0) throw new WebhookVerificationError('No secret was given.');
  const id = headerOf(webhook, 'webhook-id');
  const timestamp = headerOf(webhook, 'webhook-timestamp');
  const signatures = headerOf(webhook, 'webhook-signature');
  requireRecent(timestamp, toleranceSeconds, now);
  const body = typeof webhook.body === 'string' ? new TextEncoder().encode(webhook.body) : webhook.body;
  const signed = joined(new TextEncoder().encode(`${id}.${timestamp}.`), body);
  if (!(await isSigned(signed, signaturesIn(signatures), keys))) {
    throw new WebhookVerificationError(
      'No signature fits: the secret is another one, or the body is not as it was sent.',
    );
  }
  return parse(body) as Content;
}

/** Compared in constant time, by WebCrypto. */
async function isSigned(
  signed: Uint8Array<ArrayBuffer>,
  signatures: readonly Uint8Array<ArrayBuffer>[],
  keys: readonly CryptoKey[],
): Promise<boolean> {
  for (const key of keys) {
    for (const signature of signatures) {
      if (await crypto.subtle.verify('HMAC', key, signature, signed)) return true;
    }
  }
  return false;
}

async function importSecret(secret: string): Promise<CryptoKey> {
  const bytes = secret.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length)) : null;
  if (!bytes || bytes.length === 0) {
    throw new WebhookVerificationError(`A secret must be "${PREFIX}" and base64, as it was shown.`);
  }
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

/** `v1,BASE64`, separated by spaces; those of other versions are for others. */
function signaturesIn(header: string): Uint8Array<ArrayBuffer>[] {
  return header
    .split(' ')
    .filter((part) => part.startsWith(VERSION))
    .map((part) => fromBase64(part.slice(VERSION.length)))
    .filter((bytes) => bytes !== null);
}

function requireRecent(timestamp: string, toleranceSeconds: number, now: number): void {
  if (!/^\d{1,12}$/.test(timestamp)) {
    throw new WebhookVerificationError('The header webhook-timestamp is no time in seconds.');
  }
  const ageSeconds = now / 1000 - Number(timestamp);
  if (Math.abs(ageSeconds) <= toleranceSeconds) return;
  throw new WebhookVerificationError(
    `The webhook is from ${Math.round(Math.abs(ageSeconds))} seconds ${ageSeconds > 0 ? 'ago' : 'ahead'}: it was sent before, or a clock is wrong.`,
  );
}

function headerOf({ headers }: ReceivedWebhook, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : memberOf(headers, name);
  if (value === null || value === '') throw new WebhookVerificationError(`The header ${name} is missing.`);
  return value;
}

/** Names of headers know no case; Node gives those that came twice as a list. */
function memberOf(headers: Readonly<Record<string, string | readonly string[] | undefined>>, name: string) {
  const [, value] = Object.entries(headers).find(([key]) => key.toLowerCase() === name) ?? [];
  return [value ?? []].flat().join(' ') || null;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new WebhookVerificationError('The webhook is signed, but its body is no JSON.', { cause });
  }
}
