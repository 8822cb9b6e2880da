import { pino } from 'pino';
import { expect, test } from 'vitest';
import { sendRaw } from './support/raw.ts';
import { startTestServer } from './support/test-server.ts';
import { upsertUsers } from './support/users.ts';

type Line = Readonly<Record<string, unknown>>;

/** A server whose log can be read. */
async function startLoggedServer() {
  const lines: string[] = [];
  const logger = pino({ level: 'trace', base: null }, { write: (line: string) => void lines.push(line) });
  const server = await startTestServer({ logger });
  return { server, text: () => lines.join(''), lines: () => lines.map((line) => JSON.parse(line) as Line) };
}

test('each request is one line with its id, route, status, time and organization', async () => {
  const { server, lines } = await startLoggedServer();
  await using _ = server;
  const acme = await server.createOrganization();
  const replies = [
    await acme.get('/v1/users?page=3'),
    await acme.get('/v1/users?x=1'),
    await server.request('/v1/nowhere'),
  ];
  const requests = lines().filter((line) => line.msg === 'request');
  expect(requests.map((line) => line.requestId)).toEqual(replies.map((reply) => reply.headers['x-request-id']));
  expect(requests).toMatchObject([
    { method: 'GET', route: '/v1/users', status: 200, organization: acme.id, ms: expect.any(Number) },
    { method: 'GET', route: '/v1/users', status: 400, organization: acme.id },
    { method: 'GET', status: 404 },
  ]);
});

test('what is refused before there is a route is a line too, and each refusal says its code', async () => {
  const { server, lines } = await startLoggedServer();
  await using _ = server;
  const acme = await server.createOrganization();
  const replies = [
    await sendRaw(server.address, 'GARBAGE\r\n\r\n'),
    await sendRaw(server.address, `GET /x HTTP/1.1\r\nHost: x\r\nX-Note: ${'a'.repeat(17_000)}\r\n\r\n`),
    await server.request('/v1/%E0%A4%A'),
    await server.request('/v1/users'),
    await acme.get('/v1/users?x=1'),
    await acme.get('/v1/nothing'),
    await acme.get('/v1/users'),
  ];
  const requests = lines().filter((line) => line.msg === 'request');
  expect(requests.map((line) => line.requestId)).toEqual(replies.map((reply) => reply.headers['x-request-id']));
  expect(requests.map(({ status, code }) => [status, code])).toEqual([
    [400, 'invalid_request'],
    [431, 'headers_too_large'],
    [400, 'invalid_request'],
    [401, 'unauthorized'],
    [400, 'invalid_request'],
    [404, 'not_found'],
    [200, undefined],
  ]);
});

test('no key, no name and no address of a person reaches the log, whatever the outcome', async () => {
  const { server, text } = await startLoggedServer();
  await using _ = server;
  const acme = await server.createOrganization();
  const revoked = await acme.createKey();
  await acme.revokeKey(revoked.id);
  await upsertUsers(acme, { remoteId: 'secret-remote', email: 'secret@example.com', firstName: 'Secretia' });
  await acme.get('/v1/users?email=secret@example.com');
  await acme.get('/v1/users?remoteId=secret-remote&email=secret@');
  await acme.post('/v1/users/batch-upsert', '{"users":[{"email":"secret@example.com"');
  await acme.post('/v1/users/batch-upsert', { users: [{ firstName: 'Secretia', unknown: 1 }] });
  await server.request(`/v1/users?key=${acme.key}`, { key: revoked.key });
  await server.request('/v1/users', { headers: { 'x-api-key': acme.key } });
  for (const secret of [acme.key, revoked.key, 'secret', 'Secretia']) expect(text()).not.toContain(secret);
});

test('a fault of ours is logged with its cause under the request id that the client was told', async () => {
  const { server, lines } = await startLoggedServer();
  await using _ = server;
  const acme = await server.createOrganization();
  await server.database.transaction(null, ({ kysely }) => kysely.schema.dropTable('completions').execute());
  const reply = await acme.get('/v1/completions');
  expect(reply.status).toBe(500);
  const fault = lines().find((line) => line.level === 50);
  expect(fault).toMatchObject({
    requestId: reply.headers['x-request-id'],
    err: { message: expect.stringContaining('completions') },
  });
});

test('a client’s mistake is no error of ours', async () => {
  const { server, lines } = await startLoggedServer();
  await using _ = server;
  const acme = await server.createOrganization();
  await acme.get('/v1/users?page=x');
  await acme.post('/v1/users/batch-upsert', '{');
  await server.request('/v1/users');
  expect(lines().filter((line) => Number(line.level) >= 40)).toEqual([]);
});
