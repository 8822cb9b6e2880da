import { join } from 'node:path';
import type { Environment } from './environment.ts';
import { readJson, writePrivately } from './files.ts';

/** A server and the key to one organization there. */
export interface Profile {
  readonly url: string;
  readonly key: string;
}

export interface Profiles {
  /** Name of the one that is used where none is named; null where there is none. */
  readonly current: string | null;
  readonly profiles: Readonly<Record<string, Profile>>;
}

export function profilesPath({ configDirectory }: Environment): string {
  return join(configDirectory, 'profiles.json');
}

export async function readProfiles(environment: Environment): Promise<Profiles> {
  const path = profilesPath(environment);
  const stored = await readJson(path);
  if (stored === null) return { current: null, profiles: {} };
  const { current = null, profiles } = stored as Partial<Profiles>;
  const isSound = Object.values(profiles ?? {}).every(
    ({ url, key }) => typeof url === 'string' && typeof key === 'string',
  );
  if (!profiles || !isSound) throw new Error(`${path} is damaged: it holds no profiles. Mend or remove it`);
  return { current, profiles };
}

export async function writeProfiles(environment: Environment, profiles: Profiles): Promise<void> {
  await writePrivately(profilesPath(environment), profiles);
}
