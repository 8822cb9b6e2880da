import type { UserRef } from './api-types.ts';

/** What the server knows a user by, written so that two spellings of the same give the same key. */
export function identityKeys(item: UserRef): string[] {
  // Items come from anywhere: one of a wrong type is the server's to refuse.
  const { id, remoteId, email }: UserRef = Object(item);
  const keys: string[] = [];
  if (typeof id === 'string') keys.push(`id ${id}`);
  if (typeof remoteId === 'string') keys.push(`remoteId ${remoteId.trim()}`);
  if (typeof email === 'string') keys.push(`email ${normalizedEmail(email)}`);
  return keys;
}

function normalizedEmail(email: string): string {
  const lower = email.trim().normalize('NFC').toLowerCase();
  const at = lower.lastIndexOf('@');
  return lower.slice(0, at + 1) + asciiDomain(lower.slice(at + 1));
}

/** `münchen.example` and `xn--mnchen-3ya.example` are the same domain. */
function asciiDomain(domain: string): string {
  if (/^[a-z0-9.-]*$/.test(domain)) return domain;
  return URL.canParse?.(`http://${domain}`) ? new URL(`http://${domain}`).hostname : domain;
}
