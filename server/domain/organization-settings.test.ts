import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAccentColor, readEmbedOrigin, readLabel, readSlug } from './organization-settings.ts';

test.each(['a', '7', 'acme', 'acme-uk', 'a-', '2-fast', 'a'.repeat(63)])('%j is a slug', (slug) => {
  expect(readSlug(slug)).toEqual({ ok: true, text: slug });
});

test.each(['', 'Acme', '-acme', 'acme uk', 'acme_uk', 'ácme', 'acme\n', 'a/b', '../etc', 'a'.repeat(64)])(
  '%j is no slug',
  (text) => {
    expect(readSlug(text)).toMatchObject({ ok: false, reason: expect.stringContaining('such as acme-uk') });
  },
);

test('a label is trimmed and must hold something', () => {
  expect(readLabel('  Acme Ltd ')).toEqual({ ok: true, text: 'Acme Ltd' });
  expect(readLabel(' \t ')).toMatchObject({ ok: false, reason: expect.stringContaining('empty') });
  expect(readLabel('a\u001b[31mb')).toMatchObject({ ok: false, reason: expect.stringContaining('U+001B') });
  expect(readLabel('x'.repeat(257))).toMatchObject({ ok: false, reason: expect.stringContaining('256') });
});

test.each([
  ['https://intranet.example.com', 'https://intranet.example.com'],
  ['HTTPS://Intranet.Example.COM/', 'https://intranet.example.com'],
  ['https://intranet.example.com:443', 'https://intranet.example.com'],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ['http://[::1]:8080/', 'http://[::1]:8080'],
  ['http://intra_net', 'http://intra_net'],
])('the origin %s is kept as %s', (text, origin) => {
  expect(readEmbedOrigin(text)).toEqual({ ok: true, text: origin });
});

test.each([
  '',
  'intranet.example.com',
  'https:intranet.example.com',
  'ftp://example.com',
  'javascript:alert(1)',
  'https://example.com/path',
  'https://example.com?query',
  'https://example.com#part',
  'https://name@example.com',
  'https://*.example.com',
  'https://example.com;sandbox',
  "https://'unsafe-inline'",
  'https://a.example https://b.example',
  'https://exam\nple.com',
  'https://example.com:99999',
  'null',
  '*',
])('%j is no origin of a site', (text) => {
  expect(readEmbedOrigin(text)).toMatchObject({ ok: false });
});

test('whatever is kept as an origin stays the same when read again, and cannot leave its place in a policy', () => {
  const text = fc.oneof(
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.string().map((host) => `https://${host}`),
    fc.domain().map((domain) => `http://${domain}`),
  );
  fc.assert(
    fc.property(text, (origin) => {
      const read = readEmbedOrigin(origin);
      fc.pre(read.ok);
      expect(readEmbedOrigin(read.text)).toEqual(read);
      expect(read.text).not.toMatch(/[\s;,'"*]/);
    }),
  );
});

test('a color is # and six hex digits, kept in lower case', () => {
  expect(readAccentColor('#0A7F5a')).toEqual({ ok: true, text: '#0a7f5a' });
  for (const text of ['', '#fff', '0a7f5a', '#0a7f5g', '#0a7f5a00', 'red', '#0a7f5a;', ' #0a7f5a']) {
    expect(readAccentColor(text)).toMatchObject({ ok: false });
  }
});
