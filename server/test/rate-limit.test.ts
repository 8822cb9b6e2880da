import { describe, expect, test } from 'vitest';
import { expectError } from './support/errors.ts';
import { startTestServer } from './support/test-server.ts';

const MINUTE_MS = 60_000;

describe('with RATE_LIMIT', () => {
  test('a key may make so many requests a minute; more are 429 and say when to come back', async () => {
    await using server = await startTestServer({ environment: { RATE_LIMIT: '3' } });
    const acme = await server.createOrganization();
    for (let request = 0; request < 3; request++) expect((await acme.get('/v1/users')).status).toBe(200);
    server.clock.advance(MINUTE_MS / 4);
    const refused = await acme.get('/v1/users');
    const { message, metadata } = expectError(refused, 'rate_limited');
    expect(refused.headers['retry-after']).toBe('45');
    expect(metadata).toMatchObject({ retryAfter: 45 });
    expect(message).toBe('This key may make 3 requests a minute. Try again in 45 seconds.');
    server.clock.advance(45_000 - 1);
    expect((await acme.get('/v1/users')).headers['retry-after']).toBe('1');
    server.clock.advance(1);
    expect((await acme.get('/v1/users')).status).toBe(200);
  });

  test('a refused request writes nothing', async () => {
    await using server = await startTestServer({ environment: { RATE_LIMIT: '1' } });
    const acme = await server.createOrganization();
    expect((await acme.get('/v1/users')).text).toContain('"total":0');
    const body = { users: [{ remoteId: 'E1' }] };
    expectError(await acme.post('/v1/users/batch-upsert', body), 'rate_limited');
    server.clock.advance(MINUTE_MS);
    expect((await acme.get('/v1/users')).text).toContain('"total":0');
  });

  test('each key counts by itself, over all operations and faulty requests too', async () => {
    await using server = await startTestServer({ environment: { RATE_LIMIT: '3' } });
    const acme = await server.createOrganization();
    const second = await acme.createKey();
    const statuses = [
      await acme.get('/v1/clusters'),
      await acme.get('/v1/users?page=x'),
      await acme.post('/v1/users/batch-upsert', {}),
      await acme.get('/v1/completions'),
    ].map((reply) => reply.status);
    expect(statuses).toEqual([200, 400, 400, 429]);
    expect((await server.request('/v1/users', { key: second.key })).status).toBe(200);
  });

  test('strangers are 401 and health checks are answered, however many', async () => {
    await using server = await startTestServer({ environment: { RATE_LIMIT: '1' } });
    for (let request = 0; request < 5; request++) {
      expect((await server.request('/v1/users')).status).toBe(401);
      expect((await server.request('/healthz')).status).toBe(200);
    }
  });
});

test('without RATE_LIMIT a key may make as many requests as it likes', async () => {
  await using server = await startTestServer();
  const acme = await server.createOrganization();
  const replies = await Promise.all(Array.from({ length: 300 }, () => acme.get('/v1/clusters')));
  expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([200]));
});
