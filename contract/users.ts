import { type Static, type TSchema, Type } from 'typebox';
import { limits } from './limits.ts';
import { commonErrors, defineOperation } from './operation.ts';
import { faults } from './samples.ts';
import { DateTime, described, envelope, nullable } from './shapes.ts';
import { deactivateBodies, deactivateResults, pages, upsertBodies, upsertResults } from './users-samples.ts';

const textRules = 'White space around it is trimmed; control characters are refused.';
const nameRules = `At most ${limits.nameCharactersMax} characters. ${textRules}`;
const remoteIdRules = `1 to ${limits.remoteIdCharactersMax} characters. ${textRules}`;
const emailRules = `At most ${limits.emailCharactersMax} characters, a valid address. Compared without case, its domain in IDNA ASCII form.`;

const remoteIdMeaning = 'The id of the user in your own system, unique within the organization.';

/** A user as answers show it, members in this order (contract: User, Email). */
export const User = Type.Object(
  {
    id: Type.String({
      pattern: '^[0-9a-f]{64}$',
      description: 'Opaque and permanent: 64 lower-case hexadecimal digits.',
      examples: ['3a6ebee080551a4e8f9a62bdc3bb3f94a0c9405f395a9dbaa8edea848c36b109'],
    }),
    firstName: Type.String({ description: 'Given name; may be empty.', examples: ['Amélie'] }),
    lastName: Type.String({ description: 'Family name; may be empty.', examples: ['Laurent'] }),
    email: described(nullable(Type.String()), 'Email address in lower case, or null where none is known.', {
      examples: ['amelie.laurent@example.com'],
    }),
    active: Type.Boolean({ description: 'False once deactivated: the user can no longer sign up for sessions.' }),
    remoteId: described(nullable(Type.String()), `${remoteIdMeaning} Null where none is known.`, {
      examples: ['E9001'],
    }),
  },
  { $id: 'User', description: 'A person known to the organization.' },
);
export type User = Static<typeof User>;

const templateMembers = {
  id: Type.Optional(
    Type.String({
      description:
        'Optional check: where present it must be the `id` of the very user that `remoteId` or `email` finds. So a listed user, or a failed one once corrected, can be sent as it came.',
    }),
  ),
  firstName: Type.Optional(Type.String({ description: `Given name; "" on creation. ${nameRules}` })),
  lastName: Type.Optional(Type.String({ description: `Family name; "" on creation. ${nameRules}` })),
  email: Type.Optional(
    described(
      nullable(Type.String()),
      `Email address. ${emailRules} Null takes it from a user that has a \`remoteId\`.`,
    ),
  ),
  active: Type.Optional(
    Type.Boolean({ description: 'False deactivates the user, true activates them again; true on creation.' }),
  ),
  remoteId: Type.Optional(
    described(
      nullable(Type.String()),
      `${remoteIdMeaning} ${remoteIdRules} Null takes it from a user that has an \`email\`.`,
    ),
  ),
};

/**
 * What a user is to be (contract: Identity, Fields of a template). Only types are judged here, for the whole batch;
 * lengths, addresses and identity are rules, judged item by item, so that one bad item does not refuse 199 good ones.
 */
export const UserTemplate = Type.Object(templateMembers, {
  $id: 'UserTemplate',
  additionalProperties: false,
  description:
    'What a user is to be. `remoteId` or `email` is needed, to find the user by; any member that is absent stays as it is.',
});
export type UserTemplate = Static<typeof UserTemplate>;

/** Names one user; a null member counts as absent (contract: Identity). Only types are judged here. */
export const UserRef = Type.Object(
  {
    id: Type.Optional(Type.String({ description: 'The `id` that this API gave the user.' })),
    remoteId: Type.Optional(described(nullable(Type.String()), `${remoteIdMeaning} Null counts as absent.`)),
    email: Type.Optional(described(nullable(Type.String()), `Email address. ${emailRules} Null counts as absent.`)),
  },
  {
    $id: 'UserRef',
    additionalProperties: false,
    description:
      'Names one user by at least one of `id`, `remoteId` and `email`. Where several are given, all must name the same user.',
  },
);
export type UserRef = Static<typeof UserRef>;

/** An item of a batch as it was sent, plus `id` where the user exists (contract: Partial failure). */
export const FailedUser = Type.Object(
  {
    ...templateMembers,
    id: Type.Optional(
      Type.String({ description: 'The `id` of the user, where the user exists; else as it was sent.' }),
    ),
  },
  {
    $id: 'FailedUser',
    description: 'The item as it was sent, plus `id` where the user exists. Corrected, it can be sent again as it is.',
  },
);
export type FailedUser = Static<typeof FailedUser>;

/** One page of users, in the envelope (contract: List users). */
export const UserPage = envelope(
  Type.Object(
    {
      items: Type.Array(User, { description: 'The users of this page, in order of creation.' }),
      page: Type.Integer({ minimum: 0, description: 'Number of this page, counted from 0.' }),
      size: Type.Integer({ minimum: 1, description: 'The `pageSize` in force; the last page may hold fewer users.' }),
      next: described(nullable(Type.Integer({ minimum: 0 })), 'Number of the next page, null where this is the last.'),
      prev: described(
        nullable(Type.Integer({ minimum: 0 })),
        'Number of the page before, null where this is the first. Past the end: the last page that holds users.',
      ),
      totalPages: Type.Integer({ minimum: 0, description: 'Number of pages that hold users, at this `pageSize`.' }),
      total: Type.Integer({ minimum: 0, description: 'Number of users on all pages, after filtering.' }),
    },
    { description: 'The page.' },
  ),
  { $id: 'UserPage', description: 'One page of users.' },
);
export type UserPage = Static<typeof UserPage>;

/** What came of a batch, in the envelope (contract: Batch upsert users, Batch deactivate users). */
export const BatchResult = envelope(
  Type.Object(
    {
      success: Type.Array(User, {
        description:
          'One user for each item that was carried out, in the order sent, as they stand after the whole batch.',
      }),
      failed: Type.Array(
        Type.Object(
          {
            user: FailedUser,
            error: Type.String({ description: 'Why the item was refused and what to do about it, for a person.' }),
          },
          { description: 'One refused item.' },
        ),
        { description: 'The items that the rules refused, in the order sent. Nothing of them was written.' },
      ),
    },
    { description: 'What came of the items.' },
  ),
  {
    $id: 'BatchResult',
    description: 'What came of each item of a batch: every one is either in `success` or in `failed`.',
  },
);
export type BatchResult = Static<typeof BatchResult>;

/** GET /v1/users (contract: List users, Pages, Additions). */
export const listUsers = defineOperation({
  id: 'listUsers',
  method: 'GET',
  path: '/v1/users',
  scope: 'users:read',
  tag: 'Users',
  summary: 'List users',
  description: `Gives one page of the organization's users, active and inactive, in order of creation.

Users never leave this sequence and new ones join at its end, so a walk from page 0 along \`next\` until it is null meets everyone exactly once, even while users are being added. A page past the end is empty, not an error. The \`Link\` header has the first, the last and the neighbouring pages as URLs.

Filters can be combined; a user is listed if all of them hold, in order of creation as always. With \`active\` or \`updatedSince\`, someone who joins or leaves the list by a change during a walk shifts the pages that follow; where that matters, walk without them. To fetch what changed since your last walk, set \`updatedSince\` to a few seconds before that walk began, by the \`Date\` header of its first answer; so nobody is missed, and some come twice.

Without a filter a deep page costs no more than the first. \`email\` and \`remoteId\` find their one user at once. With \`active\` or \`updatedSince\` alone all users that match are first gathered along an index, which takes the longer the more of them there are; the next pages of the same walk then cost no more, as long as no user changes.`,
  query: Type.Object({
    page: Type.Optional(
      Type.Integer({
        minimum: 0,
        default: 0,
        description: 'Number of the page wanted, counted from 0.',
        examples: [0],
      }),
    ),
    pageSize: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.pageSizeMax,
        default: limits.pageSizeMax,
        description: 'Greatest number of users on one page. Keep it the same throughout a walk.',
        examples: [200],
      }),
    ),
    active: Type.Optional(
      Type.Boolean({ description: 'Only active users (`true`) or only inactive ones (`false`).', examples: [true] }),
    ),
    email: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Only the user with this email address, compared without case. An address that nobody has gives an empty page; what is no address is refused. In a URL, write the `+` of an address as `%2B`.',
        examples: ['amelie.laurent@example.com'],
      }),
    ),
    remoteId: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Only the user with exactly this `remoteId`. One that nobody has gives an empty page.',
        examples: ['E9001'],
      }),
    ),
    updatedSince: Type.Optional(
      described(
        DateTime,
        'Only users created or changed at or after this moment, by the clock of this server; in order of creation, not of change. A batch that changed nothing of a user does not count.',
        {
          examples: ['2024-06-01T00:00:00Z'],
        },
      ),
    ),
  }),
  requestHeaders: ['If-None-Match'],
  responses: {
    200: {
      description: 'One page of users.',
      headers: ['ETag', 'Link'],
      content: { 'application/json': { schema: UserPage, examples: pages } },
    },
    304: { description: 'The page is still the one that `If-None-Match` names.', headers: ['ETag'] },
  },
  errors: commonErrors,
  errorExamples: {
    invalid_request: {
      parameters: faults(
        'Two faulty parameters',
        { parameter: 'pageSize', message: 'must be a whole number from 1 to 200, not "500"' },
        { parameter: 'limit', message: 'is unknown; known are: page, pageSize, active, email, remoteId, updatedSince' },
      ),
    },
  },
});

const dryRun = Type.Optional(
  Type.Boolean({
    default: false,
    description:
      'With `true` the batch is judged and answered as if it were carried out, but nothing is written. The `id` shown for a user that does not exist yet is then not kept.',
    examples: [true],
  }),
);

/** The body of a batch: `{"users":[…]}`, 1 to 200 of them, each judged by its type only. */
function batchOf<S extends TSchema>(item: S, $id: string, description: string) {
  const users = Type.Array(item, {
    minItems: 1,
    maxItems: limits.batchUsersMax,
    description: `1 to ${limits.batchUsersMax} of them, carried out in this order.`,
  });
  return Type.Object({ users }, { $id, additionalProperties: false, description });
}

const batchErrors = [
  ...commonErrors,
  'payload_too_large',
  'unsupported_media_type',
  'idempotency_key_reused',
  'insufficient_storage',
] as const;

const batchRules = `The batch is one transaction: once answered it is stored for good, and after a crash it is there whole or not at all. A body that does not fit the schema is answered 400 and nothing is written. A well-formed item that the rules refuse comes back in \`failed\` with the reason, and every other item is carried out: so check \`failed\` even though the status is 200.`;

/** POST /v1/users/batch-upsert (contract: Identity, Fields of a template, Partial failure). */
export const batchUpsertUsers = defineOperation({
  id: 'batchUpsertUsers',
  method: 'POST',
  path: '/v1/users/batch-upsert',
  scope: 'users:write',
  tag: 'Users',
  summary: 'Create or update users',
  description: `Creates the users that do not exist and updates those that do, 1 to ${limits.batchUsersMax} at a time.

**Who is meant.** \`remoteId\` is looked for first, then \`email\`. An email found on a user without a \`remoteId\` links the two. An item is refused where the two find different users, or where its email belongs to a user that already bears another \`remoteId\`.

**What is written.** Only members that are present; those that are absent stay as they are. A user to be created starts as active, with empty names. \`null\` clears \`remoteId\` or \`email\` as long as the other remains. The same user twice in one batch: the items are applied in order and the later one wins.

**Trusted domains.** Where the organization has them enabled, a user whose email would be missing or outside these domains is neither created nor updated.

${batchRules}

**Repeating.** A batch sent again changes nothing more, as long as no item takes, frees or finds a \`remoteId\` or an \`email\` that another item of it changes. Where one does, the batch sent again meets what the first one left, and may come out differently: an item that failed on an email which a later item then gave up succeeds the second time. To get the first answer again whatever the batch holds, send it with an \`Idempotency-Key\` and repeat it with the same.`,
  query: Type.Object({ dryRun }),
  body: batchOf(UserTemplate, 'UpsertBatch', 'Users to be created or updated.'),
  bodyDescription: 'The batch, as JSON.',
  bodyExamples: upsertBodies,
  requestHeaders: ['Idempotency-Key'],
  responses: {
    200: {
      description: 'What came of each item.',
      headers: ['Idempotency-Replayed'],
      content: { 'application/json': { schema: BatchResult, examples: upsertResults } },
    },
  },
  errors: batchErrors,
  errorExamples: {
    invalid_request: {
      wrongTypes: faults(
        'Items that do not fit the schema',
        { pointer: '/users/0/active', message: 'must be a boolean, not a string' },
        { pointer: '/users/3/firstname', message: 'is an unknown field; check its spelling or leave it out' },
      ),
      tooMany: faults('Too many items', {
        pointer: '/users',
        message: 'must have at most 200 items; send the rest in further requests',
      }),
    },
  },
});

/** POST /v1/users/batch-deactivate (contract: Identity, Partial failure; domain: Deactivating). */
export const batchDeactivateUsers = defineOperation({
  id: 'batchDeactivateUsers',
  method: 'POST',
  path: '/v1/users/batch-deactivate',
  scope: 'users:write',
  tag: 'Users',
  summary: 'Deactivate users',
  description: `Sets \`active\` to false, for 1 to ${limits.batchUsersMax} users at a time. A user that is inactive already counts as a success.

Deactivated users stay listed, keep their completions, and lose their seats in sessions that have not begun. They can be activated again by an upsert with \`active: true\`; the seats do not come back by that. A user that is not found, or a reference whose members name different users, comes back in \`failed\`.

${batchRules} A batch sent again changes nothing more.`,
  query: Type.Object({ dryRun }),
  body: batchOf(UserRef, 'DeactivateBatch', 'Users to be deactivated.'),
  bodyDescription: 'The batch, as JSON.',
  bodyExamples: deactivateBodies,
  requestHeaders: ['Idempotency-Key'],
  responses: {
    200: {
      description: 'What came of each item.',
      headers: ['Idempotency-Replayed'],
      content: { 'application/json': { schema: BatchResult, examples: deactivateResults } },
    },
  },
  errors: batchErrors,
  errorExamples: {
    invalid_request: {
      wrongTypes: faults('An item that does not fit the schema', {
        pointer: '/users/0/name',
        message: 'is an unknown field; check its spelling or leave it out',
      }),
      empty: faults('No items', { pointer: '/users', message: 'must have at least 1 item' }),
    },
  },
});
