import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { ErrorCode } from '@rollcall/contract/errors.ts';
import type { Operation } from '@rollcall/contract/operation.ts';
import type { ErrorBody } from '@rollcall/contract/shapes.ts';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { expectError } from './support/errors.ts';
import { addCluster, addCompletions, completionRecord } from './support/facts.ts';
import { brokenInvariants } from './support/invariants.ts';
import { type OddRequest, oddOperations, oddRequest } from './support/odd-requests.ts';
import { sendRaw } from './support/raw.ts';
import type { Reply } from './support/request.ts';
import { startTestServer, type TestOrganization, type TestServer } from './support/test-server.ts';
import { createUsers } from './support/users.ts';
import { WireClient } from './support/wire.ts';

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
const EXPECTED_KINDS = oddOperations.flatMap(({ id, errors }) => [
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

/** A request on a connection of its own; the answer to it. */
async function ask(server: TestServer, start: string, ...lines: readonly string[]): Promise<Reply> {
  const { key } = await server.createOrganization();
  const usual = ['Host: rollcall.test', `Authorization: Bearer ${key}`, 'Connection: close'];
  return sendRaw(server.address, `${[start, ...usual, ...lines].join('\r\n')}\r\n\r\n`);
}

test('a method that HTTP allows only with a body is answered like any other that the path does not have', async () => {
  await using server = await startTestServer();
  expectError(await ask(server, 'QUERY /v1/users HTTP/1.1'), 'method_not_allowed');
});

test('an expectation that nobody knows is ignored, and the request answered in the envelope', async () => {
  await using server = await startTestServer();
  expectError(await ask(server, 'POST /v1/users/batch-upsert HTTP/1.1', 'Expect: a miracle'), 'invalid_request');
});

test('a client that asks to change the protocol is answered in the one it speaks', async () => {
  await using server = await startTestServer();
  const reply = await ask(server, 'GET /v1/users HTTP/1.1', 'Connection: Upgrade', 'Upgrade: h2c');
  expect([reply.status, reply.headers.upgrade]).toEqual([200, undefined]);
});

test('a page is linked by sound URLs, whatever form the address of the request had', async () => {
  await using server = await startTestServer();
  const target = 'http://elsewhere.test/v1/users?remoteId=a>;"b"&page=3';
  const { headers } = await ask(server, `GET ${target} HTTP/1.1`);
  const links = String(headers.link).split(', ');
  expect(links.map((link) => /^<([^<>"\s]+)>; rel="(first|last)"$/.exec(link)?.[1])).toEqual(
    [0, 0].map((page) => `${server.address}/v1/users?remoteId=a%3E;%22b%22&page=${page}`),
  );
});
