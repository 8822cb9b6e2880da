import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { accountOperations } from '@rollcall/contract/account.ts';
import type { ErrorCode } from '@rollcall/contract/errors.ts';
import type { Operation } from '@rollcall/contract/operation.ts';
import type { ErrorBody } from '@rollcall/contract/shapes.ts';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { expectError } from './support/errors.ts';
import { addCluster, addCompletions, completionRecord } from './support/facts.ts';
import { brokenInvariants } from './support/invariants.ts';
import { type OddRequest, oddRequest } from './support/odd-requests.ts';
import type { Reply } from './support/request.ts';
import { startTestServer, type TestOrganization, type TestServer } from './support/test-server.ts';
import { createUsers } from './support/users.ts';
import { WireClient, type WireRequest } from './support/wire.ts';

const REQUESTS_MIN = 10_000;
/** Requests in flight at the same time: one flight is one run of the property, which shrinks to the guilty request. */
const FLIGHT_MAX = 48;
const RUNS = 700;
const TIMEOUT_MS = 300_000;

/** Errors that need no other circumstances than an odd request. */
const REACHABLE: readonly ErrorCode[] = [
  'invalid_request',
  'unauthorized',
  'payload_too_large',
  'unsupported_media_type',
];

/** What so many requests must meet, or they were not the right ones. */
const EXPECTED_KINDS = accountOperations.flatMap(({ id, errors }) => [
  `${id} 200`,
  ...errors.filter((code) => REACHABLE.includes(code)).map((code) => `${id} ${code}`),
]);

/** Errors that are no operation's own: of the address, the method, or HTTP itself. */
const ANY_OPERATION: readonly ErrorCode[] = [
  'not_found',
  'method_not_allowed',
  'headers_too_large',
  'payload_too_large',
];

test(
  'ten thousand odd requests find only answers of the contract: no 5xx, no broken connection, no harm to the data',
  async () => {
    await using server = await startTestServer();
    const organization = await server.createOrganization();
    const known = await furnish(server, organization);
    using client = new WireClient(server.address, { connections: FLIGHT_MAX });
    const seen = new Map<string, number>();

    const flights = fc.array(oddRequest({ key: organization.key, known }), {
      minLength: 1,
      maxLength: FLIGHT_MAX,
      size: 'max',
    });
    await fc.assert(
      fc.asyncProperty(flights, async (requests) => {
        const replies = await Promise.all(requests.map((request) => client.send(request)));
        replies.forEach((reply, index) => {
          const request = requests[index] as OddRequest;
          const kind = `${request.operation.id} ${judge(request, reply)}`;
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        });
      }),
      { numRuns: RUNS },
    );

    expect(await brokenInvariants(server.database, organization.id)).toEqual([]);
    expect((await organization.get('/v1/users')).status).toBe(200);
    const total = [...seen.values()].reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(REQUESTS_MIN);
    expect([...seen.keys()]).toEqual(expect.arrayContaining(EXPECTED_KINDS));
  },
  TIMEOUT_MS,
);

/** Something of every kind, so that odd requests find what they ask for now and then; answers values that exist. */
async function furnish(server: TestServer, organization: TestOrganization): Promise<string[]> {
  const users = await createUsers(organization, 20);
  const clusterId = await addCluster(server, organization, { selfRegistration: true });
  await addCompletions(
    server,
    organization,
    users.map(({ remoteId }) => completionRecord({ clusterId, remoteUserId: remoteId })),
  );
  const lists = await Promise.all(
    ['/v1/users', '/v1/clusters', '/v1/completions'].map((path) => organization.get(path)),
  );
  const headers = lists.flatMap((reply) => [reply.headers.etag, reply.headers['x-next-cursor']]);
  return [clusterId, 'E1', users[0]?.id, ...headers].filter((value) => typeof value === 'string');
}

/** Checks an answer by the contract; says in a word what it was. */
function judge({ operation, method }: OddRequest, reply: Reply): string {
  if (method === 'HEAD') {
    expect(reply.status).toBeLessThan(500);
    return 'HEAD';
  }
  expect([200, 304].includes(reply.status) || (reply.status >= 400 && reply.status < 500), reply.text).toBe(true);
  if (reply.status === 304) {
    expect(reply.headers.etag).toMatch(/^"[\w-]+"$/);
    return '304';
  }
  if (reply.status === 200) {
    judgeSuccess(operation, reply);
    return '200';
  }
  const { code } = reply.json<ErrorBody>().error.metadata as { code: ErrorCode };
  expect([...operation.errors, ...ANY_OPERATION]).toContain(code);
  expectError(reply, code);
  return code;
}

const validators = new Map<Operation, (value: unknown) => boolean>();

/** A 200 is what the operation promises, in the media type and the coding that the headers say. */
function judgeSuccess(operation: Operation, reply: Reply): void {
  expect(reply.headers['x-request-id']).toMatch(/^\S+$/);
  const text = decoded(reply).toString();
  const [mediaType = ''] = String(reply.headers['content-type']).split(';');
  expect(Object.keys(operation.responses[200]?.content ?? {})).toContain(mediaType);
  if (mediaType === 'application/json') expect(isPromised(operation, JSON.parse(text)), text).toBe(true);
  if (mediaType === 'application/x-ndjson') for (const line of text.split('\n').slice(0, -1)) JSON.parse(line);
}

function decoded({ headers, bytes }: Reply): Buffer {
  const coding = headers['content-encoding'];
  if (coding === 'gzip') return gunzipSync(bytes);
  if (coding === 'br') return brotliDecompressSync(bytes);
  if (coding === 'zstd') return zstdDecompressSync(bytes);
  expect(coding).toBeUndefined();
  return bytes;
}

function isPromised(operation: Operation, value: unknown): boolean {
  let validate = validators.get(operation);
  if (!validate) {
    const schema = operation.responses[200]?.content?.['application/json']?.schema;
    if (!schema) throw new Error(`${operation.id} promises no JSON`);
    const compiled = Compile(schema);
    validate = (candidate) => compiled.Check(candidate);
    validators.set(operation, validate);
  }
  return validate(value);
}

/** The bytes of a request that nothing but its own lines says; `HOST` and `KEY` stand for the usual headers. */
function wireRequest(key: string, start: string, ...lines: readonly string[]): WireRequest {
  const usual: Readonly<Record<string, string>> = { HOST: 'Host: rollcall.test', KEY: `Authorization: Bearer ${key}` };
  const head = [start, ...lines.map((line) => usual[line] ?? line)].map((line) => `${line}\r\n`);
  return { method: start.split(' ')[0] ?? '', bytes: Buffer.from(`${head.join('')}\r\n`, 'latin1') };
}

const BATCH = 'POST /v1/users/batch-upsert HTTP/1.1';

test.for<[string, ErrorCode, string, ...string[]]>([
  ['no Host', 'invalid_request', 'GET /v1/users HTTP/1.1', 'KEY'],
  ['a line that is no header', 'invalid_request', 'GET /v1/users HTTP/1.1', 'HOST', 'KEY', 'oops'],
  ['a control character in a header', 'invalid_request', 'GET /v1/users HTTP/1.1', 'HOST', 'KEY', 'X: a\x01b'],
  ['two lengths', 'invalid_request', BATCH, 'HOST', 'KEY', 'Content-Length: 2', 'Content-Length: 3'],
  ['a length and chunks', 'invalid_request', BATCH, 'HOST', 'KEY', 'Content-Length: 2', 'Transfer-Encoding: chunked'],
  ['a version that does not exist', 'invalid_request', 'GET /v1/users HTTP/9.9', 'HOST', 'KEY'],
  ['a method that does not exist', 'invalid_request', 'BREW /v1/users HTTP/1.1', 'HOST', 'KEY'],
  ['a method of HTTP that needs a body', 'method_not_allowed', 'QUERY /v1/users HTTP/1.1', 'HOST', 'KEY'],
  ['a wish for a tunnel', 'invalid_request', 'CONNECT rollcall.test:443 HTTP/1.1', 'HOST', 'KEY'],
  ['headers of 20 KiB', 'headers_too_large', 'GET /v1/users HTTP/1.1', 'HOST', 'KEY', `X: ${'a'.repeat(20_480)}`],
  ['an expectation of its own', 'invalid_request', BATCH, 'HOST', 'KEY', 'Expect: a miracle'],
  [
    'a body that would be too large',
    'payload_too_large',
    BATCH,
    'HOST',
    'KEY',
    'Content-Type: application/json',
    'Content-Length: 2000000',
  ],
])('a request with %s is answered in the envelope too', async ([, code, start, ...lines]) => {
  await using server = await startTestServer();
  const { key } = await server.createOrganization();
  using client = new WireClient(server.address, { connections: 1 });
  expectError(await client.send(wireRequest(key, start, ...lines)), code);
});

test('a client that asks to change the protocol is answered in the one it speaks', async () => {
  await using server = await startTestServer();
  const { key } = await server.createOrganization();
  using client = new WireClient(server.address, { connections: 1 });
  const upgrade = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
  const reply = await client.send(wireRequest(key, 'GET /v1/users HTTP/1.1', 'HOST', 'KEY', ...upgrade));
  expect([reply.status, reply.headers.upgrade]).toEqual([200, undefined]);
});

test('a page is linked by sound URLs, whatever form the address of the request had', async () => {
  await using server = await startTestServer();
  const { key } = await server.createOrganization();
  using client = new WireClient(server.address, { connections: 1 });
  const target = 'http://elsewhere.test/v1/users?remoteId=a>;"b"&page=3';
  const { headers } = await client.send(wireRequest(key, `GET ${target} HTTP/1.1`, 'HOST', 'KEY'));
  const links = String(headers.link)
    .split(', ')
    .map((link) => /^<([^<>"\s]+)>; rel="(first|last)"$/.exec(link)?.[1]);
  expect(links).toEqual([0, 0].map((page) => `${server.address}/v1/users?remoteId=a%3E;%22b%22&page=${page}`));
});
