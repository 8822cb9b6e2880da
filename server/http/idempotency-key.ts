import { createHash } from 'node:crypto';
import type { Idempotency } from '../actions/idempotency.ts';
import { invalid } from '../domain/refusal.ts';
import type { Call } from './context.ts';

/**
 * The request's Idempotency-Key, null where it has none: 1 to 255 visible ASCII characters (the Idempotency-Key draft's
 * form, quotes allowed). The digest covers path and body.
 */
export function idempotencyOf(
  { header, url, bytes, serverNow }: Pick<Call, 'header' | 'url' | 'bytes' | 'serverNow'>,
  operation: string,
): Idempotency | null {
  const key = header('idempotency-key');
  if (key === undefined) return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const message = 'must be 1 to 255 visible ASCII characters, for example a UUID';
    throw invalid([{ header: 'Idempotency-Key', message }]);
  }
  const path = url.split('?', 1)[0] ?? '';
  const requestDigest = createHash('sha256')
    .update(`${path}\n`)
    .update(bytes ?? '')
    .digest('hex');
  return { key, operation, requestDigest, at: serverNow() };
}
