import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { addCompletions, completionRecord } from './support/facts.ts';
import { connectRaw, parseAnswer } from './support/raw.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';
import { createUsers, upsertUsers } from './support/users.ts';

/** The value of a series in Prometheus' text; 0 where it is not there yet. */
async function metric(server: TestServer, series: string): Promise<number> {
  const { text } = await server.request('/metrics');
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return Number(line?.slice(series.length) ?? 0);
}

describe('health', () => {
  test('needs no key and tells nothing of anybody', async () => {
    await using server = await startTestServer();
    for (const path of ['/healthz', '/readyz']) {
      const reply = await server.request(path);
      expect([reply.status, reply.text]).toEqual([200, '{"status":"ok"}']);
      expect(reply.headers['content-type']).toContain('application/json');
    }
  });

  test('is answered while nothing can be read, but readiness is not', async () => {
    await using server = await startTestServer();
    await server.database.transaction(null, ({ kysely }) =>
      kysely.schema.alterTable('organizations').renameTo('lost').execute(),
    );
    expect((await server.request('/healthz')).status).toBe(200);
    const reply = await server.request('/readyz');
    expect(reply.status).toBe(503);
    expect(reply.headers['retry-after']).toBe('5');
    expect(reply.text).not.toMatch(/table|select|SQLITE/i);
  });
});

describe('/metrics', () => {
  test('counts requests by route, method and status, never by address or key', async () => {
    await using server = await startTestServer();
    const acme = await server.createOrganization();
    for (const path of ['/v1/users?page=1', '/v1/users?page=2', '/v1/users?page=x', '/nowhere/1', '/nowhere/2']) {
      await acme.get(path);
    }
    await server.request('/v1/users');
    const count = (labels: string) => metric(server, `rollcall_http_request_duration_seconds_count{${labels}}`);
    expect(await count('route="/v1/users",method="GET",status="200"')).toBe(2);
    expect(await count('route="/v1/users",method="GET",status="400"')).toBe(1);
    expect(await count('route="/v1/users",method="GET",status="401"')).toBe(1);
    const { text, headers } = await server.request('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).not.toContain('nowhere');
    expect(text).not.toContain('page=');
    expect(text).not.toContain(acme.key);
    expect(text).not.toContain(acme.slug);
  });

  test('counts batch sizes, users written and completions streamed', async () => {
    await using server = await startTestServer();
    const acme = await server.createOrganization();
    await createUsers(acme, 30);
    await upsertUsers(
      acme,
      { remoteId: 'E1', lastName: 'Lee' },
      { remoteId: 'E2' },
      { remoteId: 'new' },
      { email: 'x' },
    );
    await acme.post('/v1/users/batch-upsert?dryRun=true', { users: [{ remoteId: 'dry' }] });
    await acme.post('/v1/users/batch-upsert', { users: [{ remoteId: 'once' }] }, { 'idempotency-key': 'k' });
    await acme.post('/v1/users/batch-upsert', { users: [{ remoteId: 'once' }] }, { 'idempotency-key': 'k' });
    await acme.post('/v1/users/batch-deactivate', {
      users: [{ remoteId: 'E1' }, { remoteId: 'E2' }, { remoteId: 'no' }],
    });
    await addCompletions(
      server,
      acme,
      Array.from({ length: 300 }, () => completionRecord()),
    );
    await acme.get('/v1/completions');
    await acme.get('/v1/completions', { accept: 'text/csv' });
    const batches = (name: string, operation: string) =>
      metric(server, `rollcall_batch_items_${name}{operation="${operation}"}`);
    expect(await batches('count', 'batchUpsertUsers')).toBe(5);
    expect(await batches('sum', 'batchUpsertUsers')).toBe(30 + 4 + 1 + 1 + 1);
    expect(await batches('sum', 'batchDeactivateUsers')).toBe(3);
    expect(await metric(server, 'rollcall_users_written_total{change="created"}')).toBe(32);
    expect(await metric(server, 'rollcall_users_written_total{change="updated"}')).toBe(3);
    expect(await metric(server, 'rollcall_completions_streamed_total')).toBe(600);
  });

  test('says how the process fares', async () => {
    await using server = await startTestServer();
    expect(await metric(server, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect((await server.request('/metrics')).text).toContain('nodejs_eventloop_lag_p99_seconds');
  });
});

describe('a server that is told to stop', () => {
  test('finishes a stream and a batch that run, and takes no new connection', async () => {
    const server = await startTestServer();
    const acme = await server.createOrganization();
    const module = {
      id: 'm',
      name: 'M',
      category: 'C',
      thumbnailUrl: null,
      description: 'd'.repeat(20_000),
      duration: 60,
    };
    await addCompletions(
      server,
      acme,
      Array.from({ length: 500 }, () => completionRecord({ module })),
    );
    const request = httpRequest(`${server.address}/v1/completions`, {
      agent: new Agent({ keepAlive: true }),
      headers: { 'x-api-key': acme.key },
    });
    request.end();
    const [stream] = (await once(request, 'response')) as [IncomingMessage];
    await once(stream, 'readable');
    const body = '{"users":[{"remoteId":"E1"}]}';
    const batch = await connectRaw(server.address);
    batch.write(
      `POST /v1/users/batch-upsert HTTP/1.1\r\nHost: x\r\nX-API-Key: ${acme.key}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    );
    expect(String((await once(batch, 'data'))[0])).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    const stopped = server[Symbol.asyncDispose]();
    await sleep(20);
    await expect(connectRaw(server.address)).rejects.toThrow('ECONNREFUSED');
    batch.write(body);
    const answer = parseAnswer(await buffer(batch));
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"remoteId":"E1"')]);
    expect(JSON.parse((await buffer(stream)).toString())).toHaveLength(500);
    await stopped;
  });

  test('answers a request that was on its way, and then closes the connection', async () => {
    const server = await startTestServer();
    const acme = await server.createOrganization();
    const socket = await connectRaw(server.address);
    socket.write('GET /v1/users HTTP/1.1\r\nHost: x\r\n');
    await sleep(20);
    const stopped = server[Symbol.asyncDispose]();
    await sleep(20);
    socket.write(`X-API-Key: ${acme.key}\r\n\r\n`);
    const reply = parseAnswer(await buffer(socket));
    expect([reply.status, reply.headers.connection]).toEqual([200, 'close']);
    expect(reply.text).toContain('"total":0');
    await stopped;
  });

  test('does not wait for connections on which nothing runs', async () => {
    const server = await startTestServer();
    const acme = await server.createOrganization();
    await acme.get('/v1/users');
    const idle = await connectRaw(server.address);
    const startedAt = performance.now();
    await server[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    idle.destroy();
  });
});
