import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { addCluster, addCompletions, addModule, completionRecord } from './support/facts.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { createUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const DECODERS = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync } as const;
const LISTS = ['/v1/users', '/v1/clusters', '/v1/completions'] as const;

/** An organization whose lists are long enough to be worth coding. */
async function organizationWithContent(): Promise<TestOrganization> {
  const acme = await server.createOrganization();
  await createUsers(acme, 50);
  const module = await addModule(server, acme, { description: 'Long and alike. '.repeat(200) });
  await addCluster(server, acme, { module });
  await addCompletions(
    server,
    acme,
    Array.from({ length: 50 }, () => completionRecord()),
  );
  return acme;
}

async function codingOf(acceptEncoding: string | undefined): Promise<string> {
  const acme = await server.createOrganization();
  await createUsers(acme, 20);
  const reply = await acme.get('/v1/users', { 'accept-encoding': acceptEncoding });
  expect(reply.status).toBe(200);
  const coding = String(reply.headers['content-encoding'] ?? 'identity');
  const bytes = coding === 'identity' ? reply.bytes : DECODERS[coding as keyof typeof DECODERS](reply.bytes);
  expect(JSON.parse(bytes.toString())).toMatchObject({ data: { total: 20 } });
  return coding;
}

describe.each(LISTS)('%s', (path) => {
  test.each(Object.entries(DECODERS))('comes in %s, smaller and the same once decoded', async (coding, decode) => {
    const acme = await organizationWithContent();
    const plain = await acme.get(path);
    const coded = await acme.get(path, { 'accept-encoding': coding });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(coded.headers['content-encoding']).toBe(coding);
    expect(coded.headers['content-type']).toBe(plain.headers['content-type']);
    expect(decode(coded.bytes).toString()).toBe(plain.text);
    expect(coded.bytes.length).toBeLessThan(plain.bytes.length / 2);
    expect([undefined, String(coded.bytes.length)]).toContain(coded.headers['content-length']);
  });

  test('says to caches that the answer depends on Accept-Encoding and on the key', async () => {
    const acme = await organizationWithContent();
    for (const coding of ['gzip', 'identity']) {
      const { vary = '' } = (await acme.get(path, { 'accept-encoding': coding })).headers;
      expect(vary.split(', ')).toEqual(expect.arrayContaining(['Accept-Encoding', 'Authorization', 'X-API-Key']));
    }
  });
});

test.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['GZIP', 'gzip'],
  ['br', 'br'],
  ['zstd', 'zstd'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip, deflate, br', 'br'],
  ['gzip, deflate', 'gzip'],
  ['deflate', 'identity'],
  ['compress, x-unknown', 'identity'],
  ['*', 'zstd'],
  ['gzip;q=0.8, br;q=0.2', 'gzip'],
  ['br;q=0.2,gzip;q=0.8', 'gzip'],
  ['zstd;q=0, *', 'br'],
  ['*;q=0.1, gzip;q=0.2', 'gzip'],
  ['gzip;q=0', 'identity'],
  ['gzip; q=0.000', 'identity'],
  ['*;q=0', 'identity'],
  ['identity;q=1, gzip;q=0.5', 'identity'],
  ['identity;q=0.5, gzip;q=1', 'gzip'],
  ['gzip, identity', 'gzip'],
  ['gzip;q=x', 'identity'],
  [';;,,q=1', 'identity'],
])('Accept-Encoding %j gives %s', async (accept, coding) => {
  expect(await codingOf(accept)).toBe(coding);
});

test('batches are answered compressed too', async () => {
  const acme = await server.createOrganization();
  const users = Array.from({ length: 100 }, (_, index) => ({ remoteId: `E${index}` }));
  const reply = await acme.post('/v1/users/batch-upsert', { users }, { 'accept-encoding': 'gzip' });
  expect(reply.headers['content-encoding']).toBe('gzip');
  expect(JSON.parse(gunzipSync(reply.bytes).toString())).toMatchObject({ success: true });
});

test('an answer too short to gain by it goes out as it is', async () => {
  const acme = await server.createOrganization();
  const reply = await acme.get('/v1/clusters', { 'accept-encoding': 'gzip, br, zstd' });
  expect(reply.headers['content-encoding']).toBeUndefined();
  expect(reply.text).toBe('{"success":true,"data":{"items":[],"total":0}}');
});

test('errors go out as they are', async () => {
  const acme = await server.createOrganization();
  const query = Array.from({ length: 100 }, (_, index) => `unknown${index}=1`).join('&');
  const reply = await acme.get(`/v1/users?${query}`, { 'accept-encoding': 'gzip' });
  expect(reply.status).toBe(400);
  expect(reply.headers['content-encoding']).toBeUndefined();
  expect(reply.json()).toMatchObject({ success: false });
});
