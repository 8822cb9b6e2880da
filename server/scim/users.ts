import { createScimUser, deleteScimUser, noUser, patchScimUser, replaceScimUser } from '../actions/scim-users.ts';
import { isUserId } from '../domain/scim/ids.ts';
import { requireSchema } from '../domain/scim/json.ts';
import { USER_SCHEMA } from '../domain/scim/schemas.ts';
import { readUser } from '../domain/scim/user-change.ts';
import { readScimUsersAt, readScimUsersInRange, type ScimUserText } from '../store/scim-user-texts.ts';
import { findScimUser, type ScimUser } from '../store/scim-users.ts';
import type { ScimAnswer, ScimCall, ScimHandler } from './context.ts';
import { listAnswer, readListQuery } from './list.ts';
import { readProjection } from './projection.ts';
import { findPositions } from './user-positions.ts';
import { userLocation, userText, userVersion } from './user-resource.ts';
import { ifMatches, namesVersion } from './version.ts';

/** GET /Users and POST /Users/.search. */
export const listUsers: ScimHandler = async (call) => {
  const { startIndex, count, ...search } = readListQuery(call.query);
  const projection = readProjection(call.query);
  const from = startIndex - 1;
  const { total, positions } = await findPositions(call, search);
  const to = Math.min(from + count, total);
  const users = from < to ? await readUsers(call, positions, { from, to }) : [];
  return listAnswer(
    total,
    startIndex,
    users.map((user) => userText(user, call.base, projection)),
  );
};

/** A stretch of the users that were found; where all were, a stretch of positions. */
function readUsers(
  { account: { organization }, database: { reader } }: ScimCall,
  positions: Int32Array | null,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<ScimUserText[]> {
  if (positions) return readScimUsersAt(organization, reader, positions.subarray(from, to));
  return readScimUsersInRange(organization, reader, { from, to });
}

export const createUser: ScimHandler = async (call) => {
  requireSchema(call.body, USER_SCHEMA);
  const user = await createScimUser(call, call.account.organization, readUser(call.body));
  const { headers, ...answer } = answerUser(call, user, 201);
  return { ...answer, headers: { ...headers, location: userLocation(user, call.base) } };
};

export const getUser: ScimHandler = async (call) => {
  const { account, database, id, ifNoneMatch } = call;
  const user = isUserId(id) ? await findScimUser(account.organization, database.reader, id) : null;
  if (!user) throw noUser(id);
  const version = userVersion(user);
  if (ifNoneMatch !== undefined && namesVersion(ifNoneMatch, version))
    return { status: 304, headers: { etag: version } };
  return answerUser(call, user);
};

export const replaceUser: ScimHandler = async (call) => {
  requireSchema(call.body, USER_SCHEMA);
  const change = readUser(call.body);
  const user = await replaceScimUser(call, call.account.organization, call.id, change, ifMatches(call, userVersion));
  return answerUser(call, user);
};

export const patchUser: ScimHandler = async (call) => {
  const user = await patchScimUser(call, call.account.organization, call.id, call.body, ifMatches(call, userVersion));
  return answerUser(call, user);
};

export const deleteUser: ScimHandler = async (call) => {
  await deleteScimUser(call, call.account.organization, call.id, ifMatches(call, userVersion));
  return { status: 204 };
};

function answerUser(call: ScimCall, user: ScimUser, status = 200): ScimAnswer {
  const body = userText(user, call.base, readProjection(call.query));
  return { status, headers: { etag: userVersion(user) }, body };
}
