import { ModuleFile } from '@rollcall/contract/manage/module-shapes.ts';
import { readModuleMarkdown, writeModuleMarkdown } from '../../domain/module-file.ts';
import { invalid, type Refusal } from '../../domain/refusal.ts';
import { checker } from '../body.ts';
import { isNestedTooDeeply } from './yaml-nesting.ts';

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
  const others = await parseYaml(frontMatter, 2);
  if (typeof others !== 'object' || others === null || Array.isArray(others)) return check(others);
  if ('steps' in others) {
    throw invalid([{ pointer: '/steps', message: 'are the sections below the front matter; take them out of it' }]);
  }
  return check({ ...others, steps });
}

/** Aliases that a file may use: enough for texts that come back, too few to blow a small file up. */
const ALIASES_MAX = 100;

/**
 * What the parser is spared, since it takes quadratic time for it: comparing each key with each other, and finding line
 * and column of each error.
 */
const READING = { uniqueKeys: false, prettyErrors: false, logLevel: 'error' } as const;

/** `firstLine` is the number that the text's first line has in the file. */
async function parseYaml(text: string, firstLine = 1): Promise<unknown> {
  const { Lexer, parseDocument, visit } = await import('yaml');
  if (isNestedTooDeeply(text, new Lexer())) throw invalidYaml('it is nested too deeply; a module needs few levels');
  const document = parseDocument(text, READING);
  // The parser only warns of a tag that it does not know, and takes the value as if it had none.
  const [error] = [...document.errors, ...document.warnings];
  if (error) throw invalidYaml(`${error.message} (${placeIn(text, error.pos[0], firstLine)})`);
  visit(document, { Map: (_key, { items, range }) => requireUniqueKeys(items, placeIn(text, range?.[0], firstLine)) });
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    // An alias that leads nowhere, or too many of them.
    throw invalidYaml((error as Error).message);
  }
}

function requireUniqueKeys(pairs: readonly { readonly key: unknown }[], place: string): void {
  const seen = new Set<string>();
  for (const { key } of pairs) {
    const name = String(key);
    if (seen.has(name)) throw invalidYaml(`${JSON.stringify(name.slice(0, 40))} is there twice in one map (${place})`);
    seen.add(name);
  }
}

function placeIn(text: string, offset = 0, firstLine: number): string {
  const lines = text.slice(0, offset).split('\n');
  return `line ${lines.length - 1 + firstLine}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

function invalidYaml(reason: string): Refusal {
  return invalid([{ pointer: '', message: `is not valid YAML: ${reason.slice(0, 200)}` }]);
}
