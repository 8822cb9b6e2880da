import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { ClusterList } from '@rollcall/contract/clusters.ts';
import type { Completion } from '@rollcall/contract/completions.ts';
import type { BatchResult, UserPage } from '@rollcall/contract/users.ts';
import { expect, test } from 'vitest';
import { makeDemo } from '../demo/make-demo.ts';
import { listApiKeys } from '../store/api-keys.ts';
import { findOrganization, listOrganizations } from '../store/organizations.ts';
import { testEngine } from './support/engine.ts';
import { brokenInvariants } from './support/invariants.ts';
import { createInstallation, type Installation } from './support/program.ts';
import { sendRequest } from './support/request.ts';
import { startTestServer } from './support/test-server.ts';

const execute = promisify(execFile);

/** `npm start`, until it has said all that it has to say. */
async function start(installation: Installation, ...options: string[]) {
  const { child, ended, firstLine } = installation.spawn(['start', ...options]);
  let output = '';
  const told = new Promise<void>((resolve) => {
    child.stdout.on('data', (text: string) => {
      output += text;
      if (/^(Ctrl-C|\s+(DATA_DIR=\S+ )?npm run .* key create)/m.test(output)) resolve();
    });
  });
  await Promise.race([told, ended.then((outcome) => Promise.reject(new Error(JSON.stringify(outcome))))]);
  return {
    output,
    address: (await firstLine).replace('rollcall listening on ', ''),
    async stop() {
      child.kill('SIGTERM');
      expect(await ended).toMatchObject({ code: 0 });
    },
  };
}

const hasCurl = (() => {
  try {
    return execFileSync('curl', ['--version']).length > 0;
  } catch {
    return false;
  }
})();

/** Does what pasting the line into a shell would do; without curl on this machine, what curl would do. */
async function paste(line: string): Promise<unknown> {
  if (hasCurl) return JSON.parse((await execute('sh', ['-c', `${line} --silent --fail-with-body`])).stdout);
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const valuesOf = (flag: string) => words.filter((_, index) => words[index - 1] === flag);
  const headers = valuesOf('-H').map((header) => header.split(': ') as [string, string]);
  const [body] = valuesOf('-d');
  const url = words.find((word) => word.startsWith('http')) ?? '';
  const answer = await fetch(url, { headers, ...(body !== undefined && { method: 'POST', body }) });
  expect(answer.status).toBe(200);
  return answer.json();
}

async function readAll(address: string, key: string) {
  const read = async <T>(path: string) => (await sendRequest(address + path, { key })).json<T>();
  const users = (await read<UserPage>('/v1/users')).data.items;
  const clusters = (await read<ClusterList>('/v1/clusters')).data.items;
  return { users, clusters, completions: await read<Completion[]>('/v1/completions') };
}

test('the first start prints addresses, a key and requests that work as pasted; the next keeps all and makes nothing', async () => {
  await using installation = await createInstallation();
  const first = await start(installation);
  expect(first.output.split('\n')[0]).toMatch(/^rollcall listening on http:\/\/127\.0\.0\.1:\d+$/);
  for (const path of ['/docs', '/openapi.json', '/healthz']) expect(first.output).toContain(first.address + path);
  const key = /^ {2}(rck_\w{36})$/m.exec(first.output)?.[1] ?? '';
  const requests = first.output.split('\n').filter((line) => line.startsWith('curl '));
  expect(requests).toHaveLength(5);
  const answers: unknown[] = [];
  for (const request of requests) answers.push(await paste(request));
  const [users, upserted, deactivated, clusters, completions] = answers as [
    UserPage,
    BatchResult,
    BatchResult,
    ClusterList,
    Completion[],
  ];
  expect(users.data.items[0]).toMatchObject({ firstName: 'Amélie', remoteId: 'E1001', active: true });
  expect(upserted.data).toMatchObject({ success: [{ active: true }, { active: true }], failed: [] });
  expect(deactivated.data).toMatchObject({ success: [{ active: false }], failed: [] });
  expect(clusters.data.total).toBe(8);
  expect(completions.length).toBeGreaterThan(10);
  const before = await readAll(first.address, key);
  expect(before.users).toHaveLength(42);
  await first.stop();

  const second = await start(installation);
  expect(second.output).not.toContain('rck_');
  const after = await readAll(second.address, key);
  const moved = (text: string) => text.replaceAll(first.address, second.address);
  expect(after.users).toEqual(before.users);
  expect(after.completions).toEqual(before.completions);
  expect(after.clusters.map(({ iframeCode }) => iframeCode)).toEqual(
    before.clusters.map(({ iframeCode }) => iframeCode && moved(iframeCode)),
  );
  const command = /^ {2}(?:DATA_DIR='(.+)' )?npm run -s rollcall -- (.+)$/m.exec(second.output);
  // On PostgreSQL the environment's DATABASE_URL says all, and may hold a password.
  expect(command?.[1]).toBe(testEngine() === 'sqlite' ? installation.dataDirectory : undefined);
  const words = [...(command?.[2] ?? '').matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
  const made = await installation.json<{ key: string }>(...words);
  expect(await readAll(second.address, made.key)).toEqual(after);
  await second.stop();
});

test('with --no-demo the server starts on empty data and says how to make an organization', async () => {
  await using installation = await createInstallation();
  const { output, stop } = await start(installation, '--no-demo');
  expect(output).toContain('org create');
  expect(await installation.json('org', 'list')).toEqual([]);
  await stop();
});

test('where there is an organization already, no demo is made', async () => {
  await using server = await startTestServer();
  await server.createOrganization();
  expect(await makeDemo({ database: server.database, now: server.clock.now }, server.address)).toBeNull();
  expect(await listOrganizations(server.database.reader)).toHaveLength(1);
});

test('two processes that start on the same empty data make one demo', async () => {
  await using server = await startTestServer();
  const { database, clock, address } = server;
  const demos = await Promise.all([1, 2].map(() => makeDemo({ database, now: clock.now }, address)));
  expect(demos.filter((demo) => demo === null)).toHaveLength(1);
  expect(await listOrganizations(database.reader)).toMatchObject([{ slug: 'demo', usersTotal: 40 }]);
});

test('a demo that fails half-way leaves nothing, and the next attempt makes all of it', async () => {
  await using server = await startTestServer();
  const { database, clock } = server;
  let calls = 0;
  const failing = () => {
    calls++;
    if (calls > 2) throw new Error('pulled the plug');
    return clock.now();
  };
  await expect(makeDemo({ database, now: failing }, server.address)).rejects.toThrow('pulled the plug');
  expect(await listOrganizations(database.reader)).toEqual([]);
  expect(await makeDemo({ database, now: clock.now }, server.address)).toMatchObject({ users: 40, modules: 6 });
});

/** The demo as its key reads it, made at this moment. */
async function demoAt(moment: string) {
  await using server = await startTestServer();
  const { database, clock, address } = server;
  clock.set(Date.parse(moment));
  const demo = await makeDemo({ database, now: clock.now }, address);
  const organization = await findOrganization('demo', database.reader);
  if (!demo || !organization) throw new Error('no demo was made');
  const faults = await brokenInvariants(database, organization.id);
  const keys = await listApiKeys(organization.id, database.reader);
  const { kysely } = database.reader;
  const sessions = await kysely.selectFrom('sessions').selectAll().orderBy('scheduled_start_at').execute();
  const registrations = await kysely.selectFrom('registrations').selectAll().execute();
  const events = await kysely.selectFrom('events').selectAll().orderBy('number').execute();
  const read = await readAll(address, demo.key);
  const picture = await sendRequest(read.clusters[0]?.moduleThumbnailUrl ?? '');
  return { ...read, organization, faults, keys, sessions, registrations, events, picture };
}

test('the demo shows the figures of the reference: 14:02 to 14:55 are 53 minutes, 8 of 10 steps are 80 percent', async () => {
  const { completions } = await demoAt('2026-11-24T11:17:31.250Z');
  const sample = completions.filter(({ timeInSessionMins }) => timeInSessionMins === 53);
  expect(sample).toContainEqual(
    expect.objectContaining({
      remoteUserId: 'E1001',
      moduleName: 'Feedback people can use',
      duration: 60,
      attended: true,
      sessionScheduledStartAt: '2026-11-06T14:00:00Z',
      sessionScheduledEndAt: '2026-11-06T15:00:00Z',
      participantFirstVisitedAt: '2026-11-06T14:02:00Z',
      participantLastVisitedAt: '2026-11-06T14:55:00Z',
      timeInSessionMins: 53,
      stepsVisited: 8,
      totalSteps: 10,
      percentageStepsVisited: 80,
    }),
  );
});

test('the demo has something of all that happens', async () => {
  const demo = await demoAt('2026-11-24T11:17:31.250Z');
  const { users, clusters, completions, sessions, registrations } = demo;
  expect(demo.faults).toEqual([]);
  expect(demo.organization.trustedDomains).toBeNull();
  expect(demo.keys).toMatchObject([{ name: 'Demo key', expiresAt: null }]);
  expect(users).toHaveLength(40);
  expect(users.filter(({ active }) => !active)).toHaveLength(3);
  expect(clusters.filter(({ iframeCode }) => iframeCode)).toHaveLength(5);
  expect(clusters).toHaveLength(8);
  expect(sessions.filter(({ state }) => state === 'ended')).toHaveLength(13);
  expect(sessions.filter(({ state }) => state === 'scheduled')).toHaveLength(11);
  expect(registrations.filter((registration) => registration.cancelled_at !== null)).toHaveLength(1);
  const minutes = (from: string | null, to: string) => (Date.parse(from ?? '') - Date.parse(to)) / 60_000;
  const some = (what: (completion: Completion) => boolean) => completions.some(what);
  const seen = {
    noShow: some(({ attended }) => !attended),
    late: some((c) => minutes(c.participantFirstVisitedAt, c.sessionScheduledStartAt) > 5),
    leftEarly: some((c) => minutes(c.participantLastVisitedAt, c.sessionScheduledEndAt) < -10),
    stayedOn: some((c) => minutes(c.participantLastVisitedAt, c.sessionScheduledEndAt) > 2),
    away: some((c) => minutes(c.participantLastVisitedAt, c.participantFirstVisitedAt ?? '') > c.timeInSessionMins + 3),
    everyStep: some(({ percentageStepsVisited }) => percentageStepsVisited === 100),
    notEveryStep: some(({ percentageStepsVisited }) => percentageStepsVisited < 60),
  };
  expect(Object.entries(seen).filter(([, isThere]) => !isThere)).toEqual([]);
});

test('the pictures of the demo are served, and can do nothing when opened by themselves', async () => {
  const { picture } = await demoAt('2026-11-24T11:17:31.250Z');
  expect(picture).toMatchObject({
    status: 200,
    headers: { 'content-type': 'image/svg+xml', 'x-content-type-options': 'nosniff' },
    text: expect.stringMatching(/^<svg /),
  });
  expect(picture.headers['content-security-policy']).toContain("default-src 'none'");
  await using server = await startTestServer();
  for (const name of ['none.svg', '..%2fpeople.ts', 'Spot-the-hook.svg', '%00.svg']) {
    expect(await server.request(`/thumbnails/${name}`)).toMatchObject({ status: 404 });
  }
});

test.each(['2026-11-24T11:17:31.250Z', '2026-11-24T23:59:59.999Z'])(
  'the demo of a day is always the same: %s',
  async (moment) => {
    const facts = ({ completions }: { completions: Completion[] }) =>
      completions
        .map((c) =>
          [c.remoteUserId, c.sessionScheduledStartAt, c.participantFirstVisitedAt, c.timeInSessionMins].join(' '),
        )
        .toSorted();
    const [one, other] = [await demoAt('2026-11-24T00:00:00Z'), await demoAt(moment)];
    expect(facts(one)).toEqual(facts(other));
  },
);

test.each([
  '2027-01-01T00:00:00Z',
  '2028-02-29T12:00:00Z',
  '2026-03-28T23:30:00Z',
  '2026-03-29T01:30:00Z',
  '2026-10-26T05:00:00Z',
])('the demo can be made on any day, and tells of the past in the order of time: %s', async (moment) => {
  const { completions, events, sessions, faults } = await demoAt(moment);
  const now = Date.parse(moment);
  expect(faults).toEqual([]);
  for (const session of sessions) {
    const start = new Date(Number(session.scheduled_start_at));
    expect([1, 2, 3, 4, 5]).toContain(start.getUTCDay());
    expect([session.state, Number(session.created_at) < now]).toEqual([
      Number(start) < now ? 'ended' : 'scheduled',
      true,
    ]);
  }
  const times = events.slice(1, -1).map((event) => Number(event.created_at));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.every((at) => at < now)).toBe(true);
  expect(completions.some((c) => c.timeInSessionMins === 53 && c.stepsVisited === 8)).toBe(true);
});
