import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderMarkdown } from './markdown.ts';

const render = (text: string) => renderMarkdown(text).text.trim();

/** Elements that a prompt may become, with the attributes that each may have. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'title', 'rel', 'target'],
  ol: ['start'],
  th: ['style'],
  td: ['style'],
  code: ['class'],
  div: ['class', 'tabindex', 'role', 'aria-label'],
  ...Object.fromEntries(
    ['p', 'br', 'hr', 'em', 'strong', 's', 'ul', 'li', 'pre', 'blockquote', 'table', 'thead', 'tbody', 'tr'].map(
      (name) => [name, []],
    ),
  ),
  ...Object.fromEntries(['h3', 'h4', 'h5', 'h6'].map((name) => [name, []])),
};

/** What stands in the HTML that no prompt may become. */
function faults(html: string): string[] {
  const found: string[] = [];
  for (const [tag, name = '', attributes = ''] of html.matchAll(/<\/?([a-z0-9-]*)((?:\s[^<>"]*(?:"[^"]*")?)*)>/gi)) {
    const allowed = ALLOWED[name];
    if (!allowed) found.push(tag);
    for (const [, attribute = '', value = ''] of attributes.matchAll(/\s([^\s=]+)(?:="([^"]*)")?/g)) {
      if (!allowed?.includes(attribute)) found.push(tag);
      if (attribute === 'href' && !/^(https?|mailto):/i.test(value)) found.push(tag);
    }
  }
  return found;
}

test('a prompt is formatted: emphasis, lists, quotes, tables, and a line break is a space', () => {
  expect(render('One **two** *three*\nfour')).toBe('<p>One <strong>two</strong> <em>three</em>\nfour</p>');
  expect(render('- one\n- two')).toBe('<ul>\n<li>one</li>\n<li>two</li>\n</ul>');
  expect(render('> said')).toContain('<blockquote>');
  expect(render('| a | b |\n|---|---|\n| 1 | 2 |')).toContain('<td>2</td>');
});

test('headings stay below that of the step', () => {
  expect(render('# One\n\n## Two\n\n###### Six')).toBe('<h3>One</h3>\n<h4>Two</h4>\n<h6>Six</h6>');
});

test('a link opens beside the room, and its site learns nothing of it', () => {
  expect(render('[guide](https://example.com/a?b=1&c "Title")')).toBe(
    '<p><a href="https://example.com/a?b=1&amp;c" title="Title" rel="noopener noreferrer" target="_blank">guide</a></p>',
  );
  expect(render('[write](mailto:ada@example.com)')).toContain('href="mailto:ada@example.com"');
});

test('an address in the text is no link', () => {
  expect(render('See https://example.com and <https://example.com>')).not.toContain('<a');
});

test('a picture becomes its description', () => {
  expect(render('![two people](https://example.com/a.png)')).toBe('<p>two people</p>');
});

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'a <b onclick="x">b</b>',
  '[a](javascript:alert(1))',
  '[a](JaVaScRiPt:alert(1))',
  '[a](\u0001javascript:alert(1))',
  '[a](data:text/html;base64,PHNjcmlwdD4=)',
  '[a](vbscript:x)',
  '[a](/join/other)',
  '[a](//example.com)',
  '[a](https://x" onmouseover="alert(1))',
  '[a](https://x "t\\" onmouseover=\\"alert(1)")',
  '![" onerror="alert(1)](https://x)',
  '![<script>alert(1)</script>](x)',
  '```html" onclick="alert(1)\n<script>\n```',
  '<!-- --><svg/onload=alert(1)>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '[a]: javascript:alert(1)\n\n[a]',
])('%j does no harm', (text) => {
  expect(faults(render(text))).toEqual([]);
});

test('whatever is written, only harmless elements come of it', () => {
  const piece = fc.constantFrom(
    ...[
      '<',
      '>',
      '"',
      "'",
      '&',
      '`',
      '*',
      '_',
      '[',
      ']',
      '(',
      ')',
      '!',
      '#',
      '\n',
      '\n\n',
      ' ',
      '|',
      '-',
      '---',
      ':',
      '\\',
    ],
    ...[
      'script',
      'javascript:',
      'https://x.y',
      'onload=',
      '<img src=x onerror=1>',
      '<a href=',
      '[x]: ',
      '```',
      '~~~',
      '\t',
      '\u0000',
    ],
  );
  const prompts = fc.array(fc.oneof(piece, fc.string({ unit: 'grapheme', maxLength: 5 })), { maxLength: 40 });
  fc.assert(
    fc.property(prompts, (pieces) => {
      expect(faults(render(pieces.join('')))).toEqual([]);
    }),
    { numRuns: 3_000 },
  );
});

test('a prompt that means to keep the server busy does not', () => {
  const started = performance.now();
  for (const text of [
    '['.repeat(20_000),
    '*a '.repeat(6_600),
    '> '.repeat(10_000),
    '`'.repeat(19_999),
    '[a]('.repeat(5_000),
  ]) {
    render(text);
  }
  expect(performance.now() - started).toBeLessThan(5_000);
});
