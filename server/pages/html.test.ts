import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flag, Html, html, webAddress } from './html.ts';

test('a value is shown as it was typed, whether in a text or in an attribute', () => {
  const typed = `<script>alert("1")</script> & 'x'`;
  expect(html`<p title="${typed}">${typed}</p>`.text).toBe(
    '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;">' +
      '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;</p>',
  );
});

test('no typed text begins a tag, ends an attribute, or changes on its way', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (typed) => {
      const { text } = html`${typed}`;
      expect(text).not.toMatch(/[<>"']/);
      expect(text).not.toMatch(/&(?!(amp|lt|gt|quot|#39);)/);
      const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };
      const read = text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => entities[entity as keyof typeof entities]);
      expect(read).toBe(typed);
    }),
  );
});

test('markup within markup is not escaped again; lists are joined; what is not there leaves nothing', () => {
  const items = ['a', 'b<'].map((item) => html`<li>${item}</li>`);
  expect(html`<ul>${items}${null}${undefined}${false}${true}${0}</ul>`.text).toBe('<ul><li>a</li><li>b&lt;</li>0</ul>');
});

test('an object that merely looks like markup is not taken for it', () => {
  const forged = { text: '<b>' } as unknown as string;
  expect(html`${forged}`.text).toBe('');
  expect(html`${Html.trusted('<b>')}`.text).toBe('<b>');
});

test('a flag is there or not', () => {
  expect(html`<input${flag('required', true)}${flag('checked', false)}>`.text).toBe('<input required>');
});

test('only addresses of the web are taken for addresses', () => {
  expect(webAddress('https://example.com/a?b=1&c="')).toBe('https://example.com/a?b=1&c=%22');
  expect(webAddress('http://example.com')).toBe('http://example.com/');
  for (const text of [
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '/a',
    '',
    null,
  ]) {
    expect(webAddress(text)).toBe(null);
  }
});
