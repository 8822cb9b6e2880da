import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIX = 'rck_';
const SECRET_LENGTH = 30;
const CHECKSUM_LENGTH = 6;
const SHAPE = /^rck_[0-9A-Za-z]{36}$/;

/**
 * The largest multiple of 62 that a byte can hold: bytes from here on would favour the first letters of the alphabet.
 */
const UNBIASED_BELOW = 248;

/** How many random bytes `formatApiKey` wants: so many that the unbiased ones among them practically always suffice. */
export const API_KEY_RANDOM_BYTES = 64;

/** CRC-32 of the secret in base 62: finds every single wrong character and every swap of two neighbours. */
function checksumOf(secret: string): string {
  let rest = crc32(secret);
  let digits = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    digits = ALPHABET.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/**
 * Composes an API key: `rck_`, 30 base-62 characters (178 bits), 6 characters of checksum.
 *
 * @throws RangeError when the bytes do not hold 30 unbiased characters; `API_KEY_RANDOM_BYTES` of them do
 */
export function formatApiKey(randomBytes: Uint8Array): string {
  let secret = '';
  for (const byte of randomBytes) {
    if (byte < UNBIASED_BELOW) secret += ALPHABET.charAt(byte % 62);
    if (secret.length === SECRET_LENGTH) return PREFIX + secret + checksumOf(secret);
  }
  throw new RangeError(`an API key wants ${API_KEY_RANDOM_BYTES} random bytes, ${randomBytes.length} were too few`);
}

/**
 * Judges a key by its form alone: `malformed` is no key of ours, `mistyped` looks like one but its checksum disagrees,
 * `ok` may exist. Tells a typing mistake apart from a revoked key without a query.
 */
export function readApiKey(text: string): 'ok' | 'malformed' | 'mistyped' {
  if (!SHAPE.test(text)) return 'malformed';
  const checksumAt = PREFIX.length + SECRET_LENGTH;
  return text.slice(checksumAt) === checksumOf(text.slice(PREFIX.length, checksumAt)) ? 'ok' : 'mistyped';
}

/** What is stored of a key: its SHA-256 as 64 hex digits. No salt is needed, since a key has 178 random bits. */
export function apiKeyDigest(key: string): string {
  return hash('sha256', key, 'hex');
}
