import { stickyFieldNames, type UserChange } from '@rollcall/contract/manage/users.ts';
import { normalizeEmail } from './email.ts';
import { type Issue, invalid, Refusal } from './refusal.ts';
import { cleanName, type TextResult } from './text.ts';
import { distrust } from './user-matching.ts';
import type { KnownUser } from './user-roster.ts';

/** What is to be of a user, in the one spelling under which it is kept; absent members stay. */
export interface UserEdit {
  firstName?: string;
  lastName?: string;
  email?: string | null;
  active?: boolean;
}

/** Reads a change from a body that fits its schema. Throws `invalid_request` with every fault at its place. */
export function readUserEdit({ firstName, lastName, email, active }: UserChange): UserEdit {
  const issues: Issue[] = [];
  const read = (pointer: string, text: string, rule: (text: string) => TextResult): string => {
    const result = rule(text);
    if (!result.ok) issues.push({ pointer, message: result.reason });
    return result.ok ? result.text : '';
  };
  const edit: UserEdit = {};
  if (firstName !== undefined) edit.firstName = read('/firstName', firstName, cleanName);
  if (lastName !== undefined) edit.lastName = read('/lastName', lastName, cleanName);
  if (email !== undefined) edit.email = email === null ? null : read('/email', email, readEmail);
  if (active !== undefined) edit.active = active;
  if (issues.length > 0) throw invalid(issues);
  return edit;
}

function readEmail(text: string): TextResult {
  const result = normalizeEmail(text);
  return result.ok ? { ok: true, text: result.email } : result;
}

/** The fields that stay as they are from now on. */
export function stickyAfter(before: readonly string[], { stickyFields, ...named }: UserChange): string[] {
  const sticky = stickyFields ?? [...before, ...Object.keys(named)];
  return stickyFieldNames.filter((name) => sticky.includes(name));
}

/**
 * The user as an edit leaves it. Refuses with `conflict` an email that `owner` has, one that is not trusted, or none at
 * all for a user who has no other key.
 */
export function editUser<User extends KnownUser>(
  user: User,
  edit: UserEdit,
  { owner, trustedDomains }: { readonly owner: KnownUser | null; readonly trustedDomains: readonly string[] | null },
): User {
  const edited = { ...user, ...edit };
  const { email, remoteId } = edited;
  if (email === user.email) return edited;
  if (email === null && remoteId === null) {
    throw new Refusal(
      'conflict',
      'The user has no remoteId: without an email nobody could name them. Send another one.',
    );
  }
  if (owner !== null && owner.id !== user.id) {
    const message = `The email ${JSON.stringify(email)} belongs to another user. Choose another, or first give that user another.`;
    throw new Refusal('conflict', message);
  }
  const untrusted = distrust(email, trustedDomains);
  if (untrusted !== null) throw new Refusal('conflict', `The ${untrusted}`);
  return edited;
}
