import { isUserId } from '../domain/scim/ids.ts';
import type { JsonObject } from '../domain/scim/json.ts';
import { ScimRefusal, shown } from '../domain/scim/refusal.ts';
import { foldUserName, type UserChange } from '../domain/scim/user-change.ts';
import { readUserPatch } from '../domain/scim/user-patch.ts';
import {
  changedState,
  isSameScimState,
  requireTrusted,
  type ScimState,
  userNameOf,
} from '../domain/scim/user-state.ts';
import { isSameState } from '../domain/user-roster.ts';
import type { Transaction } from '../store/database.ts';
import { getOrganization, touchVersion } from '../store/organizations.ts';
import { findPosition, findScimUser, findScimUsersByKeys, type ScimUser, setScimUser } from '../store/scim-users.ts';
import type { OrganizationId } from '../store/tables.ts';
import { newUserIds, writePlan } from './batch-users.ts';
import type { ActionContext } from './context.ts';
import { leaveAllGroups } from './scim-groups.ts';

/** Refuses, with `versionMismatch`, a resource that is not as the caller believes (If-Match). */
export type Precondition<Resource> = (resource: Resource) => void;

/**
 * Makes a person. One who was deleted through SCIM before and bears the userName comes back as the same user. Refuses
 * with `uniqueness` where userName, email or externalId belong to somebody, with `invalidValue` outside the trusted domains.
 */
export function createScimUser(
  { database, now }: ActionContext,
  organization: OrganizationId,
  change: UserChange,
): Promise<ScimUser> {
  return database.transaction(organization, async (transaction) => {
    const after = changedState(null, change);
    const others = await holdersOfKeys(organization, transaction, after, null);
    const gone = others.find(({ isDeleted }) => isDeleted);
    if (gone && others.length === 1) {
      const back = changedState(gone, { ...change, active: change.active ?? true });
      return write(organization, transaction, gone, back, now());
    }
    refuseTaken(others, after);
    return write(organization, transaction, null, after, now());
  });
}

/** Changes a person as a whole resource says (PUT); what it says nothing of stays. */
export function replaceScimUser(
  context: ActionContext,
  organization: OrganizationId,
  id: string,
  change: UserChange,
  precondition: Precondition<ScimUser>,
): Promise<ScimUser> {
  return changeUser(context, organization, id, precondition, () => change);
}

/** Changes a person as a PATCH says. */
export function patchScimUser(
  context: ActionContext,
  organization: OrganizationId,
  id: string,
  patch: JsonObject,
  precondition: Precondition<ScimUser>,
): Promise<ScimUser> {
  return changeUser(context, organization, id, precondition, ({ email }) => readUserPatch(patch, email));
}

/** Deactivates a person, takes them out of their groups and out of SCIM's sight. */
export function deleteScimUser(
  { database, now }: ActionContext,
  organization: OrganizationId,
  id: string,
  precondition: Precondition<ScimUser>,
): Promise<void> {
  return database.transaction(organization, async (transaction) => {
    const user = await getUser(organization, transaction, id);
    precondition(user);
    const at = now();
    await leaveAllGroups(organization, transaction, user.position, at);
    if (user.active) await write(organization, transaction, user, { ...user, active: false }, at);
    else await touchVersion(organization, transaction, 'users_version', at);
    await setScimUser(organization, transaction, user.position, { userName: user.userName, deletedAt: at });
  });
}

function changeUser(
  { database, now }: ActionContext,
  organization: OrganizationId,
  id: string,
  precondition: Precondition<ScimUser>,
  changeOf: (user: ScimUser) => UserChange,
): Promise<ScimUser> {
  return database.transaction(organization, async (transaction) => {
    const user = await getUser(organization, transaction, id);
    precondition(user);
    const after = changedState(user, changeOf(user));
    if (isSameScimState(user, after)) return user;
    refuseTaken(await holdersOfKeys(organization, transaction, after, user), after);
    return write(organization, transaction, user, after, now());
  });
}

async function getUser(organization: OrganizationId, transaction: Transaction, id: string): Promise<ScimUser> {
  const user = isUserId(id) ? await findScimUser(organization, transaction, id) : null;
  if (!user) throw noUser(id);
  return user;
}

export function noUser(id: string): ScimRefusal {
  return new ScimRefusal('notFound', `There is no user with the id ${shown(id)}.`);
}

/** Everybody else who bears one of the keys; nobody is asked for whom no key changes. */
async function holdersOfKeys(
  organization: OrganizationId,
  transaction: Transaction,
  after: ScimState,
  before: ScimUser | null,
): Promise<ScimUser[]> {
  const name = foldUserName(userNameOf({ ...after, id: '' }));
  const hasSameKeys =
    before && before.email === after.email && before.remoteId === after.remoteId && before.userName === after.userName;
  if (hasSameKeys) return [];
  const found = await findScimUsersByKeys(organization, transaction, {
    email: after.email,
    remoteId: after.remoteId,
    userName: name,
  });
  const byName = name === after.email ? [] : await bearersOfName(organization, transaction, name);
  const everyone = new Map([...found, ...byName].map((user) => [user.id, user]));
  return [...everyone.values()].filter(({ id }) => id !== before?.id);
}

/** Those whose address is the name and who are called by it. */
async function bearersOfName(
  organization: OrganizationId,
  transaction: Transaction,
  name: string,
): Promise<ScimUser[]> {
  const keys = { email: name, remoteId: name, userName: null };
  const found = await findScimUsersByKeys(organization, transaction, keys);
  return found.filter((user) => foldUserName(userNameOf(user)) === name);
}

function refuseTaken(others: readonly ScimUser[], after: ScimState): void {
  const [other] = others;
  if (!other) return;
  throw new ScimRefusal('uniqueness', `${takenKey(other, after)} belongs to the user ${other.id} already.`);
}

function takenKey(other: ScimUser, after: ScimState): string {
  if (after.remoteId !== null && other.remoteId === after.remoteId) return `externalId ${shown(after.remoteId)}`;
  const userName = userNameOf({ ...after, id: '' });
  if (foldUserName(userNameOf(other)) === foldUserName(userName)) return `userName ${shown(userName)}`;
  return `The email ${shown(after.email)}`;
}

/** Writes a person's new state, by the way that batches go, so that all that follows from it follows. */
async function write(
  organization: OrganizationId,
  transaction: Transaction,
  before: ScimUser | null,
  after: ScimState,
  now: number,
): Promise<ScimUser> {
  const { trustedDomains } = await getOrganization(organization, transaction);
  requireTrusted(before, after, trustedDomains);
  const { userName, firstName, lastName, email, active, remoteId } = after;
  const id = before?.id ?? (newUserIds(1, now)[0] as string);
  const planned = { id, firstName, lastName, email, active, remoteId };
  const isSame = before !== null && isSameState({ ...planned, position: before.position }, before);
  const created = before ? [] : [{ ...planned, position: null }];
  const updated = before && !isSame ? [{ ...planned, position: before.position, before }] : [];
  await writePlan(organization, transaction, { created, updated, released: [] }, now, { synced: false });
  if (isSame) await touchVersion(organization, transaction, 'users_version', now);
  if (userName !== null || before?.userName != null || before?.isDeleted) {
    const position = before?.position ?? (await findPosition(organization, transaction, id));
    await setScimUser(organization, transaction, position, { userName, deletedAt: null });
  }
  const written = await findScimUser(organization, transaction, id);
  if (!written) throw new Error('a user that was just written is not there');
  return written;
}
