/**
 * Every limit that the contract names, in one place, so that descriptions and code cannot say different numbers.
 * Counts are characters (Unicode code points) unless the name says otherwise.
 */
export const limits = {
  /** Users on one page: the greatest and the default number. */
  pageSizeMax: 200,
  /** Items of one batch. */
  batchUsersMax: 200,
  nameCharactersMax: 256,
  remoteIdCharactersMax: 256,
  emailCharactersMax: 254,
  /** Size of a request body. */
  bodyBytesMax: 1_048_576,
  idempotencyKeyCharactersMax: 255,
  /** How long the answer to an Idempotency-Key is kept. */
  idempotencyKeyHours: 24,
} as const;
