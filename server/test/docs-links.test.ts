import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Markdown that belongs to the repository, or is about to. */
function documents(): string[] {
  const options = ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'];
  const files = execFileSync('git', options, { cwd: ROOT, encoding: 'utf8' }).split('\n');
  return files.filter((file) => file !== '' && existsSync(resolve(ROOT, file)));
}

/** The text without its code, in which brackets are no links. */
function prose(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ''));
}

/** `Who may see it` -> `who-may-see-it`, as pages that show Markdown name a heading. */
function anchor(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-');
}

async function anchorsOf(file: string): Promise<string[]> {
  const text = (await readFile(file, 'utf8')).replaceAll(/^```.*?^```$/gms, '');
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchor(heading));
}

test.each(documents())('every link in %s leads to a file and a heading that are there', async (document) => {
  const source = resolve(ROOT, document);
  const dead: string[] = [];
  for (const [, target = ''] of prose(await readFile(source, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z][a-z+.-]*:/i.test(target)) continue;
    const [path = '', fragment] = target.split('#');
    const file = path === '' ? source : resolve(dirname(source), decodeURIComponent(path));
    const isInside = !relative(ROOT, file).startsWith('..');
    if (!isInside || !existsSync(file)) dead.push(target);
    else if (fragment !== undefined && !(await anchorsOf(file)).includes(fragment)) dead.push(target);
  }
  expect(dead).toEqual([]);
});

test('the documents link to each other at all', async () => {
  const readme = prose(await readFile(resolve(ROOT, 'README.md'), 'utf8'));
  expect([...readme.matchAll(/\]\((docs\/[^)\s]+)\)/g)].length).toBeGreaterThan(5);
});

test('the list of decisions names each of them', async () => {
  const list = await readFile(resolve(ROOT, 'docs/decisions/README.md'), 'utf8');
  const decisions = documents().filter((document) => /^docs\/decisions\/\d/.test(document));
  const unlisted = decisions.filter((document) => !list.includes(`](${document.slice('docs/decisions/'.length)})`));
  expect(unlisted).toEqual([]);
  expect(decisions.length).toBeGreaterThan(10);
});

test('the settings that the documentation explains are those that the server reads', async () => {
  const code = await readFile(resolve(ROOT, 'server/config.ts'), 'utf8');
  const read = new Set([...code.matchAll(/value\('([A-Z_]+)'/g)].map(([, name]) => name));
  const table = await readFile(resolve(ROOT, 'docs/configuration.md'), 'utf8');
  const explained = [...table.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
  expect(explained.sort()).toEqual([...read].sort());
});

test('no document names a setting that neither the server nor the command line reads', async () => {
  const readers = ['server/config.ts', 'cli/environment.ts'].map((file) => readFile(resolve(ROOT, file), 'utf8'));
  const code = (await Promise.all(readers)).join('');
  const unknown: string[] = [];
  for (const document of documents()) {
    const text = await readFile(resolve(ROOT, document), 'utf8');
    for (const [, name = ''] of text.matchAll(/(?:^|[\s`])([A-Z]{2,}(?:_[A-Z]+)+|HOST|PORT)=/gm)) {
      if (!code.includes(`'${name}'`)) unknown.push(`${document}: ${name}`);
    }
  }
  expect(unknown).toEqual([]);
});
