import { accountOperations } from '@rollcall/contract/account.ts';
import type { Operation } from '@rollcall/contract/operation.ts';
import fc from 'fast-check';
import type { TObject } from 'typebox';
import { oddBody } from './odd-bodies.ts';
import { oddContentType, oddHeaders, type Surroundings } from './odd-headers.ts';
import { dates, identities, oddText, weighted } from './odd-values.ts';
import type { WireRequest } from './wire.ts';

/** A generated request; it describes itself when a property fails. */
export interface OddRequest extends WireRequest {
  readonly operation: Operation;
}

/** A counterexample's first bytes say more than all of them. */
const SHOWN_BYTES_MAX = 1_000;

/** The operations of the Account API that are neither about a sync run nor open one: these have states of their own. */
export const oddOperations: readonly Operation[] = accountOperations.filter(
  ({ id, path }) => id !== 'openSyncRun' && !path.includes('{'),
);

/**
 * Requests to operations of the Account API, most of them wrong somewhere, none of them unframed. The generators are
 * built once: building them costs more than running them.
 */
export function oddRequest(surroundings: Surroundings): fc.Arbitrary<OddRequest> {
  return fc.oneof(...oddOperations.map((operation) => oddRequestTo(operation, surroundings)));
}

function oddRequestTo(operation: Operation, surroundings: Surroundings): fc.Arbitrary<OddRequest> {
  const parts = fc.record({
    method: oddMethod(operation),
    target: oddTarget(operation, surroundings),
    version: weighted<string>([60, fc.constant('1.1')], [1, fc.constantFrom('1.0', '1.2', '2.0', '0.9', 'x')]),
    headers: oddHeaders(surroundings),
    body: operation.body
      ? weighted([30, oddBody(itemMembers(operation))], [1, fc.constant(Buffer.alloc(0))])
      : weighted([20, fc.constant(null)], [1, oddBody([])]),
    contentType: oddContentType(),
    chunked: weighted([8, fc.constant(false)], [1, fc.constant(true)]),
  });
  return parts.map((drawn) => render(operation, drawn));
}

/** The members that an item of a batch may have. */
function itemMembers({ body }: Operation): string[] {
  const { properties } = body as unknown as { properties: { users: { items: TObject } } };
  return Object.keys(properties.users.items.properties);
}

interface Parts {
  readonly method: string;
  /** Bytes as Latin-1, as all text of the head. */
  readonly target: string;
  readonly version: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | null;
  readonly contentType: string | null;
  readonly chunked: boolean;
}

function render(operation: Operation, parts: Parts): OddRequest {
  const { method, target, version, body, contentType, chunked } = parts;
  const headers = [...parts.headers];
  if (body && contentType !== null) headers.push(['Content-Type', contentType]);
  if (body) headers.push(chunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(body.length)]);
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${target} HTTP/${version}\r\n${lines.join('')}\r\n`;
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), ...(body ? [chunked ? inChunks(body) : body] : [])]);
  const text = bytes.toString('latin1', 0, SHOWN_BYTES_MAX);
  const shown = bytes.length > SHOWN_BYTES_MAX ? `${text}… (${bytes.length} bytes)` : text;
  return { operation, method, bytes, [fc.toStringMethod]: () => shown } as OddRequest;
}

function inChunks(body: Buffer): Buffer {
  const middle = Math.ceil(body.length / 2);
  const chunks = [body.subarray(0, middle), body.subarray(middle)].filter((chunk) => chunk.length > 0);
  const parts = chunks.flatMap((chunk) => [
    Buffer.from(`${chunk.length.toString(16)}\r\n`),
    chunk,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

function oddMethod({ method }: Operation): fc.Arbitrary<string> {
  const others = [
    'HEAD',
    'OPTIONS',
    'PUT',
    'PATCH',
    'DELETE',
    'TRACE',
    'CONNECT',
    'QUERY',
    'PROPFIND',
    'BREW',
    'get',
    'G E T',
  ];
  return weighted<string>([30, fc.constant(method)], [1, fc.constantFrom(...others)]);
}

function oddTarget(operation: Operation, surroundings: Surroundings): fc.Arbitrary<string> {
  const parameter = weighted<string>(
    [12, fc.oneof(...ownParameters(operation, surroundings))],
    [2, fc.tuple(oddName(operation), oddValue(surroundings)).map(([name, value]) => `${name}=${value}`)],
  );
  const query = weighted<string>(
    // Each parameter can be wrong: with fewer of them, more requests get through.
    [6, fc.array(parameter, { maxLength: operation.body ? 1 : 3 }).map((all) => all.join('&'))],
    [1, fc.constantFrom('&&', '=', '?', '%', 'page', 'page=1&page=2', '__proto__[page]=1', 'page[]=1', '#x', ';')],
  );
  return fc.tuple(oddPath(operation.path), query).map(([path, text]) => (text === '' ? path : `${path}?${text}`));
}

/** Each parameter of the operation with values of its kind, good ones and those just beside. */
function ownParameters({ query }: Operation, surroundings: Surroundings): fc.Arbitrary<string>[] {
  return Object.entries(query?.properties ?? {}).map(([name, property]) =>
    encoded(ownValue(property as { type?: string; format?: string }, surroundings)).map((value) => `${name}=${value}`),
  );
}

function ownValue({ type, format }: { type?: string; format?: string }, { known }: Surroundings): fc.Arbitrary<string> {
  if (type === 'integer') return weighted([4, fc.nat({ max: 5 }).map(String)], [1, fc.constantFrom(...numbers)]);
  if (type === 'boolean') return weighted([4, fc.boolean().map(String)], [1, fc.constantFrom('TRUE', '1', '', 'null')]);
  if (format === 'date-time') return dates();
  return weighted([3, fc.constantFrom(...known)], [2, identities()], [1, fc.uuid()], [1, oddText()]);
}

function oddPath(path: string): fc.Arbitrary<string> {
  const others = [
    `${path}/`,
    `/${path}`,
    path.toUpperCase(),
    `${path}/..%2f`,
    path.replace('v1', '%761'),
    `${path}%00`,
    `${path}%ff`,
    `${path}%zz`,
    `http://elsewhere.test${path}`,
    `${path};a=b`,
    `${path}/${'a'.repeat(300)}`,
    `/v1/./${path.slice(4)}`,
    '*',
    '/',
    '/v1/__proto__',
    'v1/users',
  ];
  return weighted<string>([30, fc.constant(path)], [1, fc.constantFrom(...others)]);
}

function oddName({ query }: Operation): fc.Arbitrary<string> {
  const own = Object.keys(query?.properties ?? {});
  const others = [
    'limit',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'toString',
    'page[$gt]',
    '',
    'PAGE',
    '%70age',
    '%ff',
    'a%00b',
  ];
  return weighted<string>([8, fc.constantFrom(...own)], [1, fc.constantFrom(...others)], [1, encoded(oddText())]);
}

function oddValue({ known }: Surroundings): fc.Arbitrary<string> {
  return weighted<string>(
    [4, encoded(fc.constantFrom(...numbers))],
    [3, fc.constantFrom('true', 'false', 'TRUE', '1', 'null', 'undefined', 'yes')],
    [5, encoded(dates())],
    [4, encoded(fc.constantFrom(...known))],
    [2, encoded(fc.uuid())],
    [2, encoded(identities())],
    [3, encoded(oddText())],
    [1, fc.constantFrom(...brokenEscapes)],
    [1, fc.base64String().map((text) => text.replaceAll('=', ''))],
    [1, fc.integer({ min: 1, max: 9_000 }).map((length) => 'a'.repeat(length))],
  );
}

const numbers = [
  '0',
  '1',
  '2',
  '200',
  '201',
  '-1',
  '-0',
  '+5',
  ' 5',
  '1.0',
  '1e2',
  '0x10',
  '٣',
  '９',
  '00001',
  'NaN',
  'Infinity',
].concat(['9007199254740991', '9007199254740993', '99999999999999999999', '2147483648', '1_000', '', '1,2']);

/** Not UTF-8, not whole, or bytes that no URL may hold. */
const brokenEscapes = [
  '%',
  '%4',
  '%zz',
  '%ff',
  '%c0%af',
  '%ed%a0%80',
  '%ed%b0%80%ed%a0%80',
  '%f4%90%80%80',
  '%00',
  '\xff',
  '\xc3\xa9',
  'a b',
  '\t',
  '<>"',
  '\x7f',
];

/** As URLs carry it; lone surrogates, which have no encoding, in the broken form that some encoders give them. */
function encoded(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return text.map((value) => Array.from(value, encodeCharacter).join(''));
}

function encodeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (character.length === 2 || code < 0xd800 || code > 0xdfff) return encodeURIComponent(character);
  return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]
    .map((byte) => `%${byte.toString(16)}`)
    .join('');
}
