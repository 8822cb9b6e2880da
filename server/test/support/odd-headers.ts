import fc from 'fast-check';
import { weighted } from './odd-values.ts';

/** What a sensible request needs to know of the server, so that many odd ones get past the first check. */
export interface Surroundings {
  readonly key: string;
  /** Values that exist there: ids, cursors, entity tags. */
  readonly known: readonly string[];
}

/** Media types that mean JSON, do not, or mean nothing; null leaves the header out. */
export function oddContentType(): fc.Arbitrary<string | null> {
  return weighted<string | null>(
    [40, fc.constant('application/json')],
    [
      5,
      fc.constantFrom(
        null,
        '',
        'application/json; charset=utf-8',
        'APPLICATION/JSON;CHARSET="UTF-8"',
        'application/json; charset=utf-16',
        'application/json;charset=',
        'application/json; charset=__proto__',
        'application/json, text/plain',
        'application/jsonp',
        'application/merge-patch+json',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'text/csv',
        '__proto__',
        'constructor/prototype',
        ';;;',
        '*/*',
        'a'.repeat(3_000),
        '\xff\xfe',
      ),
    ],
  );
}

type Header = readonly [string, string];

/** Host and key, mostly right; then headers that the operations look at, and any others. */
export function oddHeaders({ key, known }: Surroundings): fc.Arbitrary<Header[]> {
  const host = weighted<Header[]>([60, fc.constant([['Host', 'rollcall.test']])], [1, oddHost()]);
  const credentials = weighted<Header[]>(
    [40, fc.constant([['Authorization', `Bearer ${key}`]])],
    [4, fc.constant([['X-API-Key', key]])],
    [3, oddCredentials(key)],
  );
  const others = fc.array(weighted<Header>([6, odderHeader(known)], [1, fc.tuple(token(), headerText())]), {
    maxLength: 4,
  });
  return fc.tuple(host, credentials, others).map((parts) => parts.flat());
}

function oddHost(): fc.Arbitrary<Header[]> {
  return fc.constantFrom<Header[][]>(
    [],
    [['Host', '']],
    [['Host', '[::1']],
    [
      ['Host', 'a'],
      ['Host', 'b'],
    ],
    [['Host', 'a/../b c']],
  );
}

function oddCredentials(key: string): fc.Arbitrary<Header[]> {
  return fc.constantFrom<Header[][]>(
    [],
    [['Authorization', `bearer  ${key}  `]],
    [['Authorization', `Basic ${key}`]],
    [['Authorization', key]],
    [['Authorization', 'Bearer']],
    [['Authorization', `Bearer ${key.slice(0, -1)}`]],
    [['Authorization', `Bearer ${key}\xff`]],
    [['X-API-Key', '']],
    [
      ['X-API-Key', key],
      ['X-API-Key', key],
    ],
    [
      ['X-API-Key', key],
      ['Authorization', `Bearer ${key}`],
    ],
    [
      ['X-API-Key', `rck_${'0'.repeat(36)}`],
      ['Authorization', `Bearer ${key}`],
    ],
  );
}

/** Values of a header's own kind, good and bad; names that mean something to servers, proxies and JavaScript. */
function odderHeader(known: readonly string[]): fc.Arbitrary<Header> {
  const values: Readonly<Record<string, readonly string[]>> = {
    Accept: [
      '*/*',
      'text/csv',
      'application/x-ndjson',
      'application/json;q=0, text/csv;q=2',
      'image/png',
      '',
      ',,;q',
      'a'.repeat(500),
      '__proto__',
    ],
    'Accept-Encoding': [
      'gzip',
      'br',
      'zstd',
      '*',
      'identity;q=0',
      'gzip;q=0, br;q=1.5',
      'gzip;q=-1, *;q=nan',
      '',
      ';,;',
      'constructor',
    ],
    'If-None-Match': ['*', '""', 'W/"x"', '"', ',"a",', '"a" "b"', ...known],
    'Idempotency-Key': ['k1', 'k2', '"k3"', '', 'a b', '\xff', 'k'.repeat(255), 'k'.repeat(256), '__proto__'],
    'Content-Encoding': ['gzip', 'identity', 'br', ''],
    Expect: ['100-continue', 'something-else'],
    Connection: ['close', 'keep-alive', 'Upgrade', 'Authorization', ''],
    Upgrade: ['websocket', 'h2c'],
    Range: ['bytes=0-1', 'bytes=9-1', 'x'],
    Origin: ['null', 'https://elsewhere.test'],
    Cookie: ['a=b', '__proto__=1', ';;;'],
    'Accept-Version': ['1.x', '9.0.0'],
    'X-HTTP-Method-Override': ['DELETE'],
    'X-Request-Id': ['mine', 'a\tb'],
    'X-Forwarded-For': ['127.0.0.1', 'x,,y'],
    'If-Modified-Since': ['yesterday'],
    Trailer: ['Authorization'],
    TE: ['trailers, deflate;q=0.5'],
    ['__proto__']: ['x'],
    constructor: ['x'],
  };
  const choices = Object.entries(values).map(([name, all]) =>
    fc.constantFrom(...all.map((value): Header => [name, value])),
  );
  return fc.oneof(...choices);
}

/** A header's name by RFC 9110, section 5.1; one that frames the body would leave the server waiting. */
function token(): fc.Arbitrary<string> {
  return fc
    .string({ unit: fc.constantFrom(..."abcXYZ019-_!#$%&'*+.^`|~"), minLength: 1, maxLength: 40 })
    .filter((name) => !/^(content-length|transfer-encoding)$/i.test(name));
}

/** Any byte but those that end a line. */
function headerText(): fc.Arbitrary<string> {
  const byte = fc.integer({ min: 1, max: 255 }).filter((code) => code !== 10 && code !== 13);
  return weighted(
    [20, fc.array(byte, { maxLength: 60 }).map((codes) => String.fromCharCode(...codes))],
    [1, fc.integer({ min: 1, max: 20_000 }).map((length) => 'a'.repeat(length))],
  );
}
