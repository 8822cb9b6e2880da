import type { UserRef } from '@rollcall/client';
import { type ClientOptions, withContext } from '../context.ts';
import { CommandError, exitCodes } from '../exit.ts';
import { table } from '../table.ts';
import { counted, visible } from '../ui.ts';

type User = {
  id: string;
  firstName: string;
  lastName: string;
  email: string | null;
  active: boolean;
  remoteId: string | null;
};

interface ListOptions extends ClientOptions {
  readonly active?: true;
  readonly inactive?: true;
  readonly updatedSince?: string;
  readonly limit?: number;
}

export async function listUsers(options: ListOptions): Promise<void> {
  await withContext(options, async ({ rollcall, ui, signal }) => {
    const active = options.inactive ? false : options.active;
    const query = {
      ...(active !== undefined && { active }),
      ...(options.updatedSince && { updatedSince: options.updatedSince }),
    };
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    let count = 0;
    for await (const { items } of rollcall.users.list(query, { signal }).pages()) {
      const shown = items.slice(0, left);
      left -= shown.length;
      await ui.write(
        ui.json ? jsonItems(shown, count) : `${table([...(count === 0 ? [HEAD] : []), ...shown.map(cells)])}\n`,
      );
      count += shown.length;
      if (left === 0) break;
    }
    if (ui.json) await ui.print(count === 0 ? '[]' : '\n]');
    else ui.note(`${counted(count, 'user')}.`);
  });
}

const HEAD = ['STATE   ', 'REMOTE ID', 'EMAIL', 'NAME'];

function cells({ active, remoteId, email, firstName, lastName }: User): string[] {
  return [active ? 'active  ' : 'inactive', remoteId ?? '-', email ?? '-', `${firstName} ${lastName}`.trim()].map(
    visible,
  );
}

function jsonItems(users: readonly User[], before: number): string {
  return users.map((user, at) => `${before + at === 0 ? '[' : ','}\n${JSON.stringify(user)}`).join('');
}

export async function getUser(who: string, options: ClientOptions): Promise<void> {
  await withContext(options, async ({ rollcall, ui, signal }) => {
    const query = who.includes('@') ? { email: who } : { remoteId: who };
    const user = await rollcall.users.find(query, { signal });
    if (!user)
      throw new CommandError(
        `there is no user with ${who.includes('@') ? 'email' : 'remoteId'} ${JSON.stringify(who)}`,
      );
    if (ui.json) return await ui.printJson(user);
    await ui.print(table(Object.entries(user).map(([name, value]) => [name, visible(String(value ?? '-'))])));
  });
}

export async function deactivateUsers(who: readonly string[], options: ClientOptions & { readonly dryRun?: true }) {
  await withContext(options, async ({ rollcall, ui, signal }) => {
    const dryRun = options.dryRun === true;
    const { succeeded, failures } = await rollcall.users.deactivate(who.map(refOf), { signal, dryRun });
    for (const { index, error } of failures) ui.warn(visible(`${who[index]}: ${error}`));
    if (ui.json) {
      const failed = failures.map(({ index, error }) => ({ user: who[index], reason: error }));
      await ui.printJson({ dryRun, succeeded, failed: failures.length, failures: failed });
    } else
      await ui.print(`${counted(succeeded, 'user')} ${dryRun ? 'would be' : succeeded === 1 ? 'is' : 'are'} inactive.`);
    if (failures.length > 0)
      throw new CommandError(`${failures.length} of ${who.length} failed`, exitCodes.someRowsFailed);
  });
}

/** An id of Rollcall has 64 hexadecimal digits; what has an @ is an email; all else is a remoteId. */
function refOf(text: string): UserRef {
  if (/^[0-9a-f]{64}$/.test(text)) return { id: text };
  return text.includes('@') ? { email: text } : { remoteId: text };
}
