import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { createInstallation, type Installation, type Outcome } from './support/program.ts';
import { type Reply, type RequestOptions, sendRequest } from './support/request.ts';

interface LogLine {
  readonly msg: string;
  readonly worker?: number;
  readonly pid?: number;
  readonly signal?: string;
}

/** A server of two workers. */
interface Workers {
  readonly address: string;
  readonly child: { kill(signal: NodeJS.Signals): boolean };
  readonly ended: Promise<Outcome>;
  /** Waits until so many lines of the log say this. */
  logged(msg: string, count?: number): Promise<LogLine[]>;
  /** Sends a request on a connection of its own, which any worker may take. */
  request(path: string, options?: RequestOptions): Promise<Reply>;
}

async function serveByTwo(installation: Installation, environment = {}): Promise<Workers> {
  const { child, firstLine, ended } = installation.spawn(['serve'], { WORKERS: '2', ...environment });
  let log = '';
  child.stderr.on('data', (text) => {
    log += text;
  });
  const address = /^rollcall listening on (http:\S+)$/.exec(await firstLine)?.[1];
  if (!address) throw new Error(`the server did not become ready: ${JSON.stringify(await ended)}`);
  return {
    address,
    child,
    ended,
    async logged(msg, count = 1) {
      for (;;) {
        const lines = readLog(log.slice(0, log.lastIndexOf('\n') + 1)).filter((line) => line.msg === msg);
        if (lines.length >= count) return lines;
        await sleep(20);
      }
    },
    request: (path, options = {}) =>
      sendRequest(address + path, { ...options, headers: { connection: 'close', ...options.headers } }),
  };
}

function readLog(text: string): LogLine[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as LogLine);
}

test('two workers answer at one address from one database', async () => {
  await using installation = await createInstallation();
  const server = await serveByTwo(installation);
  const key = await installation.createKey(await installation.createOrganization('acme'));
  const batch = { method: 'POST', key, body: { users: [{ remoteId: 'E1' }] } };
  expect((await server.request('/v1/users/batch-upsert', batch)).status).toBe(200);
  for (let request = 0; request < 4; request++) {
    const { data } = (await server.request('/v1/users', { key })).json<{ data: { total: number } }>();
    expect(data.total).toBe(1);
  }
  const answering = async () => new Set((await server.logged('request')).map(({ worker }) => worker));
  while ((await answering()).size < 2) await server.request('/healthz');
  server.child.kill('SIGTERM');
  const { code, stdout, stderr } = await server.ended;
  expect({ code, stdout }).toEqual({ code: 0, stdout: `rollcall listening on ${server.address}\n` });
  const answered = readLog(stderr).filter(({ msg }) => msg === 'request');
  expect(new Set(answered.map(({ worker }) => worker))).toEqual(new Set([1, 2]));
});

test('a worker that is killed is replaced, and the other one answers meanwhile', async () => {
  await using installation = await createInstallation();
  const server = await serveByTwo(installation);
  const places = await server.logged('a worker has taken its place', 2);
  // The first of them has the jobs as well.
  const [first] = places;
  process.kill(first?.pid ?? 0, 'SIGKILL');
  expect(await server.logged('a worker ended; another one takes its place')).toMatchObject([
    { worker: first?.worker, signal: 'SIGKILL' },
  ]);
  expect((await server.request('/healthz')).status).toBe(200);
  const [, , next] = await server.logged('a worker has taken its place', 3);
  expect(next?.worker).toBe(first?.worker);
  expect(places.map(({ pid }) => pid)).not.toContain(next?.pid);
  for (let request = 0; request < 4; request++) expect((await server.request('/readyz')).status).toBe(200);
});

test('no request waits for ever on a worker that is killed', async () => {
  await using installation = await createInstallation();
  const server = await serveByTwo(installation);
  const places = await server.logged('a worker has taken its place', 2);
  let isOver = false;
  const outcomes = new Map<string, number>();
  const ask = async (headers: Record<string, string>) => {
    while (!isOver) {
      const outcome = await server.request('/readyz', { headers }).then(
        ({ status }) => String(status),
        () => 'cut off',
      );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  const clients = Array.from({ length: 8 }, (_, index) => ask(index % 2 === 0 ? {} : { connection: 'keep-alive' }));
  for (const [killed, { pid = 0 }] of places.entries()) {
    await sleep(300);
    process.kill(pid, 'SIGKILL');
    await server.logged('a worker has taken its place', 3 + killed);
  }
  isOver = true;
  await Promise.all(clients);
  expect([...outcomes.keys()].filter((outcome) => !['200', 'cut off'].includes(outcome))).toEqual([]);
});

test('where all workers are killed at once, others listen at the same address', async () => {
  await using installation = await createInstallation();
  const server = await serveByTwo(installation);
  for (const { pid = 0 } of await server.logged('a worker has taken its place', 2)) process.kill(pid, 'SIGKILL');
  await server.logged('a worker has taken its place', 4);
  expect((await server.request('/readyz')).status).toBe(200);
});

test('/metrics counts what all workers did, whichever answers', async () => {
  await using installation = await createInstallation();
  const server = await serveByTwo(installation);
  for (let request = 0; request < 6; request++) await server.request('/healthz');
  for (let asker = 0; asker < 2; asker++) {
    const { text } = await server.request('/metrics');
    const count = /^rollcall_http_request_duration_seconds_count\{route="\/healthz",.*\} (\d+)$/m.exec(text)?.[1];
    expect(count).toBe('6');
    expect(text.match(/^nodejs_version_info/gm)).toHaveLength(1);
  }
});

test('a key that is revoked is refused by all workers', async () => {
  await using installation = await createInstallation();
  const server = await serveByTwo(installation);
  await installation.createOrganization('acme');
  const { id, key } = await installation.json<{ id: string; key: string }>(
    'key',
    'create',
    '--org',
    'acme',
    '--name',
    'k',
  );
  const statuses = async () => {
    const replies = await Promise.all(Array.from({ length: 4 }, () => server.request('/v1/users', { key })));
    return new Set(replies.map(({ status }) => status));
  };
  expect(await statuses()).toEqual(new Set([200]));
  await installation.run('key', 'revoke', id);
  expect(await statuses()).toEqual(new Set([401]));
});

test('told to stop, all workers let their requests finish, and the program ends when they have', async () => {
  await using installation = await createInstallation();
  const server = await serveByTwo(installation);
  const key = await installation.createKey(await installation.createOrganization('acme'));
  const held = await Promise.all([1, 2].map((number) => holdBatch(server.address, key, `E${number}`)));
  server.child.kill('SIGTERM');
  await sleep(100);
  expect(await Promise.all(held.map(({ finish }) => finish()))).toEqual([200, 200]);
  const { code, stderr } = await server.ended;
  expect(code).toBe(0);
  const stopped = readLog(stderr).filter(({ msg }) => msg === 'stopped');
  expect(stopped.map(({ worker }) => worker).toSorted()).toEqual([1, 2]);
  expect(await installation.json('org', 'list')).toMatchObject([{ usersTotal: 2 }]);
});

/** Sends half of a batch; the server is at work on it until the rest is sent. */
async function holdBatch(address: string, key: string, remoteId: string): Promise<{ finish(): Promise<number> }> {
  const body = JSON.stringify({ users: [{ remoteId }] });
  const request = httpRequest(`${address}/v1/users/batch-upsert`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': body.length,
      expect: '100-continue',
    },
  });
  const answered = once(request, 'response');
  request.flushHeaders();
  await once(request, 'continue');
  request.write(body.slice(0, 5));
  return {
    async finish() {
      request.end(body.slice(5));
      const [response] = await answered;
      response.resume();
      return response.statusCode;
    },
  };
}

test('workers whose port is in use say so in one line, as one process does', async () => {
  await using installation = await createInstallation();
  const { address } = await installation.serve();
  const environment = { PORT: new URL(address).port, LOG_LEVEL: 'silent', WORKERS: '2' };
  const { code, stdout, stderr } = await installation.runWith(environment, 'serve');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^rollcall: port \d+ of 127\.0\.0\.1 is in use.*PORT.*\n$/);
});

test.each(['0', '65', 'two', '1.5', '-1'])('WORKERS=%s is refused with the numbers that will do', (text) => {
  expect(() => readConfig({ WORKERS: text })).toThrow(`WORKERS must be a whole number from 1 to 64, not "${text}"`);
});

test('a worker is not to be started by hand', async () => {
  await using installation = await createInstallation();
  const { code, stderr } = await installation.run('worker', '--number', '1');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^rollcall: .*WORKERS.*\n$/);
});
