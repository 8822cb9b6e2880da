import fc from 'fast-check';

/** One of the choices, each as often as its weight says. */
export function weighted<T>(...choices: readonly [number, fc.Arbitrary<T>][]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

/** Text from all of Unicode and from its edges: lone surrogates, controls, invisible and reordering characters. */
export function oddText(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
    { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
    { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom(...edges), maxLength: 8 }) },
    { weight: 1, arbitrary: fc.constantFrom(...traps) },
    { weight: 1, arbitrary: fc.integer({ min: 250, max: 5_000 }).map((length) => 'ä'.repeat(length)) },
  );
}

const edges = [
  '\0',
  '\x1b',
  '\x7f',
  '\x85',
  '\u00ad',
  '\u200b',
  '\u202e',
  '\u2028',
  '\ud800',
  '\udc00',
  '\ufeff',
  '\ufffe',
  '\uffff',
  '😀',
  'a\u0308',
  'ß',
  'İ',
  ' ',
  "'",
  '"',
  '\\',
  '<',
  '%',
];

const traps = [
  '__proto__',
  'constructor',
  'toString',
  'null',
  "'; drop table users; --",
  '{{7*7}}',
  '../../etc/passwd',
  '=1+1',
  '<script>',
  '\u0000\u0001',
  'NaN',
];

/** Remote ids and addresses from a small pool, so that requests meet each other's users; some of them are no addresses. */
export function identities(): fc.Arbitrary<string> {
  const number = fc.integer({ min: 0, max: 30 });
  return fc.oneof(
    number.map((n) => `E${n}`),
    number.map((n) => `person${n}@example.com`),
    number.map((n) => `PERSON${n}@Bücher.example `),
    fc.constantFrom(
      '@',
      'a@b',
      'a@b.c',
      '"x"@example.com',
      'a@127.0.0.1',
      'a@xn--a.example',
      `${'a'.repeat(65)}@example.com`,
      '',
    ),
  );
}

/** Date-times at the edges of the calendar and of the format, and just over them. */
export function dates(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...oddDates) },
    {
      weight: 2,
      arbitrary: fc
        .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
        .map((date) => date.toISOString()),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(...[9_999, 13, 32, 24, 60, 61].map((max) => fc.nat({ max })))
        .map(([year, month, day, hour, minute, second]) => {
          const two = (n = 0) => String(n).padStart(2, '0');
          return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}Z`;
        }),
    },
  );
}

const oddDates = [
  '0000-01-01T00:00:00Z',
  '0000-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59.999999999Z',
  '9999-12-31T23:59:59-23:59',
  '2024-02-29T00:00:00Z',
  '2023-02-29T00:00:00Z',
  '2024-06-31T00:00:00Z',
  '2016-12-31T23:59:60Z',
  '2016-12-31T23:59:61Z',
  '2024-06-15T24:00:00Z',
  '2024-06-15',
  '2024-06-15T14:00:00',
  '2024-06-15t14:00:00z',
  '2024-06-15 14:00:00Z',
  '2024-06-15T14:00:00+02:00',
  '2024-06-15T14:00:00+99:99',
  '2024-W24-6',
  '+012024-06-15T14:00:00Z',
  '-000001-01-01T00:00:00Z',
  '20240615T140000Z',
  '1718460000000',
  `2024-06-15T14:00:00.${'1'.repeat(5_000)}Z`,
  '',
];
