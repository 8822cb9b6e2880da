/** How many random bytes a join token wants: 144 bits, which nobody guesses. */
export const JOIN_TOKEN_RANDOM_BYTES = 18;

/**
 * Composes the secret of a join link: the organization's number in base 36, a dot, then the random bytes in base64url.
 * With the organization in it, a link leads to its tenant without a search over all of them.
 */
export function formatJoinToken(organization: number, randomBytes: Uint8Array): string {
  return `${organization.toString(36)}.${Buffer.from(randomBytes).toString('base64url')}`;
}

const JOIN_TOKEN = /^([1-9a-z][0-9a-z]{0,9})\.[A-Za-z0-9_-]{24}$/;

/** The organization's number in a join token; null where the text is none. Whether the link is in use is another question. */
export function organizationOfJoinToken(token: string): number | null {
  const digits = JOIN_TOKEN.exec(token)?.[1];
  if (digits === undefined) return null;
  const organization = Number.parseInt(digits, 36);
  return Number.isSafeInteger(organization) ? organization : null;
}
