import { type Environment, readEnvironment } from '../environment.ts';
import { CommandError, usageError } from '../exit.ts';
import { profilesPath, readProfiles, writeProfiles } from '../profiles.ts';
import { table } from '../table.ts';
import { readAddress, readKey } from '../target.ts';
import { createUi, type OutputOptions, type Ui } from '../ui.ts';

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

export async function addProfile(
  name: string,
  options: OutputOptions & { readonly url: string; readonly key?: string },
) {
  if (!NAME.test(name)) throw usageError(`"${name}" is no name for a profile: write letters, digits, ".", "_" and "-"`);
  const url = readAddress(options.url);
  const ui = createUi(options);
  const environment = readEnvironment();
  const key = readKey(options.key ?? (await askKey(ui)));
  const { current, profiles } = await readProfiles(environment);
  const chosen = current ?? name;
  await writeProfiles(environment, { current: chosen, profiles: { ...profiles, [name]: { url, key } } });
  if (ui.json) return await ui.printJson({ name, url, current: chosen === name });
  await ui.print(`Profile ${name} is kept in ${profilesPath(environment)}.${chosen === name ? ' It is in use.' : ''}`);
}

/** From a terminal without showing it, else the whole of stdin: a key on a command line can be seen by other users. */
async function askKey(ui: Ui): Promise<string> {
  if (!process.stdin.isTTY) {
    let text = '';
    for await (const piece of process.stdin.setEncoding('utf8')) text += piece;
    return text;
  }
  ui.warn('Paste the key and press Enter (it is not shown):');
  process.stdin.setRawMode(true).setEncoding('utf8').resume();
  try {
    return await new Promise((resolve, reject) => {
      let typed = '';
      process.stdin.on('data', (text: string) => {
        for (const character of text) {
          if (character === '\u0003') return reject(new CommandError('interrupted', 130));
          if (character === '\r' || character === '\n') return resolve(typed);
          typed = character === '\u007f' ? typed.slice(0, -1) : typed + character;
        }
      });
    });
  } finally {
    process.stdin.setRawMode(false).removeAllListeners('data').pause();
  }
}

export async function listProfiles(options: OutputOptions) {
  const ui = createUi(options);
  const { current, profiles } = await readProfiles(readEnvironment());
  const rows = Object.entries(profiles).map(([name, { url }]) => ({ name, url, current: name === current }));
  if (ui.json) return await ui.printJson(rows);
  if (rows.length === 0) return ui.note('There are no profiles. Make one: rollcall profile add --help');
  await ui.print(table(rows.map(({ name, url, current }) => [current ? '*' : ' ', name, url])));
}

export async function useProfile(name: string, options: OutputOptions) {
  await change(name, (stored) => ({ ...stored, current: name }));
  const ui = createUi(options);
  await (ui.json ? ui.printJson({ current: name }) : ui.print(`Profile ${name} is in use.`));
}

export async function removeProfile(name: string, options: OutputOptions) {
  await change(name, ({ current, profiles }) => {
    const { [name]: _, ...rest } = profiles;
    return { current: current === name ? null : current, profiles: rest };
  });
  const ui = createUi(options);
  await (ui.json
    ? ui.printJson({ removed: name })
    : ui.print(`Profile ${name} is removed; its key still works until it is revoked.`));
}

type Stored = Awaited<ReturnType<typeof readProfiles>>;

async function change(name: string, edit: (stored: Stored) => Stored): Promise<Environment> {
  const environment = readEnvironment();
  const stored = await readProfiles(environment);
  if (!Object.hasOwn(stored.profiles, name))
    throw new CommandError(`there is no profile "${name}". See: rollcall profile list`);
  await writeProfiles(environment, edit(stored));
  return environment;
}
