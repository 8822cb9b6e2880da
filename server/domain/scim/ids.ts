const USER_ID = /^[0-9a-f]{64}$/;
const GROUP_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text can be the id of a user: what cannot need not be looked for. */
export function isUserId(text: string): boolean {
  return USER_ID.test(text);
}

/** Whether a text can be the id of a group. */
export function isGroupId(text: string): boolean {
  return GROUP_ID.test(text);
}
