import { ModuleFile } from '@rollcall/contract/manage/module-shapes.ts';
import type { YAMLError } from 'yaml';
import { readModuleMarkdown, writeModuleMarkdown } from '../../domain/module-file.ts';
import { invalid } from '../../domain/refusal.ts';
import { checker } from '../body.ts';

export type ModuleFormat = 'application/yaml' | 'text/markdown';

const check = checker(ModuleFile);

/** Folds no lines, so that a text goes out as it is. */
const WRITING = { lineWidth: 0 } as const;

/** Writes a module as a file of that format. */
export async function writeModuleText(file: ModuleFile, format: ModuleFormat): Promise<string> {
  const { stringify } = await import('yaml');
  if (format === 'application/yaml') return stringify(file, WRITING);
  const { steps = [], ...others } = file;
  const sections = steps.map(({ prompt = '', ...step }) => ({ ...step, prompt }));
  return writeModuleMarkdown({ frontMatter: stringify(others, WRITING), steps: sections });
}

/** Reads a file of that format; refuses with `invalid_request` what is no module, each fault at its place in the module. */
export async function readModuleText(text: string, format: ModuleFormat): Promise<ModuleFile> {
  if (format === 'application/yaml') return check(await parseYaml(text));
  const { frontMatter, steps } = readModuleMarkdown(text);
  const others = await parseYaml(frontMatter);
  if (typeof others !== 'object' || others === null || Array.isArray(others)) return check(others);
  if ('steps' in others) {
    throw invalid([{ pointer: '/steps', message: 'are the sections below the front matter; take them out of it' }]);
  }
  return check({ ...others, steps });
}

/** Aliases that a file may use: enough for texts that come back, too few to blow a small file up. */
const ALIASES_MAX = 100;

async function parseYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import('yaml');
  try {
    const document = parseDocument(text, { logLevel: 'error' });
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    throw invalid([{ pointer: '', message: `is not valid YAML: ${reasonOf(error as Partial<YAMLError>)}` }]);
  }
}

/** The first line of the parser's message, which says what and where; the rest shows the source. */
function reasonOf({ message = '' }: Partial<YAMLError>): string {
  return (message.split('\n', 1)[0] ?? '').replace(/:$/, '').slice(0, 200);
}
