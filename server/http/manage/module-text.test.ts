import { readFile } from 'node:fs/promises';
import { limits } from '@rollcall/contract/limits.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moduleFile } from '../../domain/module-file.ts';
import { type ModuleContent, readModule, readModuleFile } from '../../domain/module-template.ts';
import { Refusal } from '../../domain/refusal.ts';
import { type ModuleFormat, readModuleText, writeModuleText } from './module-text.ts';

const PUBLIC_URL = 'https://rollcall.example.com';
const FORMATS: readonly ModuleFormat[] = ['application/yaml', 'text/markdown'];

/** What YAML or Markdown could take for something else, beside text of any kind. */
const tricky = fc.constantFrom(
  ...[
    '## Step (5 min)',
    '\\## a',
    '\\\\## b',
    '## ',
    '##',
    '# c',
    '---',
    '...',
    '- ',
    ': ',
    ' #',
    '%YAML 1.1',
    '!!str x',
  ],
  ...['&a', '*a', '<<', '~', 'null', 'true', 'no', '007', '1e3', '0x1F', '1_000', '2024-06-15', '.nan', '=', '@', '`'],
  ...['"', "'", '\\', '|', '>', '|-', '? ', '{', '}', '[', ']', ',', '\t', '  ', '\n', '\n\n', '\n    ', '\r\n', '\r'],
  ...['\u00a0', '\u200d', '\ufeff', '\u0600', '👩‍👩‍👧', 'é', 'e\u0301', '(5 min)', '```\n## x\n```'],
);
const piece = fc.oneof({ weight: 3, arbitrary: tricky }, { weight: 2, arbitrary: fc.string({ unit: 'grapheme' }) });
const paragraphs = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const line = paragraphs.map((text) => text.replaceAll(/[\r\n\t]/g, ' '));
const minutes = fc.integer({ min: 1, max: 1_440 });

const template = fc.record({
  name: line,
  category: line.map((text) => text.slice(0, 90)),
  description: paragraphs,
  thumbnailUrl: fc.constantFrom(
    null,
    '/thumbnails/a.svg',
    'https://pictures.example/a?b=c#d: e',
    'http://x.example/%23',
  ),
  duration: minutes,
  steps: fc.array(fc.record({ title: line, minutes, prompt: paragraphs }), { maxLength: 4 }),
});

/** The module that a template makes; null where its texts are none that can be kept. */
function moduleOf(value: Parameters<typeof readModule>[0]): ModuleContent | null {
  try {
    return readModule(value, PUBLIC_URL);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

const module = template.map(moduleOf).filter((content) => content !== null);

test.each(FORMATS)(
  'whatever a module holds, exporting it as %s and importing the file gives it back',
  async (format) => {
    await fc.assert(
      fc.asyncProperty(module, async (content) => {
        const text = await writeModuleText(moduleFile(content), format);
        expect(readModuleFile(await readModuleText(text, format), PUBLIC_URL)).toEqual(content);
      }),
      { numRuns: 500 },
    );
  },
);

test.each(FORMATS)('a file of %s that went through an editor of Windows is read all the same', async (format) => {
  await fc.assert(
    fc.asyncProperty(module, async (content) => {
      const text = await writeModuleText(moduleFile(content), format);
      const edited = text.replaceAll('\n', '\r\n');
      expect(readModuleFile(await readModuleText(edited, format), PUBLIC_URL)).toEqual(content);
    }),
    { numRuns: 200 },
  );
});

test.each(FORMATS)('any text at all is read as %s, or refused with the places of its faults', async (format) => {
  const anyText = fc.oneof(
    paragraphs,
    paragraphs.map((text) => `---\n${text}\n---\n## A (5 min)\n${text}`),
    paragraphs.map((text) => `name: a\nduration: 5\nsteps:\n  - title: ${text}\n    minutes: 1\n`),
  );
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      try {
        readModuleFile(await readModuleText(text, format), PUBLIC_URL);
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_request', details: { issues: expect.any(Array) } });
      }
    }),
    { numRuns: 1_000 },
  );
});

async function faultsOf(text: string, format: ModuleFormat): Promise<string[]> {
  try {
    readModuleFile(await readModuleText(text, format), PUBLIC_URL);
    return [];
  } catch (error) {
    const { issues } = (error as Refusal).details as { issues: { pointer: string; message: string }[] };
    return issues.map(({ pointer, message }) => `${pointer}: ${message}`);
  }
}

test('a faulty Markdown file is told where its faults are', async () => {
  const of = (text: string) => faultsOf(text, 'text/markdown');
  expect(await of('## Welcome (5 min)\n')).toEqual([expect.stringMatching(/^: has no front matter/)]);
  expect(await of('---\nname: A\nduration: 5\n')).toEqual([expect.stringMatching(/^: has no front matter/)]);
  expect(await of('---\nname: A\n---\n## Welcome\n\n## End (x min)\n')).toEqual([
    '/steps/0/minutes: is missing: write the heading on line 4 as "## Title (5 min)"',
    '/steps/1/minutes: is missing: write the heading on line 6 as "## Title (5 min)"',
  ]);
  expect(await of('---\nname: A\nduration: 5\n---\n\nHello\n\n## Welcome (5 min)\n')).toEqual([
    '/steps: begin with a heading such as "## Welcome (5 min)"; line 6 stands before the first',
  ]);
  expect(await of('---\nname: A\nduration: 5\nsteps: []\n---\n')).toEqual([
    '/steps: are the sections below the front matter; take them out of it',
  ]);
  expect(await of('---\nname: A\nduration: 5\n---\n## Welcome (0 min)\n')).toEqual([
    '/steps/0/minutes: must be at least 1',
  ]);
  expect(await of('---\nname: A\nduration: [\n---\n')).toEqual([
    expect.stringMatching(/^: is not valid YAML: .*\(line 3, column \d+\)$/),
  ]);
  expect(await of('---\n- a\n---\n')).toEqual([': must be an object, not an array']);
});

test('a faulty YAML file is told where its faults are', async () => {
  const of = (text: string) => faultsOf(text, 'application/yaml');
  expect(await of('')).toEqual([': must be an object, not null']);
  expect(await of('name: [')).toEqual([expect.stringMatching(/^: is not valid YAML: .*\(line 1, column 8\)$/)]);
  expect(await of('name: A\n---\nname: B')).toEqual([expect.stringMatching(/^: is not valid YAML: /)]);
  expect(await of('name: A\nduration: 5\nname: B')).toEqual([
    ': is not valid YAML: "name" is there twice in one map (line 1, column 1)',
  ]);
  expect(await of('name: *other')).toEqual([expect.stringMatching(/^: is not valid YAML: /)]);
  expect(await of('name: 2024\nduration: 5')).toEqual(['/name: must be a string, not a number']);
  expect(await of('name: A\nduration: 5\ntumbnail: x')).toEqual([
    '/tumbnail: is an unknown field; check its spelling or leave it out',
  ]);
  expect(await of('name: A\nduration: 5\nthumbnail: ftp://x.example/a.png')).toEqual([
    '/thumbnail: is no web address; write one such as https://meet.example.com/room',
  ]);
  expect(await of('__proto__: {name: A}\nname: A\nduration: 5')).toEqual([
    '/__proto__: is an unknown field; check its spelling or leave it out',
  ]);
});

test.each(['!!js/function "x"', '!mine x', '!!python/object:os.system {a: b}', '!!binary aGk='])(
  'a file with the tag of %s is refused and told where it is',
  async (value) => {
    for (const text of [`name: ${value}\nduration: 5`, `---\nname: ${value}\nduration: 5\n---\n`]) {
      const faults = await faultsOf(text, text.startsWith('---') ? 'text/markdown' : 'application/yaml');
      expect(faults).toEqual([expect.stringMatching(/^(: is not valid YAML: .*\(line [12], column 7\)|\/name: must)/)]);
    }
  },
);

test.each([
  ['lists', '['.repeat(40)],
  ['maps', '{a: '.repeat(40)],
  ['lists in block style', '- '.repeat(40)],
  ['thousands of lists in block style', '- '.repeat(9_000)],
  ['keys in block style', '? '.repeat(9_000)],
  ['lines, each further in', Array.from({ length: 40 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
])('a file of %s in each other is told that it is nested too deeply', async (_what, text) => {
  const expected = [': is not valid YAML: it is nested too deeply; a module needs few levels'];
  expect(await faultsOf(text, 'application/yaml')).toEqual(expected);
  expect(await faultsOf(`---\n${text}\n---\n`, 'text/markdown')).toEqual(expected);
});

test('brackets and indents in a text are no nesting', async () => {
  const prompt = [
    ...Array.from({ length: 40 }, (_, level) => `${' '.repeat(level)}- a`),
    '['.repeat(99),
    '- '.repeat(50),
  ];
  const lines = prompt.map((text) => `      ${text}\n`).join('');
  const text = `name: A\nduration: 5\nsteps:\n  - title: "${'['.repeat(99)}"\n    minutes: 5\n    prompt: |\n${lines}`;
  expect(await faultsOf(text, 'application/yaml')).toEqual([]);
});

const LENGTH = limits.moduleFileBytesMax;

test.each([
  [
    'laughs',
    Array.from({ length: 20 }, (_, n) => `a${n}: &a${n} [${n === 0 ? 'x' : `*a${n - 1},`.repeat(9)}]`).join('\n'),
  ],
  ['lists in lists', '['.repeat(LENGTH)],
  ['maps in lists', '- '.repeat(LENGTH / 2)],
  ['thousands of keys', Array.from({ length: LENGTH / 10 }, (_, n) => `k${n}: 1`).join('\n')],
  ['thousands of faults', '!!a '.repeat(LENGTH / 4)],
  ['thousands of anchors', '&a '.repeat(LENGTH / 3)],
  ['thousands of sections', `---\nname: A\nduration: 5\n---\n${'## A (5 min)\n'.repeat(LENGTH / 13)}`],
])('a file of %s is refused before anyone else has to wait for long', async (_what, text) => {
  for (const format of FORMATS) {
    const started = performance.now();
    expect((await faultsOf(text, format)).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(15_000);
  }
});

test('the files of the demo can be imported as they are, with the pictures that the server has', async () => {
  const text = await readFile(new URL('../../demo/modules/fair-hiring.yaml', import.meta.url), 'utf8');
  const content = readModuleFile(await readModuleText(text, 'application/yaml'), PUBLIC_URL);
  expect(content).toMatchObject({
    name: 'Noticing bias in hiring',
    durationMinutes: 55,
    thumbnailUrl: 'https://rollcall.example.com/thumbnails/fair-hiring.svg',
  });
  expect(content.steps.length).toBeGreaterThan(5);
});
