import { readdir, readFile } from 'node:fs/promises';
import { ModuleFile } from '@rollcall/contract/manage/module-shapes.ts';
import { Compile } from 'typebox/compile';
import type { ModuleTemplate } from '../actions/create-module.ts';
import { readModuleFile } from '../domain/module-template.ts';

const FOLDER = new URL('./modules/', import.meta.url);

/**
 * The demo's modules by the names of their files, for example `giving-feedback`: files as the management API imports
 * them, whose pictures are those of this server, reached at `publicUrl`.
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
    modules.set(file.replace('.yaml', ''), readModuleFile(content, publicUrl));
  }
  return modules;
}
