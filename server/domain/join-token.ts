/** How many random bytes a join token wants: 144 bits, which nobody guesses. */
export const JOIN_TOKEN_RANDOM_BYTES = 18;

/**
 * Composes the secret of a join link: the organization's number in base 36, a dot, then the random bytes in base64url.
 * With the organization in it, a link leads to its tenant without a search over all of them.
 */
export function formatJoinToken(organization: number, randomBytes: Uint8Array): string {
  return `${organization.toString(36)}.${Buffer.from(randomBytes).toString('base64url')}`;
}
