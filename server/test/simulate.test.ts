import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { Completion } from '@rollcall/contract/completions.ts';
import { afterAll, expect, test } from 'vitest';
import { behaviours } from '../commands/simulate/behaviours.ts';
import { makePlan } from '../commands/simulate/plan.ts';
import { runSimulation } from '../commands/simulate/simulate.ts';
import { createInstallation } from './support/program.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

/** With the last of them, all of a group are there before the start. */
const SEEDS = [...Array.from({ length: 20 }, (_, index) => String(index + 1)), 'e0'];
const SCOPES = ['manage', 'users:write', 'completions:read'] as const;
/** Some hundred requests each, several at once: seconds, but minutes where the machine has much else to do. */
const PLAY_MS_MAX = 300_000;
const ONE = { sessions: 1, participants: 5 };

async function makeKey(): Promise<string> {
  const organization = await server.createOrganization({ isTest: true });
  return (await organization.createKey({ scopes: SCOPES })).key;
}

test.concurrent.each(SEEDS)(
  'what people do in rooms comes out as completions, as counted by hand: seed %s',
  async (seed) => {
    const simulation = await runSimulation({ url: server.address, key: await makeKey(), seed, ...ONE });
    expect(simulation.differences).toEqual([]);
    expect(simulation.expected.length).toBeGreaterThan(0);
  },
  PLAY_MS_MAX,
);

test(
  'several sessions one after another: who is deactivated in one has lost the seats in those to come',
  async () => {
    const seed = SEEDS.find((one) => {
      const [first] = makePlan(one, 2, 8).sessions;
      return first?.participants.some(({ behaviour, outAt }) => behaviour === 'deactivated' && outAt !== null);
    });
    const plan = makePlan(seed ?? '', 2, 8);
    const { expected, differences } = await runSimulation({
      url: server.address,
      key: await makeKey(),
      seed: seed ?? '',
      sessions: 2,
      participants: 8,
    });
    expect(differences).toEqual([]);
    const lost = plan.sessions.flatMap(({ participants }) =>
      participants.filter(({ behaviour }) => behaviour === 'gone' || behaviour === 'cancelled'),
    );
    expect(lost.some(({ behaviour }) => behaviour === 'gone')).toBe(true);
    expect(expected).toHaveLength(16 - lost.length);
  },
  PLAY_MS_MAX,
);

test('these seeds meet every behaviour, and groups that end, begin early or cannot, go back and have no steps', () => {
  const sessions = SEEDS.flatMap((seed) => makePlan(seed, 1, 5).sessions);
  const met = new Set(sessions.flatMap(({ participants }) => participants.map(({ behaviour }) => behaviour)));
  expect([...met].toSorted()).toEqual([...behaviours].toSorted());
  expect(sessions.some(({ end }) => end !== null)).toBe(true);
  expect(sessions.some(({ moves }) => moves[0]?.from === null)).toBe(true);
  expect(sessions.some(({ tooSoon }) => tooSoon !== null)).toBe(true);
  expect(sessions.some(({ moves }) => moves.some(({ from, step }) => from !== null && step < from))).toBe(true);
  expect(SEEDS.some((seed) => makePlan(seed, 1, 5).steps === 0)).toBe(true);
});

test('the same seed plays the same, another one something else', () => {
  expect(makePlan('a', 2, 5)).toEqual(makePlan('a', 2, 5));
  expect(makePlan('a', 2, 5)).not.toEqual(makePlan('b', 2, 5));
});

/** A server between the simulator and the real one that has one more minute in each completion. */
async function startLiar(address: string): Promise<{ server: Server; url: string }> {
  const liar = createServer((request, response) => {
    void answer(request).then(async (reply) => {
      response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? 'text/plain' });
      if (!request.url?.startsWith('/v1/completions')) return Readable.fromWeb(reply.body as never).pipe(response);
      const completions = (await reply.json()) as Completion[];
      const lies = completions.map((completion) => ({
        ...completion,
        timeInSessionMins: completion.timeInSessionMins + 1,
      }));
      return response.end(JSON.stringify(lies));
    });
  });
  const answer = async (request: IncomingMessage) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { authorization, 'content-type': type } = request.headers;
    const headers = { ...(authorization && { authorization }), ...(type && { 'content-type': type }) };
    const body = chunks.length === 0 ? undefined : Buffer.concat(chunks);
    return fetch(address + request.url, { method: request.method ?? 'GET', headers, ...(body && { body }) });
  };
  await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
  return { server: liar, url: `http://127.0.0.1:${(liar.address() as AddressInfo).port}` };
}

test(
  'from the command line: 0 and the expected completions where the server agrees, 1 and each difference where not',
  async () => {
    await using installation = await createInstallation();
    const { address } = await installation.serve();
    await installation.run('org', 'create', 'play', '--name', 'Play', '--test');
    const scopes = SCOPES.flatMap((scope) => ['--scope', scope]);
    const { key } = await installation.json<{ key: string }>(
      'key',
      'create',
      '--org',
      'play',
      '--name',
      'S',
      ...scopes,
    );
    const argv = (url: string) => ['simulate', '--url', url, '--key', key, '--seed', '3', '--sessions', '1'];
    const good = await installation.run(...argv(address), '--participants', '3');
    expect(good).toMatchObject({ code: 0, stderr: expect.stringContaining('The server agrees: 3 completions.') });
    expect(good.stdout.split('\n')[0]).toMatch(/^SESSION +WHO +BEHAVIOUR +ATTENDED/);

    const liar = await startLiar(address);
    const bad = await installation.run(...argv(liar.url), '--participants', '3', '--json');
    liar.server.closeAllConnections();
    liar.server.close();
    expect(bad).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^rollcall: the server disagrees in \d+ places$/m),
    });
    const { expected, differences } = JSON.parse(bad.stdout) as {
      expected: { behaviour: string; completion: Completion }[];
      differences: string[];
    };
    expect(expected).toHaveLength(3);
    for (const { completion } of expected) {
      const minutes = completion.timeInSessionMins;
      expect(differences).toContainEqual(
        expect.stringMatching(`timeInSessionMins is ${minutes + 1}, expected ${minutes}$`),
      );
    }
  },
  PLAY_MS_MAX,
);

test('an organization that is not for tests is left alone, and told how to make one that is', async () => {
  const organization = await server.createOrganization();
  const { key } = await organization.createKey({ scopes: SCOPES });
  await expect(runSimulation({ url: server.address, key, seed: '1', ...ONE })).rejects.toThrow(/--test/);
});

test('wrong usage is told from failure', async () => {
  await using installation = await createInstallation();
  const outcomes = await Promise.all([
    installation.run('simulate', '--key', 'k'),
    installation.run('simulate', '--url', 'nowhere', '--key', 'k'),
    installation.run('simulate', '--url', 'http://127.0.0.1:1', '--key', 'k', '--sessions', '0'),
    installation.run('simulate', '--url', 'http://127.0.0.1:1', '--key', 'k'),
  ]);
  expect(outcomes.map(({ code }) => code)).toEqual([2, 2, 2, 1]);
});
