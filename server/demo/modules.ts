import { readdir, readFile } from 'node:fs/promises';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ModuleTemplate } from '../actions/create-module.ts';

const FOLDER = new URL('./modules/', import.meta.url);

/** A file of server/demo/modules; minutes are whole, `thumbnail` is a file of server/demo/thumbnails. */
const ModuleFile = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    category: Type.String({ minLength: 1 }),
    description: Type.String({ minLength: 1 }),
    duration: Type.Integer({ minimum: 1 }),
    thumbnail: Type.String({ pattern: '^[a-z0-9-]+\\.svg$' }),
    steps: Type.Array(
      Type.Object(
        {
          title: Type.String({ minLength: 1 }),
          minutes: Type.Integer({ minimum: 1 }),
          prompt: Type.String({ minLength: 1 }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
  },
  { additionalProperties: false },
);

/**
 * The demo's modules by the names of their files, for example `giving-feedback`; pictures are at `publicUrl`.
 *
 * @throws where a file is not as it should be, with its name
 */
export async function readDemoModules(publicUrl: string): Promise<Map<string, ModuleTemplate>> {
  const { parse } = await import('yaml');
  const form = Compile(ModuleFile);
  const modules = new Map<string, ModuleTemplate>();
  for (const file of (await readdir(FOLDER)).sort()) {
    const content: unknown = parse(await readFile(new URL(file, FOLDER), 'utf8'));
    if (!form.Check(content)) {
      const [fault] = form.Errors(content);
      throw new Error(`server/demo/modules/${file} ${fault?.instancePath ?? ''} ${fault?.message ?? 'is no module'}`);
    }
    modules.set(file.replace('.yaml', ''), templateOf(content, publicUrl));
  }
  return modules;
}

function templateOf(
  { duration, thumbnail, description, ...rest }: Static<typeof ModuleFile>,
  publicUrl: string,
): ModuleTemplate {
  return {
    ...rest,
    description: description.trim(),
    durationMinutes: duration,
    thumbnailUrl: `${publicUrl}/thumbnails/${thumbnail}`,
  };
}
