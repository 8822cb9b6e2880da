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
  /** Items of one answer of a list that is paged by cursor. */
  listLimitMax: 200,
  listLimitDefault: 50,
  trustedDomainsMax: 500,
  /** They all go into one header of the sign-up form. */
  embedOriginsMax: 50,
  categoryCharactersMax: 100,
  descriptionCharactersMax: 4_000,
  promptCharactersMax: 20_000,
  /** All prompts of a module together, so that its file is never too large to be imported. */
  promptsCharactersMax: 50_000,
  stepsMax: 100,
  /** Size of a module file: parsing is the most work that a byte of a request can cause. */
  moduleFileBytesMax: 524_288,
  /** Length of a module, a step or a session. */
  minutesMax: 1_440,
  urlCharactersMax: 2_000,
  /** Seats of one session. */
  capacityMax: 1_000,
  capacityDefault: 10,
  /** Sessions that one request can schedule. */
  scheduleSessionsMax: 200,
  /** How far ahead a session can lie. */
  scheduleYearsMax: 10,
  /** Greatest number of a batch of a sync run: 10,000 batches, two million rows. */
  syncBatchNumberMax: 9_999,
  syncLabelCharactersMax: 200,
  /** An open sync run that nothing was added to for so long no longer stands in the way of another. */
  syncIdleHours: 24,
  /** How long a sync run can be undone. */
  syncUndoDays: 30,
  /** How long a sync run is listed. */
  syncRunDays: 90,
} as const;
