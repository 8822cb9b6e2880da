import { once } from 'node:events';
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createInstallation, type Installation, type RunningServer } from '../test/support/program.ts';
import { sendRequest } from '../test/support/request.ts';

const BODY = '{"users":[{"remoteId":"E1"}]}';

/** A request that the server is at work on: half of its body has arrived. */
interface HeldRequest {
  /** Sends the rest; answers the status. */
  finish(): Promise<number>;
  readonly broken: Promise<unknown>;
}

async function holdRequest(installation: Installation, { address }: RunningServer): Promise<HeldRequest> {
  const key = await installation.createKey(await installation.createOrganization('acme'));
  const request: ClientRequest = httpRequest(`${address}/v1/users/batch-upsert`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': BODY.length,
      expect: '100-continue',
    },
  });
  const response = once(request, 'response') as Promise<[IncomingMessage]>;
  const broken = response.then(
    () => null,
    (error: unknown) => error,
  );
  request.flushHeaders();
  // The server has the request in hands once it says "continue".
  await once(request, 'continue');
  request.write(BODY.slice(0, 5));
  return {
    broken,
    async finish() {
      request.end(BODY.slice(5));
      const [{ statusCode = 0 }] = await response;
      return statusCode;
    },
  };
}

/** Resolves once the server takes in no more connections: it has begun to stop. */
async function stopBegun({ address }: RunningServer): Promise<void> {
  const { hostname, port } = new URL(address);
  for (;;) {
    const socket = connect(Number(port), hostname);
    const [refused] = await Promise.race([
      once(socket, 'connect').then(() => [false]),
      once(socket, 'error').then(() => [true]),
    ]).catch(() => [true]);
    socket.destroy();
    if (refused) return;
    await sleep(10);
  }
}

test('the ready line stands alone on stdout; each line of the log on stderr is JSON', async () => {
  await using installation = await createInstallation();
  const server = await installation.serve();
  expect((await sendRequest(`${server.address}/healthz`)).status).toBe(200);
  server.child.kill('SIGTERM');
  const { code, stdout, stderr } = await server.ended;
  expect(code).toBe(0);
  expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
  expect(stdout).toBe(`rollcall listening on ${server.address}\n`);
  const messages = stderr
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(messages).toEqual(['listening', 'request', 'stopped']);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s lets a running request finish', async (signal) => {
  await using installation = await createInstallation();
  const server = await installation.serve();
  const held = await holdRequest(installation, server);
  server.child.kill(signal);
  await stopBegun(server);
  expect(await held.finish()).toBe(200);
  expect(await server.ended).toMatchObject({ code: 0 });
  expect(await installation.json('org', 'list')).toMatchObject([{ usersTotal: 1 }]);
});

test('signals that come together are one wish to stop: npm passes a Ctrl-C on that we have had already', async () => {
  await using installation = await createInstallation();
  const server = await installation.serve();
  const held = await holdRequest(installation, server);
  // Two of one kind at the same moment would be delivered as one.
  server.child.kill('SIGINT');
  server.child.kill('SIGTERM');
  await stopBegun(server);
  expect(await held.finish()).toBe(200);
  expect(await server.ended).toMatchObject({ code: 0 });
});

test('a second signal ends the server at once, whatever still runs', async () => {
  await using installation = await createInstallation();
  const server = await installation.serve();
  const held = await holdRequest(installation, server);
  server.child.kill('SIGTERM');
  await stopBegun(server);
  await sleep(300);
  const askedAgainAt = performance.now();
  server.child.kill('SIGINT');
  expect(await server.ended).toMatchObject({ code: 130 });
  expect(performance.now() - askedAgainAt).toBeLessThan(5_000);
  expect(await held.broken).toBeInstanceOf(Error);
});

test('a request that never ends holds the stop up for ten seconds and no longer', async () => {
  await using installation = await createInstallation();
  const server = await installation.serve();
  const held = await holdRequest(installation, server);
  server.child.kill('SIGTERM');
  await stopBegun(server);
  const stoppingAt = performance.now();
  expect(await server.ended).toMatchObject({ code: 0 });
  expect(performance.now() - stoppingAt).toBeGreaterThan(8_000);
  expect(performance.now() - stoppingAt).toBeLessThan(15_000);
  expect(await held.broken).toBeInstanceOf(Error);
});

describe('a server whose log nobody reads', () => {
  /** Makes more lines than any pipe holds. */
  async function fillLog({ address }: RunningServer): Promise<void> {
    const agent = new Agent({ keepAlive: true });
    for (let round = 0; round < 40; round++) {
      const replies = await Promise.all(
        Array.from({ length: 100 }, () => sendRequest(`${address}/healthz`, { agent })),
      );
      for (const { status } of replies) expect(status).toBe(200);
    }
    agent.destroy();
  }

  async function stop({ child }: RunningServer, signal: 'SIGTERM' | 'SIGINT') {
    const exited = once(child, 'exit');
    const askedAt = performance.now();
    child.kill(signal);
    const [code] = await exited;
    return { code, ms: performance.now() - askedAt };
  }

  test('since its reader is gone, answers and stops as ever', async () => {
    await using installation = await createInstallation();
    const server = await installation.serve();
    server.child.stderr.destroy();
    await fillLog(server);
    const { code, ms } = await stop(server, 'SIGINT');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5_000);
  });

  test('since its reader has stalled, answers and stops as ever', async () => {
    await using installation = await createInstallation();
    const server = await installation.serve();
    server.child.stderr.pause();
    await fillLog(server);
    const { code, ms } = await stop(server, 'SIGTERM');
    server.child.stderr.resume();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5_000);
  });

  test('ends at once with a second signal', async () => {
    await using installation = await createInstallation();
    const server = await installation.serve();
    server.child.stderr.pause();
    await fillLog(server);
    await holdRequest(installation, server);
    server.child.kill('SIGTERM');
    await stopBegun(server);
    await sleep(300);
    const { code, ms } = await stop(server, 'SIGINT');
    server.child.stderr.resume();
    expect(code).toBe(130);
    expect(ms).toBeLessThan(5_000);
  });
});

test('a port that is in use is named in one line, with what to do', async () => {
  await using installation = await createInstallation();
  const { address } = await installation.serve();
  const { port } = new URL(address);
  const { code, stdout, stderr } = await installation.runWith({ PORT: port, LOG_LEVEL: 'silent' }, 'serve');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^rollcall: port ${port} .* in use.*PORT.*\n$`));
});

test('a host that is not of this machine is named in one line, with what to do', async () => {
  await using installation = await createInstallation();
  // 192.0.2.0/24 is kept for documentation (RFC 5737): nobody has such an address.
  const { code, stdout, stderr } = await installation.runWith({ HOST: '192.0.2.1' }, 'serve');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^rollcall: HOST "192\.0\.2\.1".*\n$/);
});
